import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AccountId, ConversationId, DownFrameOf, Entry } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import type { Effect } from './effect.ts'
import { apply, unreadNumbersMax, type ReplicaFrame } from './replica.ts'
import { EMPTY_STATE, withRoom, type ReplicaState } from './state.ts'
import { emptied, markRead, prepend } from './room.ts'
import { unreadCount } from './select.ts'

const me = uuidOf(0xa, 1) as AccountId
const viewer = { accountId: me, blocked: new Map() }
const other = uuidOf(0xa, 2) as AccountId
const room = uuidOf(0xc, 1) as ConversationId

function texts(first: number, last: number, author = other): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const seq = first + index
    return { seq, acceptedAt: seq, author, id: uuidOf(0xe, seq) as Entry['id'], body: { kind: 'text', text: `${seq}` } }
  })
}

function resetOf(first: number, head: number, more: Partial<DownFrameOf<'reset'>> = {}): DownFrameOf<'reset'> {
  return {
    t: 'reset',
    conversationId: room,
    head,
    joinedSeq: 1,
    meta: { kind: 'group', title: 'town', memberCount: 3, people: [] },
    entries: texts(first, head),
    readSeq: 0,
    unreadBelow: first - 1,
    ...more,
  }
}

function after(...frames: readonly ReplicaFrame[]): { state: ReplicaState; effects: readonly Effect[] } {
  let result: { state: ReplicaState; effects: readonly Effect[] } = { state: { ...EMPTY_STATE, epoch: 'e', accountId: me }, effects: [] }
  for (const frame of frames) result = apply(result.state, frame)
  return result
}

const roomOf = (state: ReplicaState) => state.rooms.get(room) ?? assert.fail('the room is there')

test('[D4] entries are applied at the cursor, requested when one is missing, and dropped below it', () => {
  const at = after(resetOf(1, 5), { t: 'entries', conversationId: room, after: 5, entries: texts(6, 7) })
  assert.equal(roomOf(at.state).cursor, 7)
  const gap = after(resetOf(1, 5), { t: 'entries', conversationId: room, after: 6, entries: texts(7, 7) })
  assert.equal(roomOf(gap.state).cursor, 5)
  assert.deepEqual(gap.effects, [{ do: 'refresh', conversationId: room }])
  const overlap = after(resetOf(1, 5), { t: 'entries', conversationId: room, after: 3, entries: texts(4, 6) })
  assert.deepEqual(roomOf(overlap.state).entries, texts(1, 6))
  assert.deepEqual(overlap.effects[0], { do: 'store', conversationId: room, entries: texts(6, 6) })
  const had = after(resetOf(1, 5), { t: 'entries', conversationId: room, after: 2, entries: texts(3, 5) })
  assert.deepEqual(had.effects, [])
})

test('[D7] a connecting reset makes one range, a later one leaves a gap', () => {
  assert.deepEqual(roomOf(after(resetOf(1, 5), resetOf(6, 9)).state).ranges, [{ first: 1, last: 9 }])
  assert.deepEqual(roomOf(after(resetOf(1, 5), resetOf(6, 9)).state).entries, texts(1, 9))
  const apart = roomOf(after(resetOf(1, 5), resetOf(7, 9)).state)
  assert.deepEqual(apart.ranges, [
    { first: 1, last: 5 },
    { first: 7, last: 9 },
  ])
  assert.deepEqual(apart.entries, texts(7, 9))
  const late = after(resetOf(7, 9), resetOf(1, 5))
  assert.deepEqual(roomOf(late.state).entries, texts(7, 9), 'a reset from before changes nothing')
  assert.deepEqual(late.effects, [])
})

