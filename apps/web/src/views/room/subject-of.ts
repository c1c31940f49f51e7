import type { Room } from '@bongsu/client'
import type { Entry } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

/**
 * The entry that a message answers. `gone`: it was erased for everyone, or for the reader. Null: it is not in memory.
 * Entries in memory are contiguous, so their place follows from their seq.
 */
export function subjectOf(room: Room, seq: number, hidden: ReadonlySet<number>): Entry | 'gone' | null {
  const first = room.entries[0]
  const entry = first === undefined ? undefined : room.entries[seq - first.seq]
  if (hidden.has(seq)) return 'gone'
  if (entry === undefined) return null
  return lookOf(entry.body.kind).acts.includes('reply') ? entry : 'gone'
}
