import assert from 'node:assert/strict'
import { foldEntry, foldItem, NO_MARKS, subjectOf, type HeldItem, type Marks } from '@bongsu/log'
import type { AccountId, ConversationId, DownFrame, Entry, Item } from '@bongsu/protocol'
import type { Cursors } from '../../apps/server/src/delivery/cursors.ts'
import type { MemoryStore } from './memory-store.ts'

interface ModelRoom {
  cursor: number
  joinedSeq: number
  entries: Entry[]
  change: number
  readonly marks: Map<number, Marks>
}

/** What a device must be able to rely on, written down as assertions. It has no cleverness: a frame that does not fit is a fault of the server. */
export class ModelDevice {
  readonly accountId: AccountId
  readonly rooms = new Map<ConversationId, ModelRoom>()
  account = 0
  caughtUp = 0
  resets = 0
  /** Every entry it was ever shown, to judge who may have seen what. */
  readonly seen = new Map<ConversationId, Set<number>>()
  /** Every item that it was ever shown. */
  readonly seenItems = new Map<ConversationId, Item[]>()
  /** A device of today's version does not [I10]. */
  readonly knowsItems: boolean

  constructor(accountId: AccountId, knowsItems = true) {
    this.accountId = accountId
    this.knowsItems = knowsItems
  }

  cursors(): Cursors {
    const rooms = new Map([...this.rooms].map(([id, { cursor }]) => [id, cursor]))
    const changes = new Map([...this.rooms].map(([id, { change }]) => [id, change]))
    return { account: this.account, rooms, ...(this.knowsItems ? { changes } : {}) }
  }

  total(): number {
    return [...this.rooms.values()].reduce((sum, { cursor, change }) => sum + cursor + change, 0)
  }

  apply(frame: DownFrame): void {
    switch (frame.t) {
      case 'account': {
        assert.equal(frame.from, this.account, '[D9] account items follow the cursor')
        assert.ok(frame.to > frame.from, '[D9] an account frame moves the cursor')
        this.account = frame.to
        for (const item of frame.items) if (item.kind === 'membership' && item.value === null) this.rooms.delete(item.key)
        return
      }
      case 'entries': {
        const room = this.rooms.get(frame.conversationId)
        assert.ok(room !== undefined, '[D7] entries come only after a reset')
        assert.equal(frame.after, room.cursor, '[D2] entries follow the cursor')
        return this.#take(frame.conversationId, room, frame.entries)
      }
      case 'reset': {
        this.resets++
        const first = frame.entries[0]?.seq ?? frame.head + 1
        const room: ModelRoom = { cursor: first - 1, joinedSeq: frame.joinedSeq, entries: [], change: frame.change ?? 0, marks: new Map() }
        assert.equal(frame.change !== undefined, this.knowsItems, '[I10] marks come with a reset for those who know them')
        this.rooms.set(frame.conversationId, room)
        this.#take(frame.conversationId, room, frame.entries)
        assert.equal(room.cursor, frame.head, '[D7] a reset reaches its head')
        this.#takeItems(frame.conversationId, room, frame.items ?? [])
        return
      }
      case 'items': {
        assert.ok(this.knowsItems, '[I10] items come only to those who know them')
        const room = this.rooms.get(frame.conversationId)
        assert.ok(room !== undefined, '[I3] items come only after a reset')
        assert.ok(frame.from <= room.change, '[I3] no change is skipped')
        this.#takeItems(frame.conversationId, room, frame.items)
        room.change = Math.max(room.change, frame.to)
        return
      }
      case 'caught-up':
        this.caughtUp++
        assert.equal(this.caughtUp, 1, 'caught-up is said once in a connection')
        return
      default:
    }
  }

