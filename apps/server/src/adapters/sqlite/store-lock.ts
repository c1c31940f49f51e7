import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { faultOf } from './sqlite-faults.ts'

/** Another process holds the data directory. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked'
}

/** SQLITE_BUSY: another process holds the lock. */
const BUSY = 5

/**
 * Holds the data directory for this process alone. Two servers on one database would each push only their own messages, and each assume to be the
 * only writer. The lock is an SQLite lock on an empty database beside the real one: the system releases it when the process ends in any way [O4], and
 * backups and shells can still read the real one.
 *
 * @returns a function that releases the lock.
 */
export function lockStore(file: string): () => void {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    // By name, without opening the file: closing any handle of a file releases all POSIX locks of this process on it.
    chmodSync(file, 0o600)
    // Nothing is ever written to this file, so it needs no journal.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const { errcode } = faultOf(error)
    if (errcode === null || (errcode & 0xff) !== BUSY) throw error
    throw new StoreLocked(`Another Bongsu server uses this data directory (${file} is locked). Stop it first, or give this one its own directory.`, {
      cause: error,
    })
  }
  return () => {
    if (lock.isOpen) lock.close()
  }
}
