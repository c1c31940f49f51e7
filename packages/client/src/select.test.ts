import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AccountId, ConversationId, Entry, Person } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import { EMPTY_STATE, NO_ITEMS, type ReplicaState, type Room } from './state.ts'
import { lastEntry, roomTitle, sortedRooms, totalUnread, unreadCount, unreadNumber } from './select.ts'

const me = uuidOf(0xa, 1) as AccountId
const viewer = { accountId: me, blocked: new Map() }
const other = uuidOf(0xa, 2) as AccountId
const conversationId = (number: number) => uuidOf(0xc, number) as ConversationId
const person = (accountId: AccountId, displayName: string): Person => ({ accountId, handle: 'h', displayName })

function entry(seq: number, author: AccountId, body: Entry['body'] = { kind: 'text', text: `${seq}` }): Entry {
  return { seq, acceptedAt: seq * 10, author, id: uuidOf(0xe, seq) as Entry['id'], body }
}

function roomOf(number: number, entries: readonly Entry[], more: Partial<Room> = {}, meta: Partial<Room['meta']> = {}): Room {
  const kind = meta.kind ?? 'group'
  return {
    conversationId: conversationId(number),
    membership: { conversationId: conversationId(number), kind, joinedSeq: 1 },
    meta: { kind, title: '', memberCount: 3, people: [], ...meta },
    cursor: entries.at(-1)?.seq ?? 0,
    ranges: [],
    readSeq: 0,
    readSaid: 0,
    unreadBelow: 0,
    inexact: false,
    entries,
    unread: new Map(),
    ...NO_ITEMS,
    ...more,
  }
}

function stateOf(...rooms: readonly Room[]): ReplicaState {
  return { ...EMPTY_STATE, accountId: me, rooms: new Map(rooms.map((room) => [room.conversationId, room])) }
}

test('[R4] unread are the texts of others above the watermark, in memory and below', () => {
  const entries = [entry(5, other), entry(6, me), entry(7, other, { kind: 'left' }), entry(8, other), entry(9, other)]
  assert.equal(unreadCount(roomOf(1, entries), viewer), 3)
  assert.equal(unreadCount(roomOf(1, entries, { unreadBelow: 4 }), viewer), 7)
  assert.equal(unreadCount(roomOf(1, entries, { readSeq: 8 }), viewer), 1)
  assert.equal(unreadCount(roomOf(1, entries, { readSeq: 9 }), viewer), 0)
  assert.equal(totalUnread(stateOf(roomOf(1, entries), roomOf(2, entries, { readSeq: 8 }))), 4)
})

test('[R4] the number beside an entry is the server’s', () => {
  const one = entry(5, other)
  assert.equal(unreadNumber(roomOf(1, [one], { unread: new Map([[5, 0]]) }), one), 0)
  assert.equal(unreadNumber(roomOf(1, [one], { unread: new Map([[one.seq, 2]]) }), one), 2)
  assert.equal(unreadNumber(roomOf(1, [one]), one), 0, 'not told yet: not shown')
})

test('[D5] the line under a room is its last text, or what happened when there is none', () => {
  const left = entry(6, other, { kind: 'left' })
  assert.equal(lastEntry(roomOf(1, [entry(5, other), left]), EMPTY_STATE)?.seq, 5)
  assert.equal(lastEntry(roomOf(1, [left]), EMPTY_STATE)?.seq, 6)
  assert.equal(lastEntry(roomOf(1, []), EMPTY_STATE), null)
})

test('[D5] a room is named by its title, else by its people, and oneself by the screen', () => {
  const people = [person(other, '나무'), person(me, '나'), person(uuidOf(0xa, 3) as AccountId, ''), person(uuidOf(0xa, 4) as AccountId, '돌')]
  assert.equal(roomTitle(roomOf(1, [], {}, { title: '마을', people }), viewer), '마을')
  assert.equal(roomTitle(roomOf(1, [], {}, { people }), viewer), '나무, 돌')
  assert.equal(roomTitle(roomOf(1, [], {}, { kind: 'direct', people: [person(other, '나무')] }), viewer), '나무')
  assert.equal(roomTitle(roomOf(1, [], {}, { kind: 'self' }), viewer), null)
})

test('[C3] rooms are ordered by their last activity, written here or received; an unused direct one is not listed', () => {
  const unused = roomOf(4, [entry(1, other, { kind: 'created', title: '', accounts: [me] })], {}, { kind: 'direct' })
  const state = stateOf(roomOf(1, [entry(5, other)]), roomOf(2, [entry(9, other)]), roomOf(3, [entry(7, other)]), unused)
  const order = (outbox: Parameters<typeof sortedRooms>[1]) =>
    sortedRooms(state, outbox).map((room) => [1, 2, 3, 4].find((number) => conversationId(number) === room.conversationId))
  assert.deepEqual(order([]), [2, 3, 1])
  const waiting = (number: number, writtenAt: number) => ({
    id: uuidOf(0xe, 99) as Entry['id'],
    conversationId: conversationId(number),
    body: { kind: 'text', text: 'x' } as const,
    writtenAt,
    order: 1,
    refused: null,
  })
  assert.deepEqual(order([waiting(1, 80)]), [2, 1, 3])
  assert.deepEqual(order([waiting(1, 80), waiting(4, 200)]), [4, 2, 1, 3])
})

test('[B4, B5] a conversation of two that was left, and one that was put aside, are out of the list until something new counts', () => {
  const people = [person(other, '나무')]
  const direct = (joinedSeq: number, entries: readonly Entry[], cursor: number): Room => ({
    ...roomOf(1, entries, { cursor }, { kind: 'direct', people }),
    membership: { conversationId: conversationId(1), kind: 'direct', joinedSeq },
  })
  const listed = (state: ReplicaState, withAside = false): number => sortedRooms(state, [], withAside).length
  assert.equal(listed(stateOf(direct(5, [], 4))), 0)
  assert.equal(listed(stateOf(direct(5, [entry(5, other)], 5))), 1)
  const aside = (entries: readonly Entry[], seq = 5): ReplicaState => ({ ...stateOf(roomOf(1, entries)), aside: new Map([[conversationId(1), seq]]) })
  assert.deepEqual([listed(aside([entry(5, other)])), listed(aside([entry(5, other)]), true)], [0, 1])
  assert.equal(listed(aside([entry(5, other), entry(6, other, { kind: 'left' })])), 0, 'an event does not count')
  assert.equal(listed(aside([entry(5, other), entry(6, other)])), 1)
  assert.equal(listed({ ...aside([entry(5, other), entry(6, other)]), blocked: new Map([[other, people[0]!]]) }), 0, 'nor does a blocked person')
  assert.equal(listed(aside([entry(9, other, { kind: 'left' })], 3)), 1, 'more has come than this device holds')
  assert.equal(sortedRooms(aside([entry(5, other)]), [{ conversationId: conversationId(1), writtenAt: 1 }]).length, 1)
})
