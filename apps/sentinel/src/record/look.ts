import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { statSync } from 'node:fs'
import { checkRecordFile, walHeaderBytes } from './check-record-file.ts'
import { openToRead } from './connection.ts'
import { loadMigrations, migrate } from './migrations.ts'
import { recordFile, recordIsThere } from './open-record.ts'
import { SqliteRecord } from './sqlite-record.ts'
import { RecordUnavailable, translated } from './unavailable.ts'

/** A record on a disk that takes nothing: it can be read, and it refuses every write as the disk does. */
export interface RecordLook {
  readonly record: SqliteRecord
  /** False when the stored entries cannot be read now. The record then appears empty. */
  readonly isRead: boolean
}

/** @throws RecordUnusable as openRecord does, as far as this can be seen without writing. */
export function openToLook(directory: string): RecordLook {
  const file = recordFile(directory)
  if (!recordIsThere(directory)) return { record: emptyRecord(), isRead: true }
  // With an empty write-ahead log the file is complete, and SQLite can open it without creating files beside it, for which there is no room. No other
  // process writes while the disk is full, and the process that finds room replaces this reader soon.
  const open = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= walHeaderBytes ? openUnchanging : openToRead
  try {
    checkRecordFile(file, loadMigrations(), open)
    return { record: translated(() => new SqliteRecord(open(file), file)), isRead: true }
  } catch (cause) {
    if (!(cause instanceof RecordUnavailable)) throw cause
    return { record: emptyRecord(), isRead: false }
  }
}

function openUnchanging(file: string): DatabaseSync {
  return new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true, enableDoubleQuotedStringLiterals: false })
}

function emptyRecord(): SqliteRecord {
  const db = new DatabaseSync(':memory:')
  migrate(db, loadMigrations(), 0)
  db.exec('PRAGMA query_only = ON')
  return new SqliteRecord(db, ':memory:')
}
