import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { faultOf } from './unavailable.ts'

/** How long a start waits: somebody may just be asking whether a sentinel runs. */
const lockWaitMs = 500

/** Held here as well: a connection that nobody refers to is closed by the collector, and its lock is gone without a word. */
const held = new Set<DatabaseSync>()

/** Another sentinel works over this record. */
export class RecordLocked extends Error {
  override readonly name = 'RecordLocked'
}

/**
 * Makes this process the only sentinel of the directory: two would each open incidents for the same fault. The lock is SQLite's own on an empty file
 * beside the record; the system lets go of it when the process ends, however it ends. A person's commands do not take it.
 *
 * @returns a function that lets go.
 */
export function lockRecord(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = lockFile(directory)
  const db = new DatabaseSync(file, { timeout: lockWaitMs })
  try {
    chmodSync(file, 0o600)
    // Nothing is ever written to it, so it needs no journal beside it.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (faultOf(cause) !== 'locked') throw cause
    throw new RecordLocked(`Another sentinel already works over ${directory}. Stop it first, or give this one its own folder (BONGSU_STATUS_DATA).`, {
      cause,
    })
  }
  held.add(db)
  return () => {
    if (held.delete(db)) db.close()
  }
}

/** Does a sentinel hold this directory now? */
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
