import {
  entryKind,
  markKind,
  type AccountId,
  type Act,
  type ClientMessageId,
  type ConversationId,
  type DownFrame,
  type DownFrameOf,
  type SendBody,
} from '@bongsu/protocol'
import { keyOf } from '@bongsu/log'
import { itemsBySeq, newerThan, withItems, type MarkedEntry } from './marked-entry.ts'
import { oldOrderEntriesMax, type LostEntry, type LostPart, type OldOrder } from './old-order.ts'
import { withoutLostReply, type Pending, type PutBackItem } from './outbox.ts'
import type { Persist } from './persist.ts'
import type { LocalStore, Random } from './ports.ts'
import type { ReplicaState, Room } from './state.ts'

/** Most frames that wait meanwhile. */
export const heldFramesMax = 10_000
/** Entries read from the store at a time. */
const entriesPerRead = 500

/** Effects of a restore of the server's history on this device [A4]. */
export interface Restored {
  /** Own messages possibly missing in the restored history that wait in the outbox again, or were sent again. */
  readonly putBack: number
}

/**
 * The server's history was restored from a backup: another epoch. Before this device deletes what it stored of the old one, its own messages that the
 * new one may lack go back into the outbox, under their original ids, so that the server says which it has [M2].
 */
export interface PutBack {
  readonly restored: () => Restored | null
  /** Own messages are being gathered: nothing is sent or applied meanwhile. */
  readonly busy: () => boolean
  /** @returns true when the frame is kept until gathering is done. It is passed on then. */
  takes(frame: DownFrame): boolean
  disconnected(): void
}

export function createPutBack(options: {
  readonly store: LocalStore
  readonly persist: Pick<Persist, 'flush' | 'unstored'>
  readonly random: Pick<Random, 'uuid'>
  readonly state: () => ReplicaState
  /** Entries in the outbox. */
  readonly unsent: () => readonly Pending[]
  readonly oldOrder: Pick<OldOrder, 'begin'>
  /** Puts them first in the outbox. Resolves when they are stored there. */
  readonly enqueue: (items: readonly PutBackItem[], heads: ReadonlyMap<ConversationId, number>) => Promise<number>
  readonly receive: (frame: DownFrame) => void
  /** Putting back failed: begin again on another connection. */
  readonly failed: () => void
}): PutBack {
  let restored: Restored | null = null
  /** Frames of this connection since the welcome with the new epoch. */
  let held: DownFrame[] | null = null
  /** The welcome for which gathering is done. */
  let gathered: DownFrame | null = null

  async function gather(welcome: DownFrameOf<'welcome'>, mine: DownFrame[]): Promise<void> {
    try {
      const state = options.state()
      await options.persist.flush()
      const heads = new Map(welcome.restored)
      const to = { heads, changes: welcome.features?.includes('items') === true ? new Map(welcome.restoredChanges) : null }
      const lost = await lostAbove(options, state, to, () => options.random.uuid() as ClientMessageId)
      if (held !== mine) return
      // Stored in the outbox before anything is deleted: after a kill in between, the device begins again and stores the same.
      const putBack = await options.enqueue(lost.items, heads) // [seam: put-back]
      if (held !== mine) return
      if (state.accountId !== null) options.oldOrder.begin(lost.parts, state.accountId)
      restored = { putBack }
      held = null
    } catch {
      if (held === mine) options.failed()
      return
    }
    for (const frame of mine) options.receive(frame)
  }

  return {
    restored: () => restored,
    busy: () => held !== null,
    takes(frame) {
      if (held === null) {
        const { epoch, accountId } = options.state()
        if (frame.t !== 'welcome' || epoch === null || epoch === frame.epoch || accountId !== frame.accountId) return false
        // The same welcome comes here again after gathering.
        if (gathered === frame) return false
        gathered = frame
        held = []
        void gather(frame, held)
      }
      held.push(frame)
      if (held.length > heldFramesMax) options.failed()
      return true
    },
    disconnected() {
      held = null
    },
  }
}

/** The restored history's numbers of each conversation: its head, and the last change of its items. `changes` null: the server has no items. */
interface RestoredTo {
  readonly heads: ReadonlyMap<ConversationId, number>
  readonly changes: ReadonlyMap<ConversationId, number> | null
}

/** Sources of the entries of a room. */
interface Sources {
  readonly store: LocalStore
  readonly persist: Pick<Persist, 'unstored'>
  readonly unsent: () => readonly Pending[]
}

interface Lost {
  /** This account's messages and acts above the restored history's head of each room. */
  readonly items: readonly PutBackItem[]
  /** Where a head is stated: the order of everybody's messages. */
  readonly parts: ReadonlyMap<ConversationId, LostPart>
}

