import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUp } from './check.ts'
import { canonicalBody, faultInAct, faultInBody, type Act, type SendBody } from './kinds.ts'
import type { Mention } from './kinds/text.ts'
import { LIMITS } from './limits.ts'

const ID = '019aa000-0000-7000-8000-000000000001'
const ROOM = '019aa000-0000-7000-8000-0000000000aa'
const reaction = (emoji: string): Act => ({ kind: 'reaction', value: { emoji } })

/** The server's answer to an act from the wire. */
function atDoor(act: unknown, more: object = {}): string {
  const decoded = decodeUp(JSON.stringify({ t: 'set', id: ID, conversationId: ROOM, seq: 1, subject: ID, act, ...more }))
  return decoded.ok ? 'taken' : decoded.code
}

test('[I8] a reaction is one emoji that Unicode recommends, joined and coloured ones included', () => {
  for (const emoji of ['❤️', '👍', '👍🏿', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇰🇷', '1️⃣', '🫠']) assert.equal(faultInAct(reaction(emoji)), null, emoji)
  for (const none of ['a', '가', '👍👍', ' 👍', '👍 ', '❤', '1', '\u200d', '\ud83d', '👍\u0000', '<b>', '🇰', '️'])
    assert.equal(faultInAct(reaction(none)), 'body-invalid', JSON.stringify(none))
  assert.equal(faultInAct({ kind: 'reaction', value: null }), null)
})

test('[W1, I8] an act of the wrong shape does not come past the door', () => {
  assert.equal(atDoor(reaction('👍')), 'taken')
  const wrong: readonly unknown[] = [
    reaction(''),
    reaction('가'.repeat(LIMITS.emojiLengthMax + 1)),
    { kind: 'reaction' },
    { kind: 'reaction', value: '👍' },
    { kind: 'reaction', value: { emoji: 7 } },
    { kind: 'reaction', value: { emoji: '👍', more: 1 } },
    { kind: 'erased', value: null },
    { kind: 'edit', value: { text: 7 } },
    { kind: 'edit', value: { text: '말', editedAt: 1 } },
    { kind: 'star', value: {} },
    { kind: '__proto__', value: {} },
    null,
  ]
  for (const act of wrong) assert.equal(atDoor(act), 'frame-malformed', JSON.stringify(act))
  for (const more of [{ seq: 0 }, { seq: 1.5 }, { seq: '1' }, { subject: 'x' }, { subject: null }, { more: 1 }])
    assert.equal(atDoor(reaction('👍'), more), 'frame-malformed', JSON.stringify(more))
})

test('[I5] an edit is a text like any other', () => {
  const edit = (text: string): ReturnType<typeof faultInAct> => faultInAct({ kind: 'edit', value: { text } })
  assert.equal(edit('고친 말'), null)
  assert.equal(edit(' \n'), 'text-empty')
  assert.equal(edit('나\0'), 'text-malformed')
  assert.equal(edit('\ud800'), 'text-malformed')
  assert.equal(edit('🔥'.repeat(LIMITS.textCodePointsMax)), null)
  assert.equal(edit('🔥'.repeat(LIMITS.textCodePointsMax + 1)), 'text-too-long')
  assert.equal(faultInAct({ kind: 'erased', value: {} }), null)
})

test('[I9] mentions lie inside the text, in order, and cover something', () => {
  const fault = (mentions: readonly Mention[]): ReturnType<typeof faultInBody> => faultInBody({ kind: 'text', text: '@영호 @하나', mentions })
  const who = 'everyone' as const
  assert.equal(fault([{ who, at: 0, length: 3 }]), null)
  assert.equal(
    fault([
      { who, at: 0, length: 3 },
      { who, at: 4, length: 3 },
    ]),
    null,
  )
  for (const wrong of [
    [{ who, at: 0, length: 0 }],
    [{ who, at: 6, length: 2 }],
    [{ who, at: -1, length: 2 }],
    [
      { who, at: 4, length: 3 },
      { who, at: 0, length: 3 },
    ],
    [
      { who, at: 0, length: 4 },
      { who, at: 3, length: 3 },
    ],
  ])
    assert.equal(fault(wrong), 'body-invalid', JSON.stringify(wrong))
  const many = (count: number): unknown => ({
    t: 'send',
    id: ID,
    conversationId: ROOM,
    body: { kind: 'text', text: 'x', mentions: Array.from({ length: count }, () => ({ who, at: 0, length: 1 })) },
  })
  assert.equal(decodeUp(JSON.stringify(many(LIMITS.mentionsMax))).ok, true)
  assert.equal(decodeUp(JSON.stringify(many(LIMITS.mentionsMax + 1))).ok, false)
  assert.equal(decodeUp(JSON.stringify(many(0))).ok, false)
})

test('[M2] the canonical text of a body does not depend on the order of its fields, and tells different ones apart', () => {
  const one = { kind: 'text', text: '"네"', replyTo: 3, mentions: [{ who: 'everyone', at: 0, length: 1 }] } as const
  const other = { mentions: [{ length: 1, at: 0, who: 'everyone' }], replyTo: 3, text: '"네"', kind: 'text' } as const
  assert.equal(canonicalBody(one), canonicalBody(other))
  assert.deepEqual(JSON.parse(canonicalBody(one)), one)
  const bodies: readonly SendBody[] = [
    one,
    { kind: 'text', text: '"네"' },
    { kind: 'text', text: '"네"', replyTo: 3 },
    { kind: 'renamed', title: '"네"' },
    { kind: 'left' },
  ]
  assert.equal(new Set(bodies.map(canonicalBody)).size, bodies.length)
})

test('[M4, W1] a place is on the earth, with five decimals', () => {
  const place = (geo: string, withinM = 12): string => {
    const decoded = decodeUp(JSON.stringify({ t: 'send', id: ID, conversationId: ROOM, body: { kind: 'place', geo, withinM } }))
    return decoded.ok ? (faultInBody({ kind: 'place', geo, withinM }) ?? 'taken') : decoded.code
  }
  for (const geo of ['37.56650,126.97800', '-33.86880,151.20930', '90.00000,-180.00000', '0.00000,0.00000']) assert.equal(place(geo), 'taken', geo)
  for (const geo of ['90.00001,0.00000', '0.00000,180.00001', '99.00000,0.00000']) assert.equal(place(geo), 'body-invalid', geo)
  for (const geo of ['37.5,126.9', '37.56650', '37.56650,126.97800,1', '<b>', '37.56650, 126.97800']) assert.equal(place(geo), 'frame-malformed', geo)
  assert.deepEqual(
    [place('1.00000,1.00000', 100_000), place('1.00000,1.00000', 100_001), place('1.00000,1.00000', -1)],
    ['taken', 'frame-malformed', 'frame-malformed'],
  )
})
