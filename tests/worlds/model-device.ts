import assert from 'node:assert/strict'
import type { AccountId, ConversationId, DownFrame, Entry } from '@bongsu/protocol'
import type { Cursors } from '../../apps/server/src/delivery/cursors.ts'
import type { MemoryStore } from './memory-store.ts'

interface ModelRoom {
  cursor: number
  joinedSeq: number
  entries: Entry[]
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

  constructor(accountId: AccountId) {
    this.accountId = accountId
  }

  cursors(): Cursors {
    return { account: this.account, rooms: new Map([...this.rooms].map(([id, room]) => [id, room.cursor])) }
  }

  total(): number {
    return [...this.rooms.values()].reduce((sum, room) => sum + room.cursor, 0)
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
        const room: ModelRoom = { cursor: first - 1, joinedSeq: frame.joinedSeq, entries: [] }
        this.rooms.set(frame.conversationId, room)
        this.#take(frame.conversationId, room, frame.entries)
        assert.equal(room.cursor, frame.head, '[D7] a reset reaches its head')
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
      assert.deepEqual(room.entries, all.slice(all.length - room.entries.length), '[D2] what it has is what the log has')
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
        if (body.kind === 'left' && author === this.accountId) member = false
      }
    }
  }
}