async function lostAbove(from: Sources, state: ReplicaState, to: RestoredTo, newId: () => ClientMessageId): Promise<Lost> {
  const parts = new Map<ConversationId, LostPart>()
  const texts: PutBackItem[] = []
  const acts: PutBackItem[] = []
  let places = oldOrderEntriesMax
  for (const room of state.rooms.values()) {
    const { conversationId } = room
    // Without a word about a room, its marks are put back too. The server refuses those whose entry is gone [I4].
    const isUnknown = to.changes !== null && !to.heads.has(conversationId)
    const [head, change] = [to.heads.get(conversationId) ?? 0, to.changes === null ? Infinity : (to.changes.get(conversationId) ?? 0)]
    // What the account log had when it was restored is not known: all that this account has erased for itself is asked for again.
    const hidden = to.changes === null ? undefined : state.hidden.get(conversationId)
    // Marks on entries from before the restore are searched only where items have changed since.
    const lowest = room.change > change || hidden !== undefined ? 1 : head + 1
    const entries = await entriesFrom(from, room, lowest)
    if (to.heads.has(conversationId) && state.accountId !== null) {
      const order = orderAbove(head, entries, from.unsent(), conversationId, state.accountId, places)
      places -= order.length
      parts.set(conversationId, { head, entries: order })
    }
    for (const entry of entries) {
      const { id, seq, author, body, acceptedAt: writtenAt } = entry
      const isOwn = author === state.accountId
      if (seq <= head || isUnknown) {
        const hide: readonly Act[] = hidden?.has(seq) === true ? [{ kind: 'hidden', value: {} }] : []
        // [seam: put-back-marks]
        for (const act of [...ownActs(entry, conversationId, state.accountId, change), ...hide]) {
          acts.push({ id: newId(), conversationId, act, about: { seq, id }, writtenAt })
        }
      }
      if (seq > head && isOwn && entryKind(body.kind)?.putsBack === true) {
        texts.push({ id, conversationId, body: withoutLostReply(body as SendBody, head), writtenAt })
      }
    }
  }
  return { items: [...texts, ...acts], parts }
}

/**
 * The messages above a head in the order of the lost history, up to the last own one: the newest `most`. Accepted ones that have not arrived have
 * their places too.
 */
function orderAbove(
  head: number,
  held: readonly MarkedEntry[],
  unsent: readonly Pending[],
  room: ConversationId,
  me: AccountId,
  most: number,
): LostEntry[] {
  const there = held.filter(({ seq, body }) => seq > head && entryKind(body.kind)?.putsBack === true)
  const known = new Set(there.map(({ id }) => id))
  const unarrived = unsent.flatMap(({ conversationId, id, seq }) =>
    conversationId === room && seq !== null && !known.has(id) ? [{ id, seq, author: me }] : [],
  )
  const order = [...there, ...unarrived].toSorted((a, b) => a.seq - b.seq)
  const end = order.findLastIndex(({ author }) => author === me) + 1
  return order.slice(Math.max(0, end - most), end).map(({ id, author }) => ({ id, author }))
}

/** The acts that set this account's marks of an entry after a change. */
function ownActs({ seq, author, marks }: MarkedEntry, conversationId: ConversationId, me: AccountId | null, change: number): Act[] {
  return newerThan(marks, change).flatMap(({ kind, key, value }) => {
    const traits = markKind(kind)
    if (me === null || traits?.putsBack !== true || key !== keyOf(kind, conversationId, seq, me)) return []
    return traits.by === 'author' && author !== me ? [] : [{ kind, value: value === null ? null : traits.asked(value) } as Act]
  })
}

async function entriesFrom({ store, persist }: Sources, room: Room, lowest: number): Promise<readonly MarkedEntry[]> {
  // Entries refused by a failing store may be trimmed from the room in memory, and the store may still hold dropped entries in their place. Checked
  // before the store is read, because the store may accept them meanwhile.
  const unstored = persist.unstored(room.conversationId)
  const newest = [...room.entries, ...unstored.entries].filter(({ seq }) => seq >= lowest)
  const bySeq = new Map(newest.map((entry) => [entry.seq, entry]))
  const items = itemsBySeq(unstored.items)
  for (const { first, last } of room.ranges) {
    for (let from = Math.max(first, lowest); from <= last; from += entriesPerRead) {
      const to = Math.min(last, from + entriesPerRead - 1)
      for (const entry of await store.readEntries(room.conversationId, from, to)) {
        if (!bySeq.has(entry.seq)) bySeq.set(entry.seq, withItems(entry, items.get(entry.seq) ?? []))
      }
    }
  }
  return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq)
}
