import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'

/** How long one statement waits for the lock of another program. An append takes a few ms, so a longer wait means that the other program hangs. */
export const lockWaitMs = 5_000
/** Size in pages of 4 KiB at which the write-ahead log is checkpointed, and to which its file is then truncated. */
const checkpointPages = 500
const cacheKiB = 8_192

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
  const db = new DatabaseSync(file, { timeout: lockWaitMs, readOnly: true, enableDoubleQuotedStringLiterals: false })
  db.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY`)
  return db
}
