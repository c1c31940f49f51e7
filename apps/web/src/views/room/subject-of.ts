import { entryAt, isSaid, type MarkedEntry, type Room } from '@bongsu/client'

/** The entry that a message answers. `gone`: erased for everyone or for the reader, or unavailable. Null: not loaded yet. */
export function subjectOf(room: Room, seq: number, hidden: ReadonlySet<number>): MarkedEntry | 'gone' | null {
  if (hidden.has(seq) || seq < room.membership.joinedSeq || room.apart.get(seq) === null) return 'gone'
  const entry = entryAt(room, seq)
  if (entry === undefined) return null
  return isSaid(entry) ? entry : 'gone'
}
