import { entryAt, isSaid, type MarkedEntry, type Room } from '@bongsu/client'
import type { Entry } from '@bongsu/protocol'

/** The entry that a message answers. `gone`: erased for everyone or for the reader, or unavailable. `blocked`: of a blocked person. Null: not loaded yet. */
export function subjectOf(
  room: Room,
  seq: number,
  hidden: ReadonlySet<number>,
  isClosed: (entry: Entry) => boolean,
): MarkedEntry | 'gone' | 'blocked' | null {
  if (hidden.has(seq) || seq < room.membership.joinedSeq || room.apart.get(seq) === null) return 'gone'
  const entry = entryAt(room, seq)
  if (entry === undefined) return null
  if (isClosed(entry)) return 'blocked'
  return isSaid(entry) ? entry : 'gone'
}
