import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { itemsBySeq, withItems, type MarkedEntry } from './marked-entry.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { LocalStore, OutboxItem } from './ports.ts'
import type { StoredState } from './state.ts'

/** A LocalStore that lives as long as the process: for tests, benches, and bots that may forget. */
export function createMemoryStore(): LocalStore {
  let state: StoredState | null = null
  const entries = new Map<ConversationId, Map<number, MarkedEntry>>()
  const outbox = new Map<ClientMessageId, OutboxItem>()
  let outages: readonly StoredOutage[] = []

  return {
    async load() {
      return structuredClone({ state, outbox: [...outbox.values()], outages })
    },
    async commit(change) {
      // Copied on the way in, as in a real store, so that nobody keeps a reference to stored data.
      const copy = structuredClone(change)
      if (copy.state !== undefined) state = copy.state
      for (const conversationId of copy.dropConversations ?? []) entries.delete(conversationId)
      for (const { conversationId, entries: added } of copy.entries ?? []) {
        const bySeq = entries.get(conversationId) ?? new Map<number, MarkedEntry>()
        for (const entry of added) bySeq.set(entry.seq, entry)
        entries.set(conversationId, bySeq)
      }
      for (const { conversationId, items } of copy.items ?? []) {
        const bySeq = entries.get(conversationId)
        for (const [seq, about] of itemsBySeq(items)) {
          const entry = bySeq?.get(seq)
          if (entry !== undefined) bySeq?.set(seq, withItems(entry, about))
        }
      }
      for (const item of copy.outboxPut ?? []) outbox.set(item.id, item)
      for (const id of copy.outboxDelete ?? []) outbox.delete(id)
      if (copy.outages !== undefined) outages = copy.outages
    },
    async readEntries(conversationId, from, to) {
      const found = [...(entries.get(conversationId)?.values() ?? [])].filter((entry) => from <= entry.seq && entry.seq <= to)
      return structuredClone(found.toSorted((a, b) => a.seq - b.seq))
    },
    async clear() {
      state = null
      entries.clear()
      outbox.clear()
      outages = []
    },
  }
}
