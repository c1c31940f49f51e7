import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pending, Room } from '@bongsu/client'
import type { AccountId, ClientMessageId, ConversationId, Entry, EntryBody } from '@bongsu/protocol'
import { buildRows, firstUnreadRow, rowAt, seenTo, seqRange, type Row, type RowsInput } from './rows.ts'

const me = 'me' as AccountId
const kim = 'kim' as AccountId
const noon = new Date(2024, 6, 18, 12, 0).getTime()

function entry(seq: number, author: AccountId, time: number, body: EntryBody = { kind: 'text', text: `글 ${seq}` }): Entry {
  return { seq, acceptedAt: time, author, id: `id-${seq}` as ClientMessageId, body }
}

function outboxItem(name: string, progress: Pending['progress'] = 'sending'): Pending {
  const body = { kind: 'text', text: name } as const
  const refused = progress === 'refused' ? 'text-too-long' : null
  return { id: name as ClientMessageId, conversationId: 'room' as ConversationId, body, writtenAt: noon, order: 1, refused, progress } as Pending
}

function input(entries: Entry[], more: Partial<RowsInput> & { unread?: [number, number][] } = {}): RowsInput {
  const { unread = [], ...rest } = more
  const room = {
    conversationId: 'room',
    meta: { kind: 'group', title: '마을', memberCount: 5, people: [] },
    cursor: entries.at(-1)?.seq ?? 0,
    readSeq: 0,
    readSaid: 0,
    unreadBelow: 0,
    inexact: false,
    ranges: [],
    membership: { conversationId: 'room', kind: 'group', joinedSeq: 1 },
    entries,
    unread: new Map(unread),
  } as unknown as Room
  return { room, outbox: [], me, live: true, readTo: null, hidden: new Set(), isClosed: () => false, ...rest }
}

const shape = (rows: readonly Row[]) =>
  rows.map((row) => (row.kind === 'message' ? `${row.author}${row.first ? '(' : ' '}${row.last ? ')' : ' '}` : row.kind))

test('[WEB] one author in one minute is one group; another author, minute or day begins a new one', () => {
  const rows = buildRows(
    input([
      entry(1, kim, noon - 86_400_000),
      entry(2, kim, noon),
      entry(3, kim, noon + 59_999),
      entry(4, me, noon + 59_999),
      entry(5, kim, noon + 59_999),
      entry(6, kim, noon + 60_000),
    ]),
  )
  assert.deepEqual(shape(rows), ['day', 'kim()', 'day', 'kim( ', 'kim )', 'me()', 'kim()', 'kim()'])
})

test('[WEB] a line stands between groups', () => {
  const rows = buildRows(input([entry(1, kim, noon), entry(2, me, noon, { kind: 'left' }), entry(3, kim, noon)]))
  assert.deepEqual(shape(rows), ['day', 'kim()', 'line', 'kim()'])
})

test('[C3] what is in the outbox is sending, waiting or failed, and sent only once accepted', () => {
  const states = (live: boolean) =>
    buildRows(input([entry(1, kim, noon)], { live, outbox: [outboxItem('a'), outboxItem('b', 'refused'), outboxItem('c', 'sent')] })).flatMap((row) =>
      row.kind === 'message' ? [row.state] : [],
    )
  assert.deepEqual(states(true), ['sent', 'sending', 'failed', 'sent'])
  assert.deepEqual(states(false), ['sent', 'waiting', 'failed', 'sent'])
})

test('[M2] a message that is in the log and still in the outbox is shown once, under the same key as before', () => {
  const before = buildRows(input([], { outbox: [outboxItem('id-1')] }))
  const after = buildRows(input([entry(1, me, noon)], { outbox: [outboxItem('id-1')] }))
  assert.deepEqual(
    before.map((row) => row.kind),
    ['day', 'message'],
  )
  assert.deepEqual(
    after.map((row) => row.kind),
    ['day', 'message'],
  )
  assert.equal(after[1]?.key, before[1]?.key)
})

test('[WEB] the line of what was read stands above the first unread entry of somebody else', () => {
  const entries = [entry(1, kim, noon), entry(2, me, noon), entry(3, kim, noon), entry(4, kim, noon)]
  assert.deepEqual(shape(buildRows(input(entries, { readTo: 1 }))), ['day', 'kim()', 'me()', 'read-line', 'kim( ', 'kim )'])
  assert.ok(!buildRows(input(entries, { readTo: 4 })).some((row) => row.kind === 'read-line'))
  assert.ok(!buildRows(input(entries, { readTo: 0 })).some((row) => row.kind === 'read-line'))
})