test('[D9] the account log is applied at its cursor, resumed above it, and ignored below it', () => {
  const items: DownFrameOf<'account'>['items'] = [{ kind: 'friend', key: other, value: { accountId: other, handle: 'o', displayName: 'O' } }]
  assert.equal(after({ t: 'account', from: 0, to: 4, items }).state.account, 4)
  assert.equal(after({ t: 'account', from: 0, to: 4, items }).state.friends.size, 1)
  const gap = after({ t: 'account', from: 1, to: 4, items })
  assert.deepEqual(gap.effects, [{ do: 'resume' }])
  assert.equal(gap.state.friends.size, 0)
  const gone = items.map((item) => ({ ...item, value: null })) as DownFrameOf<'account'>['items']
  const late = after({ t: 'account', from: 0, to: 4, items }, { t: 'account', from: 0, to: 3, items: gone })
  assert.equal(late.state.friends.size, 1)
})

test('[R1] a watermark never falls, also when it arrives before its room', () => {
  const read = (from: number, seq: number): ReplicaFrame => ({
    t: 'account',
    from,
    to: from + 1,
    items: [{ kind: 'read', key: room, value: { seq } }],
  })
  assert.equal(roomOf(after(read(0, 4), read(1, 3), resetOf(1, 5)).state).readSeq, 4)
  assert.equal(roomOf(after(resetOf(1, 5, { readSeq: 3 }), read(0, 2)).state).readSeq, 3)
  assert.equal(roomOf(after(resetOf(1, 5, { readSeq: 3 }), read(0, 4)).state).readSeq, 4)
  assert.equal(roomOf(after(resetOf(1, 5), read(0, 7)).state).readSeq, 7, 'the entries below it are on their way')
  assert.equal(roomOf(after(resetOf(1, 5, { readSeq: 3 }), resetOf(1, 5, { readSeq: 2 })).state).readSeq, 3)
})

test('[R2] the own watermark stops at the last seq', () => {
  assert.equal(markRead(roomOf(after(resetOf(1, 5)).state), 6, me).readSeq, 5)
  assert.equal(markRead(roomOf(after(resetOf(1, 5)).state), 5, me).readSeq, 5)
})

test('[R3] a watermark below memory leaves a count that only the server knows, and the device asks for it', () => {
  const { state, effects } = after(resetOf(7, 9), { t: 'account', from: 0, to: 1, items: [{ kind: 'read', key: room, value: { seq: 5 } }] })
  assert.deepEqual(effects, [{ do: 'refresh', conversationId: room }])
  const asked = apply(state, resetOf(7, 9, { readSeq: 5, unreadBelow: 1 }))
  assert.equal(unreadCount(roomOf(asked.state), viewer), 4)
  const edge = after(resetOf(7, 9), { t: 'account', from: 0, to: 1, items: [{ kind: 'read', key: room, value: { seq: 6 } }] })
  assert.deepEqual(edge.effects, [])
  assert.equal(unreadCount(roomOf(edge.state), viewer), 3)
})

test('[R3] unread entries are counted one by one as soon as all of them are in memory', () => {
  // The server counted two more below memory than there are, as when they were read or erased meanwhile.
  const short = roomOf(after(resetOf(7, 9, { readSeq: 3, unreadBelow: 5 })).state)
  assert.equal(unreadCount(prepend(short, texts(5, 6), viewer, true), viewer), 8, 'the entry at 4 is still missing')
  assert.equal(unreadCount(prepend(short, texts(4, 6), viewer, true), viewer), 6)
  assert.equal(unreadCount(prepend(short, texts(1, 6), viewer, true), viewer), 6)
})

test('[D7] another epoch empties the replica, and the same one does not', () => {
  const welcome = {
    t: 'welcome',
    epoch: 'e',
    accountId: me,
    deviceId: uuidOf(0xd, 1),
    now: 0,
    heartbeatMs: 1,
    reconnectSpreadMs: 0,
  } as DownFrameOf<'welcome'>
  const { state } = after(resetOf(1, 5))
  assert.equal(apply(state, welcome).state, state)
  const anew = apply(state, { ...welcome, epoch: 'f' })
  assert.equal(anew.state.rooms.size, 0)
  assert.equal(anew.state.epoch, 'f')
  assert.deepEqual(anew.effects, [{ do: 'drop', conversationId: room }])
})

