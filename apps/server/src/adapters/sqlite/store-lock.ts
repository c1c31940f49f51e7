import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { faultOf } from './sqlite-faults.ts'

/** SQLITE_BUSY: somebody else holds the lock. */
const BUSY = 5

/**
 * Holds the data directory for this process alone. Two servers on one database would each push only their own messages and each think
 * itself the only writer. The lock is SQLite's own on an empty database beside the real one: the system lets go of it when the process
 * ends, however it ends [O4], and backups and shells can still read the real one.
 *
 * @returns a function that lets go.
 */
export function lockStore(file: string): () => void {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    // By name, never by opening it: closing any handle of a file lets go of all POSIX locks this process has on it.
    chmodSync(file, 0o600)
    // Nothing is ever written to it, so it needs no journal beside it.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const { errcode } = faultOf(error)
    if (errcode === null || (errcode & 0xff) !== BUSY) throw error
    throw new Error(`Another Bongsu server uses this data directory (${file} is locked). Stop it first, or give this one its own directory.`, {
      cause: error,
    })
  }
  return () => {
    if (lock.isOpen) lock.close()
  }
}
