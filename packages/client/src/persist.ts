import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { Effect } from './effect.ts'
import { itemsBySeq, newestItems, withItems, type MarkedEntry } from './marked-entry.ts'
import type { Clock, LocalChange, LocalStore, OutboxItem } from './ports.ts'
import { cutToTail } from './room.ts'
import type { ReplicaState, Room, StoredState } from './state.ts'

/** How long received state may wait to be stored together with later changes. */
export const gatherMs = 50
/** Entries of a room stored with the state itself, for the list. The store holds all entries. */
export const storedTailEntries = 8
/** Most entries that may wait for a failing store. Beyond it nothing more is stored until the next start, which resumes from the stored state. */
export const waitingEntriesMax = 5_000
/** Wait after a failed commit. */
export const retryMs = 5_000

/**
 * Writes changes to the store: in order, one commit at a time, with all waiting changes merged into the next [D4]. Changes the store cannot accept
 * stay in memory. The stored state is then older but consistent, and the next start resumes from it.
 */
export interface Persist {
  /** The present state, and the entries to store or drop with it. */
  state(state: ReplicaState, effects: readonly Effect[]): void
  /** Resolves when it is durable; rejects when the store cannot accept it. */
  outbox(change: OutboxChange): Promise<void>
  /**
   * The results of entries written here. They go into one commit with the present state, or a later one: an entry never leaves the outbox before it
   * is stored as an entry of its conversation [A4].
   */
  settled(change: OutboxChange): void
  /** What was received of this conversation and not yet stored: entries, and items about stored entries. Empty once storing was given up. */
  unstored(conversationId: ConversationId): Unstored
  /** The store may still hold entries of this conversation that were to be dropped: they are of another history, or cannot be trusted. */
  holdsDropped(conversationId: ConversationId): boolean
  /** Nothing is stored any more, so the marks of stored entries may be outdated [I3]. */
  readonly gaveUp: () => boolean
  /** Resolves when everything before has been tried. */
  flush(): Promise<void>
  /** As flush, and then nothing more by itself. What could not be stored is lost. */
  stop(): Promise<void>
  /** The last commit failed, or storing was given up. */
  readonly failed: () => boolean
}

export type OutboxChange = Pick<LocalChange, 'outboxPut' | 'outboxDelete'>

export interface Unstored {
  readonly entries: readonly MarkedEntry[]
  readonly items: readonly HeldItem[]
}

interface Waiting {
  state: ReplicaState | null
  /** The newest state of each; null: it leaves. */
  readonly outbox: Map<ClientMessageId, OutboxItem | null>
  readonly entries: Map<ConversationId, Map<number, MarkedEntry>>
  /** Items about entries that are not among those above: the store has them. */
  readonly items: Map<ConversationId, readonly HeldItem[]>
  readonly drops: Set<ConversationId>
}

const nothingWaits = (): Waiting => ({ state: null, outbox: new Map(), entries: new Map(), items: new Map(), drops: new Set() })

export function createPersist(options: { readonly store: LocalStore; readonly clock: Clock; readonly changed: () => void }): Persist {
  let waiting = nothingWaits()
  /** The changes of the running commit. */
  let taken = nothingWaits()
  /** Dropped conversations, until the store has deleted them; also once storing was given up. */
  const undropped = new Set<ConversationId>()
  let tail: Promise<unknown> = Promise.resolve()
  let cancel: (() => void) | null = null
  let failed = false
  let givenUp = false

  /** Runs one commit after all those before it. */
  function enqueue(commit: () => Promise<void>): Promise<void> {
    const done = tail.then(commit)
    tail = done.catch(() => undefined)
    return done
  }

  function report(now: boolean): void {
    if (failed === now) return
    failed = now
    options.changed()
  }

  function plan(delayMs: number): void {
    cancel ??= options.clock.after(delayMs, () => {
      cancel = null
      void enqueue(commitState)
    })
  }

  async function commitState(): Promise<void> {
    if ((waiting.state === null && waiting.outbox.size === 0) || givenUp) return
    taken = waiting
    waiting = nothingWaits()
    try {
      await options.store.commit(changeOf(taken))
      for (const id of taken.drops) if (!waiting.drops.has(id)) undropped.delete(id)
      taken = nothingWaits()
      report(false)
    } catch {
      // Changes that arrived meanwhile are newer and go on top of the failed ones.
      waiting = joined(taken, waiting)
      taken = nothingWaits()
      report(true)
      if (countEntries(waiting) + waiting.outbox.size > waitingEntriesMax) {
        givenUp = true
        waiting = nothingWaits()
      } else plan(retryMs)
    }
  }

  function cancelPlan(): void {
    cancel?.()
    cancel = null
  }

  function flush(): Promise<void> {
    cancelPlan()
    return enqueue(commitState)
  }

  return {
    failed: () => failed,
    gaveUp: () => givenUp,
    flush,
    state(state, effects) {
      for (const effect of effects) if (effect.do === 'drop') undropped.add(effect.conversationId)
      if (givenUp) return
      waiting.state = state
      for (const effect of effects) {
        if (effect.do === 'drop') drop(waiting, effect.conversationId)
        else if (effect.do === 'mark') mark(waiting, effect.conversationId, effect.items) // [seam: put-items]
        else if (effect.do === 'store') put(waiting, effect.conversationId, effect.entries) // [seam: put-entries]
      }
      plan(gatherMs)
    },
    outbox(change) {
      // This is the newest state of these ids. A waiting or failed change must not be written after it.
      for (const id of idsOf(change)) for (const one of [waiting, taken]) one.outbox.delete(id)
      return enqueue(() => options.store.commit(change))
    },
    settled(change) {
      if (givenUp) return
      for (const item of change.outboxPut ?? []) waiting.outbox.set(item.id, item)
      for (const id of change.outboxDelete ?? []) waiting.outbox.set(id, null)
      plan(gatherMs)
    },
    unstored(conversationId) {
      const parts = waiting.drops.has(conversationId) ? [waiting] : [taken, waiting]
      const all = parts.reduce(joined, nothingWaits())
      return { entries: [...(all.entries.get(conversationId)?.values() ?? [])], items: all.items.get(conversationId) ?? [] }
    },
    holdsDropped: (conversationId) => undropped.has(conversationId),
    async stop() {
      await flush()
      cancelPlan()
    },
  }
}

