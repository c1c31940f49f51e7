import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { lockRecord } from './lock.ts'
import { ROOM_EVERY_MS, wantOfRoom, wantsRoom } from './room.ts'

/**
 * Locks the folder of a sentinel that needs nothing else from its disk. If the disk takes no lock file, one warning is logged and the lock is tried
 * again until it succeeds.
 *
 * @returns a function that releases the lock.
 * @throws RecordLocked as lockRecord does. Thrown from a timer when another sentinel got the lock first: two sentinels that both started without a
 * lock must not both continue.
 */
export function holdLock(directory: string, clock: Clock, log: Log): () => void {
  try {
    return lockRecord(directory)
  } catch (cause) {
    if (!wantsRoom(cause, directory)) throw cause
    log.warn(
      'The disk cannot be written. This post observes and reports all the same, but without a lock against a second one in the same folder.',
      cause,
    )
  }
  let release = clock.every(ROOM_EVERY_MS, () => {
    // Asked before opening: a database that failed to open keeps its handles until the garbage collector runs.
    if (wantOfRoom(directory) !== null) return
    try {
      const locked = lockRecord(directory)
      release()
      release = locked
    } catch (again) {
      if (wantsRoom(again, directory)) return
      throw again
    }
    log.note('The disk can be written again.')
  })
  return () => release()
}
