import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { whenRoom } from './room.ts'
import { faultOf, RecordLocked } from './unavailable.ts'

/** How long a start waits for the lock: another process may be asking at this moment whether a sentinel runs. */
const lockWaitMs = 500

/** Referenced here so that the garbage collector does not close the connection and silently release the lock. */
const held = new Set<DatabaseSync>()

/**
 * Makes this process the only sentinel of the directory: two sentinels would each open an incident for the same fault. The lock is an SQLite lock on
 * an empty file beside the record, and the system releases it when the process ends in any way. Operator commands do not need the lock.
 *
 * @returns a function that releases the lock.
 */
export function lockRecord(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = lockFile(directory)
  const db = new DatabaseSync(file, { timeout: lockWaitMs })
  try {
    chmodSync(file, 0o600)
    // Nothing is ever written to this file, so it needs no journal.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (faultOf(cause) !== 'locked') throw cause
    throw new RecordLocked(`Another sentinel already uses ${directory}. Stop it first, or give this one its own folder (BONGSU_STATUS_DATA).`, {
      cause,
    })
  }
  held.add(db)
  return () => {
    if (held.delete(db)) db.close()
  }
}

export function sentinelRuns(directory: string): boolean {
  const file = lockFile(directory)
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false
  const db = new DatabaseSync(file, { timeout: 0, readOnly: true })
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (faultOf(error) === 'locked') return true
    throw error
  } finally {
    db.close()
  }
}

function lockFile(directory: string): string {
  return join(directory, 'lock.db')
}

/**
 * Locks the folder of a sentinel. If the disk takes no lock file, one warning is logged and the lock is tried again until it succeeds.
 *
 * @returns a function that releases the lock.
 * @throws RecordLocked as lockRecord does. Thrown from a timer when another sentinel got the lock first: two sentinels that both started without a
 * lock must not both continue.
 */
export function holdLock(directory: string, clock: Clock, log: Log): () => void {
  let unlock = (): void => undefined
  const words = 'The disk cannot be written. The sentinel observes all the same, but without a lock against a second one in the same folder.'
  const stop = whenRoom(directory, clock, log, words, () => (unlock = lockRecord(directory)))
  return () => {
    stop()
    unlock()
  }
}
