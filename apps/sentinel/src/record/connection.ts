import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** How long one statement waits for the lock of another program. An append takes a few ms, so a longer wait means that the other program hangs. */
export const lockWaitMs = 5_000
/** Size in pages of 4 KiB at which the write-ahead log is checkpointed, and to which its file is then truncated. */
const checkpointPages = 500
const cacheKiB = 8_192

/** A write-ahead log of this size or less holds no commits. */
const walHeaderBytes = 32

/** Marks the file as a record of Bongsu: 'bngr' in ASCII. */
export const applicationId = 0x626e6772

export function openToWrite(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: lockWaitMs, enableDoubleQuotedStringLiterals: false })
  try {
    const mode = db.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode?: string } | undefined
    assert(mode?.journal_mode === 'wal', `the file system under ${file} does not support a write-ahead log`)
    // FULL: each commit is on the disk before append returns. The fullfsync settings matter only on macOS.
    db.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA cache_size = -${cacheKiB};
      PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA journal_size_limit = ${checkpointPages * 4_096};
      PRAGMA temp_store = MEMORY;
    `)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection that cannot write, whatever statement it executes. */
export function openToRead(file: string): DatabaseSync {
  return prepared(
    new DatabaseSync(file, { timeout: lockWaitMs, readOnly: true, enableDoubleQuotedStringLiterals: false }),
    `PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY`,
  )
}

/**
 * Opens a file for reading on a disk that takes nothing: SQLite must create no file beside it. With an empty write-ahead log the file is complete.
 * Otherwise the index of the log is built in memory, which excludes other programs until the connection is closed.
 */
export function openWithoutRoom(file: string): DatabaseSync {
  const settings = { timeout: lockWaitMs, enableDoubleQuotedStringLiterals: false } as const
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= walHeaderBytes)
    return new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { ...settings, readOnly: true })
  return prepared(new DatabaseSync(file, settings), 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY')
}

/** A connection left open by a failure would keep its locks. */
function prepared(db: DatabaseSync, sql: string): DatabaseSync {
  try {
    db.exec(sql)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