  #take(conversationId: ConversationId, room: ModelRoom, entries: readonly Entry[]): void {
    const seen = this.seen.get(conversationId) ?? new Set()
    this.seen.set(conversationId, seen)
    for (const entry of entries) {
      assert.equal(entry.seq, room.cursor + 1, '[D2] in order, without a gap, each once')
      room.cursor = entry.seq
      room.entries.push(entry)
      seen.add(entry.seq)
    }
  }

  #takeItems(conversationId: ConversationId, room: ModelRoom, items: readonly Item[]): void {
    const seen = this.seenItems.get(conversationId) ?? []
    this.seenItems.set(conversationId, seen)
    seen.push(...items)
    for (const item of items) {
      const seq = subjectOf(item.key) ?? 0
      room.marks.set(seq, foldItem(room.marks.get(seq) ?? NO_MARKS, item))
    }
  }

  /** Everything there is for this account is here, once and in order, and nothing else. */
  assertComplete(store: MemoryStore, rooms: readonly ConversationId[]): void {
    assert.equal(this.account, store.accountHead(this.accountId), '[D9] the account log is complete')
    for (const conversationId of rooms) {
      const member = store.membersOf(conversationId).get(this.accountId)
      const room = this.rooms.get(conversationId)
      assert.equal(room !== undefined, member !== undefined, `it has the conversations it is in, and no others: ${conversationId}`)
      if (room === undefined) continue
      const all = store.entries(conversationId)
      assert.equal(room.cursor, all.length, '[D1] it has the head')
      const held = all.slice(all.length - room.entries.length)
      if (this.knowsItems) {
        const shown = room.entries.map((entry) => foldEntry(entry, room.marks.get(entry.seq) ?? NO_MARKS))
        assert.deepEqual(shown, held, '[D2, I6] what it has is what the log has')
        assert.equal(room.change, store.change(conversationId), '[I3] it has the last change')
        for (const { seq } of held) this.#assertMarks(room, store.items(conversationId), seq)
      } else {
        const names = (entries: readonly Entry[]): string[] => entries.map(({ seq, id }) => `${seq} ${id}`)
        assert.deepEqual(names(room.entries), names(held), '[D2] what it has is what the log has')
      }
    }
  }

  #assertMarks(room: ModelRoom, items: readonly Item[], seq: number): void {
    const marksOf = (all: Iterable<HeldItem>): string[] =>
      [...all].flatMap(({ kind, key, change, value }) => (value === null ? [] : [`${kind} ${key} ${change}`]))
    const there = items.filter(({ key }) => subjectOf(key) === seq)
    assert.deepEqual(
      marksOf((room.marks.get(seq) ?? NO_MARKS).values()).toSorted(),
      marksOf(there).toSorted(),
      '[I3] it has the marks of its entries',
    )
  }

  /** Every item it was shown is about an entry that it may see, and was so at a time at which, or after which, it was in the conversation [W4]. */
  assertSawItemsOfItsOwn(store: MemoryStore, headsOfChanges: ReadonlyMap<ConversationId, ReadonlyMap<number, number>>): void {
    for (const [conversationId, items] of this.seenItems) {
      const stays = staysOf(store.entries(conversationId), this.accountId)
      for (const { key, change } of items) {
        const seq = subjectOf(key) ?? 0
        const head = headsOfChanges.get(conversationId)?.get(change) ?? 0
        const isFine = stays.some(({ from, until }) => seq >= from && head < until)
        assert.ok(isFine, `[W4] change ${change}, of entry ${seq}, is not for an account that was not in the conversation`)
      }
    }
  }

  /** It was shown nothing from a time when its account was not a member [W4]. */
  assertSawOnlyItsOwn(store: MemoryStore): void {
    for (const [conversationId, seen] of this.seen) {
      let member = false
      for (const { seq, author, body } of store.entries(conversationId)) {
        const comesIn =
          (body.kind === 'created' && author === this.accountId) ||
          ((body.kind === 'created' || body.kind === 'invited') && body.accounts.includes(this.accountId))
        if (comesIn) member = true
        assert.ok(member || !seen.has(seq), `[W4] entry ${seq} is not for an account that was not in the conversation`)
        if (goesBy({ author, body }, this.accountId)) member = false
      }
    }
  }
}

/** Whether the account is no longer in the conversation after this entry. */
function goesBy({ author, body }: Pick<Entry, 'author' | 'body'>, accountId: AccountId): boolean {
  return body.kind === 'left' ? author === accountId : body.kind === 'removed' && body.accountId === accountId
}

/** From which entry to before which entry the account was in the conversation, each time. */
function staysOf(entries: readonly Entry[], accountId: AccountId): { readonly from: number; readonly until: number }[] {
  const stays: { from: number; until: number }[] = []
  let from: number | null = null
  for (const { seq, author, body } of entries) {
    const comesIn =
      (body.kind === 'created' && author === accountId) || ((body.kind === 'created' || body.kind === 'invited') && body.accounts.includes(accountId))
    if (comesIn) from ??= seq
    if (!goesBy({ author, body }, accountId) || from === null) continue
    stays.push({ from, until: seq })
    from = null
  }
  return from === null ? stays : [...stays, { from, until: Number.POSITIVE_INFINITY }]
}
