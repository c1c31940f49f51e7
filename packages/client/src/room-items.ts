import { subjectOf, type HeldItem } from '@bongsu/log'
import { itemsBySeq, newestItems, withItems, type MarkedEntry } from './marked-entry.ts'
import { rangeAt } from './ranges.ts'
import { firstInMemory } from './room.ts'
import type { Room } from './state.ts'

/** Most items without an entry in a room: more than a sound server keeps for one conversation. */
export const looseItemsMax = 4_000
/** Most separately loaded entries. The oldest requests are dropped first. */
export const apartMax = 200

export interface AppliedItems {
  readonly room: Room
  /** Changed entries in memory. */
  readonly changed: readonly MarkedEntry[]
  /** Items about stored entries that are not in memory. */
  readonly elsewhere: readonly HeldItem[]
}

/**
 * The room after these items. Of two values of one name the newer change counts, in whatever order they arrive. Items about entries in a gap are left
 * out: the page of history that fills the gap brings them.
 */
export function withRoomItems(room: Room, items: readonly HeldItem[]): AppliedItems {
  const first = firstInMemory(room)
  const entries = [...room.entries]
  const apart = new Map(room.apart)
  const changed: MarkedEntry[] = []
  const elsewhere: HeldItem[] = []
  for (const [seq, about] of itemsBySeq(items)) {
    const entry = entries[seq - first]
    const aside = apart.get(seq)
    if (aside !== undefined && aside !== null) apart.set(seq, withItems(aside, about))
    if (entry === undefined) {
      if (rangeAt(room.ranges, seq) !== undefined) elsewhere.push(...about)
      continue
    }
    const after = withItems(entry, about)
    if (after === entry) continue
    entries[seq - first] = after
    changed.push(after)
  }
  const loose = items.filter(({ key }) => (subjectOf(key) ?? Infinity) > room.cursor)
  return { room: { ...room, entries, apart, loose: loose.length === 0 ? room.loose : newestItems([...room.loose, ...loose]) }, changed, elsewhere }
}

/** The room with one more separately loaded entry, for a quote. */
export function withApart(room: Room, seq: number, entry: MarkedEntry | null): Room {
  const apart = new Map(room.apart)
  apart.delete(seq)
  apart.set(seq, entry)
  for (const oldest of apart.keys()) {
    if (apart.size <= apartMax) break
    apart.delete(oldest)
  }
  return { ...room, apart }
}