test('[D6] heads show what to request, and which room is gone', () => {
  const { state } = after(resetOf(1, 5))
  assert.deepEqual(apply(state, { t: 'heads', account: 0, heads: [[room, 5]] }).effects, [])
  assert.deepEqual(apply(state, { t: 'heads', account: 0, heads: [[room, 6]] }).effects, [{ do: 'refresh', conversationId: room }])
  assert.deepEqual(apply(state, { t: 'heads', account: 0, heads: [] }).effects, [{ do: 'drop', conversationId: room }])
  assert.deepEqual(
    apply(state, { t: 'heads', account: 1, heads: [] }).effects,
    [{ do: 'expect', account: 1 }],
    'a head that is further on tells nothing of what is gone',
  )
})

test('[W3] unknown kinds of entries and items are kept and counted, and change nothing else', () => {
  const strange = { ...texts(6, 6)[0], body: { kind: 'vote', question: 'noon?' } } as unknown as Entry
  const { state } = after(resetOf(1, 5), { t: 'entries', conversationId: room, after: 5, entries: [strange, ...texts(7, 7)] })
  assert.equal(roomOf(state).cursor, 7)
  assert.equal(unreadCount(roomOf(state), viewer), 6)
  const item = { kind: 'mood', key: 'x', value: 1 } as unknown as DownFrameOf<'account'>['items'][number]
  assert.equal(after({ t: 'account', from: 0, to: 1, items: [item] }).state.account, 1)
})

test('[O1] unread numbers of a room are bounded, and the newest told stay', () => {
  const counts = (from: number, length: number): ReplicaFrame => ({ t: 'unread', conversationId: room, from, counts: Array<number>(length).fill(1) })
  const full = roomOf(after(resetOf(1, 5), counts(1, unreadNumbersMax)).state)
  assert.equal(full.unread.size, unreadNumbersMax)
  assert.equal(full.unread.has(1), true)
  const over = roomOf(after(resetOf(1, 5), counts(1, unreadNumbersMax), counts(unreadNumbersMax + 1, 1)).state)
  assert.equal(over.unread.size, unreadNumbersMax)
  assert.equal(over.unread.has(1), false)
  assert.equal(over.unread.has(unreadNumbersMax + 1), true)
})

test('[D7] a room left and joined again shows nothing from before', () => {
  const { state, effects } = after(resetOf(1, 5), resetOf(8, 9, { joinedSeq: 8 }))
  assert.deepEqual(roomOf(state).ranges, [{ first: 8, last: 9 }])
  assert.deepEqual(effects[0], { do: 'drop', conversationId: room })
})

test('[R4] reading reduces the numbers at once, but not of one’s own entries and not twice', () => {
  const own = { ...texts(5, 5, me)[0] } as Entry
  const { state } = after(resetOf(1, 5, { entries: [...texts(1, 4), own] }), { t: 'unread', conversationId: room, from: 1, counts: [0, 1, 2, 2, 2] })
  const once = markRead(roomOf(state), 5, me)
  assert.deepEqual([...once.unread.values()], [0, 0, 1, 1, 2])
  assert.equal(markRead(once, 5, me), once)
})

test('[A3, D5] a room loaded again counts unread entries once, from a reset or, after a cut, from all its entries', () => {
  const held = after(resetOf(81, 100)).state
  const empty = withRoom(held, emptied(roomOf(held)))
  const all: ReplicaFrame = { t: 'entries', conversationId: room, after: 0, entries: texts(1, 100) }
  for (const frame of [resetOf(81, 100), all]) assert.equal(unreadCount(roomOf(apply(empty, frame).state), viewer), 100, frame.t)
})
