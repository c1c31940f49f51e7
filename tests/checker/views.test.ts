import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import { judgeNumbers, judgeViews, type ShownNumbers, type ShownRoom } from './views.ts'

const ROOM = 'room' as ConversationId
const [KIM, LEE, PARK] = ['kim', 'lee', 'park'] as [AccountId, AccountId, AccountId]
const SHOWN: ShownRoom = {
  conversationId: ROOM,
  kind: 'group',
  title: '등산',
  memberCount: 3,
  people: [LEE, PARK],
  joinedSeq: 2,
  readSeq: 4,
  badge: 1,
}

test('[D5] views that are equal are not blamed, whatever the order of rooms and names', () => {
  const other = { ...SHOWN, conversationId: 'other' as ConversationId }
  assert.deepEqual(judgeViews([SHOWN, other], [other, { ...SHOWN, people: [PARK, LEE] }], 'phone'), [])
})

test('[D5] a difference in anything that is shown is seen, and so is a room too few or too many', () => {
  const changes: Partial<ShownRoom>[] = [
    { title: '' },
    { memberCount: 2 },
    { people: [LEE] },
    { joinedSeq: 1 },
    { readSeq: 3 },
    { badge: 0 },
    { kind: 'direct' },
  ]
  for (const change of changes) assert.equal(judgeViews([{ ...SHOWN, ...change }], [SHOWN], 'phone').length, 1, JSON.stringify(change))
  assert.equal(judgeViews([], [SHOWN], 'phone')[0]?.breach, 'view-differs')
  assert.equal(judgeViews([SHOWN], [], 'phone')[0]?.breach, 'view-differs')
})

function entry(seq: number, author: AccountId): Entry {
  return { seq, acceptedAt: 0, author, id: `${seq}` as ClientMessageId, body: { kind: 'text', text: `${seq}` } }
}

const NUMBERS: ShownNumbers = {
  holder: 'phone',
  conversationId: ROOM,
  entries: [entry(3, KIM), entry(4, LEE), entry(5, KIM)],
  members: [
    { account: KIM, joinedSeq: 1, watermark: 2 },
    { account: LEE, joinedSeq: 1, watermark: 4 },
    { account: PARK, joinedSeq: 4, watermark: 3 },
  ],
  shown: new Map([
    [4, 2],
    [5, 2],
  ]),
}

test('[R4] right numbers are not blamed: none at 0, the author left out, a newcomer counted from the coming in', () => {
  assert.deepEqual(judgeNumbers(NUMBERS), [])
})

test('[R4] a number that counts the author, a reader, or somebody who was not there yet is seen', () => {
  for (const [seq, number] of [
    [3, 1],
    [4, 3],
    [5, 1],
    [5, 0],
  ] as const) {
    const found = judgeNumbers({ ...NUMBERS, shown: new Map([...NUMBERS.shown, [seq, number]]) })
    assert.deepEqual(
      found.map(({ breach }) => breach),
      ['number-wrong'],
      `${number} beside #${seq}`,
    )
  }
})
