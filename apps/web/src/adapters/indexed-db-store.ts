import type { ConversationId, Device, Person } from '@bongsu/protocol'
import {
  itemsBySeq,
  withItems,
  type LocalChange,
  type LocalStore,
  type MarkedEntry,
  type Room,
  type StoredOutage,
  type StoredState,
} from '@bongsu/client'
import type { IDBPTransaction, StoreNames } from 'idb'
import type { Database, Schema, StateRest } from './database.ts'
import { forgetListOf } from './last-list.ts'
import { rewrittenBy } from './rewritten.ts'

const kept = ['state', 'rooms', 'friends', 'people', 'devices', 'entries', 'outbox'] as const satisfies StoreNames<Schema>[]
const maps = ['rooms', 'friends', 'people', 'devices'] as const

type Write = IDBPTransaction<Schema, (typeof kept)[number][], 'readwrite'>

/**
 * LocalStore in IndexedDB: each commit is one transaction over all its stores [D4], and resolves when the transaction is complete. Only the changed
 * part of a state is written, so that a message costs one room and not a thousand.
 */
export function createIndexedDbStore(database: Database): LocalStore {
  /** The stored state. Null while it is unknown; everything is written then. */
  let stored: StoredState | null = null

  return {
    async load() {
      const read = database.transaction(kept, 'readonly')
      const [rest, outages, outbox, ...entriesOfMaps] = await Promise.all([
        read.objectStore('state').get('rest') as Promise<StateRest | undefined>,
        read.objectStore('state').get('outages') as Promise<readonly StoredOutage[] | undefined>,
        read.objectStore('outbox').getAll(),
        ...maps.map(async (name) => new Map<string, unknown>((await read.objectStore(name).getAll()).map((value) => [keyOf(value), value]))),
      ])
      await read.done
      stored =
        rest === undefined
          ? null
          : ({ ...rest, ...Object.fromEntries(maps.map((name, index) => [name, entriesOfMaps[index]])) } as unknown as StoredState)
      return { state: stored, outbox: outbox.sort((a, b) => a.order - b.order), outages: outages ?? [] }
    },

    async commit(change) {
      // A person's text must be on the disk when we say so [C1]. Data from the server can be fetched again.
      const durability = change.outboxPut === undefined ? 'relaxed' : 'strict'
      const write = database.transaction(kept, 'readwrite', { durability })
      try {
        putChange(write, change, stored)
      } catch (error) {
        write.abort()
        await write.done.catch(() => undefined)
        throw error
      }
      // Rejects when the disk is full or the transaction was aborted. Nothing of the change is stored then.
      await write.done
      forgetListOf(rewrittenBy(change, stored))
      if (change.state !== undefined) stored = change.state
    },

    async readEntries(conversationId, from, to) {
      return await database.getAll('entries', IDBKeyRange.bound([conversationId, from], [conversationId, to]))
    },

    async clear() {
      const write = database.transaction(kept, 'readwrite')
      for (const name of kept) settle(write.objectStore(name).clear())
      await write.done
      stored = null
    },
  }
}

/** The key of a stored value is one of its own fields. */
function keyOf(value: Room | Person | Device): string {
  return 'conversationId' in value ? value.conversationId : 'accountId' in value ? value.accountId : value.deviceId
}

function putChange(write: Write, change: LocalChange, before: StoredState | null): void {
  for (const conversationId of change.dropConversations ?? []) settle(write.objectStore('entries').delete(wholeRoom(conversationId)))
  for (const { conversationId, entries } of change.entries ?? []) putEntries(write, conversationId, entries)
  for (const { conversationId, items } of change.items ?? []) {
    for (const [seq, about] of itemsBySeq(items)) settle(markEntry(write, conversationId, seq, about))
  }
  if (change.state !== undefined) putState(write, change.state, before)
  if (change.outages !== undefined) settle(write.objectStore('state').put(change.outages, 'outages'))
  for (const item of change.outboxPut ?? []) settle(write.objectStore('outbox').put(item, item.id))
  for (const id of change.outboxDelete ?? []) settle(write.objectStore('outbox').delete(id))
}

function putEntries(write: Write, conversationId: ConversationId, entries: readonly MarkedEntry[]): void {
  const store = write.objectStore('entries')
  for (const entry of entries) settle(store.put(entry, [conversationId, entry.seq]))
}

/** Reads within the same transaction, which stays open that long. Runs after every write requested before it. */
async function markEntry(write: Write, conversationId: ConversationId, seq: number, items: Parameters<typeof withItems>[1]): Promise<void> {
  const store = write.objectStore('entries')
  const entry = await store.get([conversationId, seq])
  if (entry !== undefined) await store.put(withItems(entry, items), [conversationId, seq])
}

function putState(write: Write, state: StoredState, before: StoredState | null): void {
  const { rooms, friends, people, devices, ...rest } = state
  settle(write.objectStore('state').put(rest, 'rest'))
  const now = { rooms, friends, people, devices }
  for (const name of maps) {
    const store = write.objectStore(name) as unknown as {
      put(value: unknown, key: string): Promise<unknown>
      delete(key: string): Promise<void>
      clear(): Promise<void>
    }
    const [next, last] = [now[name] as ReadonlyMap<string, unknown>, before?.[name] as ReadonlyMap<string, unknown> | undefined]
    if (next === last) continue
    if (last === undefined) settle(store.clear())
    for (const [key, value] of next) if (last?.get(key) !== value) settle(store.put(value, key))
    if (last !== undefined) for (const key of last.keys()) if (!next.has(key)) settle(store.delete(key))
  }
}

/** Every entry of one room: an array sorts after every number. */
function wholeRoom(conversationId: ConversationId): IDBKeyRange {
  return IDBKeyRange.bound([conversationId], [conversationId, []])
}

/** A failed request fails its transaction, whose `done` is awaited. This only prevents an unhandled rejection of the request itself. */
function settle(request: Promise<unknown>): void {
  request.catch(() => undefined)
}
