import { createHash } from 'node:crypto'
import { subjectOf } from '@bongsu/log'
import type { Item } from '@bongsu/protocol'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import type { MarksOfRoom } from '../../apps/server/src/conversation/log-store.ts'
import { memberOf, type Conversation, type Kept, type StoredItem } from './memory-kept.ts'

/** Marks with a value of a stretch of entries, as the port says. */
export function marksOf(room: Conversation, from: number, to: number, limit: number): MarksOfRoom {
  const about = [...room.items.values()].filter(({ key, value }) => value !== null && (subjectOf(key) ?? 0) >= from && (subjectOf(key) ?? 0) <= to)
  const bySeq = Map.groupBy(about, ({ key }) => subjectOf(key) ?? 0)
  let [sum, first] = [0, from]
  for (let seq = to; seq >= from && first === from; seq--) {
    sum += bySeq.get(seq)?.length ?? 0
    if (sum > limit) first = Math.min(seq + 1, to)
  }
  const items = about.filter(({ key }) => (subjectOf(key) ?? 0) >= first).toSorted((a, b) => a.change - b.change)
  return { first, change: room.change, items: items.map(itemOf) }
}

/** Hashes of stretches, computed anew each time. */
export function auditOf({ rooms, restoredFrom, restoredHeads }: Kept): AuditStore {
  return {
    async hash(conversationId, from, to) {
      const room = rooms.get(conversationId)
      const entries = (room?.entries ?? []).slice(from - 1, to)
      const ids = entries.map(({ seq, id }) => seq.toString(16).padStart(16, '0') + id.replaceAll('-', ''))
      const changes =
        room === undefined ? [] : marksOf(room, from, to, Number.POSITIVE_INFINITY).items.map(({ change }) => change.toString(16).padStart(16, '0'))
      return { hash: entries.length === to - from + 1 ? sha256(ids) : null, marks: sha256(changes), change: room?.change ?? 0 }
    },
    async restoredHeads(accountId, epoch) {
      if (!restoredFrom.has(epoch)) return null
      const mine = [...restoredHeads].filter(([conversationId, { head }]) => head > 0 && memberOf(rooms.get(conversationId), accountId) !== undefined)
      return mine.map(([conversationId, { head, change }]) => [conversationId, head, change])
    },
  }
}

export function itemOf({ value, ...item }: StoredItem): Item {
  return { ...item, value: JSON.parse(value ?? 'null') as unknown } as Item
}

function sha256(hex: readonly string[]): string {
  return createHash('sha256')
    .update(Buffer.from(hex.join(''), 'hex'))
    .digest('hex')
}
