import { withItems, type Room } from '@bongsu/client'
import type { AccountId, Act } from '@bongsu/protocol'

let change = 0

/** The room after an act, as a server would make it. */
export function actIn(room: Room, seq: number, who: AccountId, { kind, value }: Act): Room {
  const key = kind === 'reaction' ? `${seq}:${who}` : `${seq}`
  const stored = kind === 'edit' ? { ...value, editedAt: Date.now() } : value
  const items = [{ kind, key, change: ++change, value: stored }]
  return { ...room, entries: room.entries.map((entry) => (entry.seq === seq ? withItems(entry, items) : entry)) }
}
