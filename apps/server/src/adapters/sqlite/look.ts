import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { walHeaderBytes } from './check-file.ts'
import { lockWaitMs, one } from './connection.ts'

/**
 * Opens the database for reading alone on a disk that takes nothing [O4]. SQLite keeps an index of the write-ahead log in a file beside it, which may
 * be missing and cannot be created now. The connection must be closed before another one writes.
 */
export function openToLook(file: string): DatabaseSync {
  const common = { timeout: lockWaitMs, enableDoubleQuotedStringLiterals: false }
  // Without a write-ahead log the file is complete, and needs no index.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= walHeaderBytes)
    return tried(new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { ...common, readOnly: true }), '')
  try {
    return tried(new DatabaseSync(file, { ...common, readOnly: true }), '')
  } catch {
    // Alone with the file, SQLite keeps the index in memory.
    return tried(new DatabaseSync(file, common), 'PRAGMA query_only = ON; PRAGMA locking_mode = EXCLUSIVE')
  }
}

/** SQLite opens its files at the first statement. */
function tried(db: DatabaseSync, pragmas: string): DatabaseSync {
  try {
    db.exec(pragmas)
    one(db.prepare('SELECT count(*) FROM sqlite_schema'))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