test('[R4] each message carries its number; one the server has not told yet shows none', () => {
  const rows = buildRows(input([entry(1, kim, noon), entry(2, kim, noon)], { unread: [[1, 2]] }))
  assert.deepEqual(
    rows.flatMap((row) => (row.kind === 'message' ? [row.unread] : [])),
    [2, 0],
  )
})

test('[WEB] the range in view is told in seqs, without what has none', () => {
  const rows = buildRows(input([entry(7, kim, noon), entry(8, me, noon)], { outbox: [outboxItem('a')] }))
  assert.deepEqual(seqRange(rows, 0, 99), { from: 7, to: 8 })
  assert.deepEqual(seqRange(rows, 2, 3), { from: 8, to: 8 })
  assert.equal(seqRange(rows, 0, 0), null)
})

test('[R5] the first unread entry is of somebody else, with its day and line above it', () => {
  const rows = buildRows(input([entry(1, kim, noon), entry(2, me, noon), entry(3, kim, noon + 86_400_000)], { readTo: 1 }))
  assert.deepEqual(shape(rows), ['day', 'kim()', 'me()', 'read-line', 'day', 'kim()'])
  assert.equal(firstUnreadRow(rows, 1, me), 3)
  assert.equal(firstUnreadRow(rows, 3, me), -1)
  assert.equal(firstUnreadRow(rows, 0, me), 0)
})

test('[R5] what is seen ends below the next entry that is drawn, and at the end when none follows', () => {
  const entries = [1, 2, 3, 4, 5].map((seq) => entry(seq, kim, noon))
  const rows = buildRows(input(entries, { hidden: new Set([3, 5]) }))
  assert.deepEqual(
    [1, 2, 4].map((seq) => seenTo(rows, seq, 5)),
    [1, 3, 5],
  )
})

test('[R6] a place is found again by its entry, or by the next one that is drawn', () => {
  const rows = buildRows(input([entry(4, kim, noon), entry(5, kim, noon), entry(6, kim, noon)], { hidden: new Set([5]), outbox: [outboxItem('a')] }))
  assert.deepEqual(
    [3, 4, 5, 6, 7].map((seq) => rowAt(rows, seq)),
    [1, 1, 2, 2, -1],
  )
})

test('[WEB] every row has a key of its own', () => {
  const rows = buildRows(input([entry(1, kim, noon), entry(2, me, noon + 86_400_000), entry(3, kim, noon)], { outbox: [outboxItem('a')], readTo: 1 }))
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length)
})

test('[WEB] an entry of an unknown kind is a line, and what is not worth a line leaves nothing', () => {
  const poll = { kind: 'poll' } as unknown as EntryBody
  const made: EntryBody = { kind: 'created', title: '', accounts: [] }
  const kinds = (entries: Entry[], kind: 'group' | 'direct') => {
    const given = input(entries)
    return shape(buildRows({ ...given, room: { ...given.room, meta: { ...given.room.meta, kind } } }))
  }
  assert.deepEqual(kinds([entry(1, kim, noon, made), entry(2, kim, noon, poll)], 'group'), ['day', 'line', 'line'])
  assert.deepEqual(kinds([entry(1, kim, noon, made), entry(2, kim, noon)], 'direct'), ['day', 'kim()'])
})

test('[WEB] what the reader has erased for themselves is not shown, and its neighbours join', () => {
  const entries = [entry(1, kim, noon), entry(2, me, noon), entry(3, kim, noon)]
  assert.deepEqual(shape(buildRows(input(entries, { hidden: new Set([2]) }))), ['day', 'kim( ', 'kim )'])
  assert.deepEqual(shape(buildRows(input(entries, { hidden: new Set([1, 2, 3]) }))), [])
})

test('[B3] messages of blocked people are one line, which hides no place in the room', () => {
  const entries = [entry(1, me, noon), entry(2, kim, noon), entry(3, kim, noon), entry(4, me, noon), entry(5, kim, noon, { kind: 'left' })]
  const closed = buildRows(input(entries, { isClosed: ({ author }) => author === kim, readTo: 1 }))
  assert.deepEqual(shape(closed), ['day', 'me()', 'blocked', 'me()', 'line'], 'neither counted as unread nor said, and an event stays')
  assert.equal(seenTo(closed, 3, 5), 3)
  assert.equal(rowAt(closed, 2), 2)
  assert.equal(firstUnreadRow(closed.slice(0, 4), 1, me), -1)
  const opened = buildRows(input(entries, { isClosed: ({ author, seq }) => author === kim && seq !== 3 }))
  assert.deepEqual(shape(opened), ['day', 'me()', 'blocked', 'kim()', 'me()', 'line'])
})
