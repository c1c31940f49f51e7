import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'

/** How long one statement waits for the other program's lock. Appends take a few ms each, so this long means that somebody hangs. */
export const lockWaitMs = 5_000
/** The write-ahead log is folded in after this many pages of 4 KiB, and its file is cut back to as much. */
const checkpointPages = 500
const cacheKiB = 8_192

/** Marks the file as a record of ours: 'bngr' in ASCII. */
export const applicationId = 0x626e6772

export function openToWrite(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: lockWaitMs, enableDoubleQuotedStringLiterals: false })
  try {
    const mode = db.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode?: string } | undefined
    assert(mode?.journal_mode === 'wal', `the file system under ${file} cannot hold a write-ahead log`)
    // FULL: each commit is on the disk before append returns. The fullfsync settings matter on macOS alone.
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

/** A connection that can never write, whatever statement it is given. */
export function openToRead(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: lockWaitMs, readOnly: true, enableDoubleQuotedStringLiterals: false })
  db.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY`)
  return db
}