function idsOf({ outboxPut = [], outboxDelete = [] }: OutboxChange): readonly ClientMessageId[] {
  return [...outboxPut.map(({ id }) => id), ...outboxDelete]
}

function drop(waiting: Waiting, conversationId: ConversationId): void {
  waiting.entries.delete(conversationId)
  waiting.items.delete(conversationId)
  waiting.drops.add(conversationId)
}

/** An entry arrives with all its marks, so waiting items for its place are done. */
function put(waiting: Waiting, conversationId: ConversationId, entries: Iterable<MarkedEntry>): void {
  const bySeq = waiting.entries.get(conversationId) ?? new Map<number, MarkedEntry>()
  for (const entry of entries) bySeq.set(entry.seq, entry)
  waiting.entries.set(conversationId, bySeq)
  const items = waiting.items.get(conversationId)
  if (items === undefined) return
  const left = [...itemsBySeq(items)].flatMap(([seq, about]) => (bySeq.has(seq) ? [] : about))
  waiting.items.set(conversationId, left)
}

function mark(waiting: Waiting, conversationId: ConversationId, items: readonly HeldItem[]): void {
  const bySeq = waiting.entries.get(conversationId)
  const left: HeldItem[] = []
  for (const [seq, about] of itemsBySeq(items)) {
    const entry = bySeq?.get(seq)
    if (entry === undefined) left.push(...about)
    else bySeq?.set(seq, withItems(entry, about))
  }
  if (left.length > 0) waiting.items.set(conversationId, newestItems([...(waiting.items.get(conversationId) ?? []), ...left]))
}

function joined(older: Waiting, newer: Waiting): Waiting {
  for (const conversationId of newer.drops) drop(older, conversationId)
  for (const [conversationId, entries] of newer.entries) put(older, conversationId, entries.values())
  for (const [conversationId, items] of newer.items) mark(older, conversationId, items)
  for (const [id, item] of newer.outbox) older.outbox.set(id, item)
  return { ...older, state: newer.state ?? older.state }
}

function countEntries(waiting: Waiting): number {
  let count = 0
  for (const entries of waiting.entries.values()) count += entries.size
  for (const items of waiting.items.values()) count += items.length
  return count
}

function changeOf(taken: Waiting): LocalChange {
  return {
    ...(taken.state === null ? {} : { state: storedStateOf(taken.state) }),
    dropConversations: [...taken.drops],
    entries: [...taken.entries].map(([conversationId, entries]) => ({ conversationId, entries: [...entries.values()] })),
    ...(taken.items.size === 0 ? {} : { items: [...taken.items].map(([conversationId, items]) => ({ conversationId, items })) }),
    ...outboxChangeOf(taken),
  }
}

function outboxChangeOf({ outbox }: Waiting): OutboxChange {
  const outboxPut = [...outbox.values()].filter((item) => item !== null)
  const outboxDelete = [...outbox].flatMap(([id, item]) => (item === null ? [id] : []))
  return { ...(outboxPut.length === 0 ? {} : { outboxPut }), ...(outboxDelete.length === 0 ? {} : { outboxDelete }) }
}

const storedRooms = new WeakMap<Room, Room>()
const NONE: Room['apart'] = new Map()

/** The state without what the store already holds. An unchanged room gives the same object again, so that a store can tell what changed. */
export function storedStateOf(state: ReplicaState): StoredState {
  const rooms = new Map<ConversationId, Room>()
  for (const [conversationId, room] of state.rooms) {
    const stored = storedRooms.get(room) ?? { ...cutToTail(room, storedTailEntries, state), apart: NONE }
    storedRooms.set(room, stored)
    rooms.set(conversationId, stored)
  }
  return { ...state, rooms }
}
