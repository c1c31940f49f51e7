import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../clock.ts'
import { checkRecordFile } from './check-record-file.ts'
import { applicationId, openToWrite, openWithoutRoom } from './connection.ts'
import { loadMigrations, migrate, type Migration } from './migrations.ts'
import { openWhenRoom } from './room.ts'
import { SqliteRecord } from './sqlite-record.ts'
import { RecordUnusable, translated } from './unavailable.ts'

export interface OpenRecordOptions {
  /** Used only for the dates of migrations. */
  readonly clock?: Pick<Clock, 'now'>
  /** False: the record must exist. A command with a mistyped folder must not write into a new, empty record. */
  readonly create?: boolean
  readonly migrations?: readonly Migration[]
}

export function recordFile(directory: string): string {
  return join(directory, 'record.db')
}

/** Whether a record is in this directory, sound or not. */
export function recordIsThere(directory: string): boolean {
  const file = recordFile(directory)
  return [file, `${file}-wal`].some((name) => statSync(name, { throwIfNoEntry: false }) !== undefined)
}

/**
 * Opens the record of a directory, and creates it when there is none. Several processes may have it open.
 *
 * @throws RecordUnusable when the file is damaged, cut short, newer than this program or not a record of Bongsu. The file is left untouched, and the
 * message says what to do.
 * @throws RecordUnavailable when the disk is full or the file is locked for too long.
 */
export function openRecord(directory: string, options: OpenRecordOptions = {}): SqliteRecord {
  return new SqliteRecord(openFile(directory, options), recordFile(directory))
}

/** As openRecord. On a disk that takes nothing the record can be read all the same, a missing one appears empty, and every write is refused. */
export function openRecordAnyway(directory: string, clock: Pick<Clock, 'now' | 'monotonic'>): SqliteRecord {
  const file = recordFile(directory)
  function look(): DatabaseSync {
    if (recordIsThere(directory)) {
      checkRecordFile(file, loadMigrations(), openWithoutRoom)
      return openWithoutRoom(file)
    }
    const db = new DatabaseSync(':memory:')
    migrate(db, loadMigrations(), 0)
    db.exec('PRAGMA query_only = ON')
    return db
  }
  return openWhenRoom(
    directory,
    clock,
    () => openRecord(directory, { clock }),
    () => new SqliteRecord(translated(look), file),
  )
}

function openFile(directory: string, { clock = { now: Date.now }, create = true, migrations = loadMigrations() }: OpenRecordOptions): DatabaseSync {
  const file = recordFile(directory)
  if (!recordIsThere(directory)) {
    if (!create) throw new RecordUnusable(`There is no record in ${directory}.`)
    translated(() => makeRecord(directory, file, migrations, clock.now()))
  }
  checkRecordFile(file, migrations)
  return translated(() => {
    const db = openToWrite(file)
    try {
      migrate(db, migrations, clock.now())
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/**
 * Creates the record under a temporary name and links it when it is complete: neither a killed start nor two simultaneous first starts leave half a
 * record.
 */
function makeRecord(directory: string, file: string, migrations: readonly Migration[], now: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.new`
  const drafts = [draft, `${draft}-wal`, `${draft}-shm`]
  for (const name of drafts) rmSync(name, { force: true })
  try {
    closeSync(openSync(draft, 'a', 0o600))
    chmodSync(draft, 0o600)
    const db = openToWrite(draft)
    try {
      db.exec(`PRAGMA application_id = ${applicationId}`)
      migrate(db, migrations, now)
    } finally {
      db.close()
    }
    linkSync(draft, file)
    syncDirectory(directory)
  } catch (error) {
    // Another process created the record first. That record is used.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    for (const name of drafts) rmSync(name, { force: true })
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
