import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { lockRecord } from './lock.ts'
import { ROOM_EVERY_MS, wantOfRoom, wantsRoom } from './room.ts'

/**
 * Locks the folder of a sentinel that needs nothing else of its disk. One that takes nothing is told of once, and asked again until it takes the lock.
 *
 * @returns a function that lets go.
 * @throws RecordLocked as lockRecord does. Later, out of the clock, when another was quicker: two that both went without may not go on together.
 */
export function holdLock(directory: string, clock: Clock, log: Log): () => void {
  try {
    return lockRecord(directory)
  } catch (cause) {
    if (!wantsRoom(cause, directory)) throw cause
    log.warn('The disk takes nothing. This place observes and reports all the same; that it does so alone is not made sure until it does.', cause)
  }
  let release = clock.every(ROOM_EVERY_MS, () => {
    // Asked first: a database that could not be opened leaves handles behind until they are collected.
    if (wantOfRoom(directory) !== null) return
    try {
      const locked = lockRecord(directory)
      release()
      release = locked
    } catch (again) {
      if (wantsRoom(again, directory)) return
      throw again
    }
    log.note('The disk takes something again.')
  })
  return () => release()
}
