import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type Act, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import { decideRaise, decideSet } from './decide.ts'
import type { SetFacts } from './facts.ts'
import type { SetRequest } from './requests.ts'

const [author, other] = ['a', 'b'] as [AccountId, AccountId]
const subject = 's' as ClientMessageId
const ask = (act: Act, by = author): SetRequest => ({
  conversationId: 'c' as ConversationId,
  author: by,
  id: 'i' as ClientMessageId,
  seq: 5,
  subject,
  act,
})
const LIKE: Act = { kind: 'reaction', value: { emoji: '👍' } }
const FACTS: SetFacts = {
  known: null,
  place: { kind: 'group', head: 9, change: 0, memberCount: 3, joinedSeq: 1, state: null },
  subject: { id: subject, author, acceptedAt: 0, body: { kind: 'text', text: '말' } },
  current: null,
  different: 0,
  marks: 0,
  maker: null,
  own: 0,
}
const answer = (act: Act, facts: Partial<SetFacts>, now = 1): string => {
  const decision = decideSet(ask(act), { ...FACTS, ...facts }, now)
  return 'refuse' in decision ? decision.refuse : (Object.keys(decision)[0] ?? '')
}

test('[I8] each bound of marks takes its last and refuses one more', () => {
  assert.equal(answer(LIKE, { different: LIMITS.reactionKindsMax - 1 }), 'write')
  assert.equal(answer(LIKE, { different: LIMITS.reactionKindsMax }), 'limit-reached')
  assert.equal(answer(LIKE, { marks: LIMITS.marksPerEntryMax - 1 }), 'write')
  assert.equal(answer(LIKE, { marks: LIMITS.marksPerEntryMax }), 'limit-reached')
  // A member with a reaction may change it and take it back.
  const current = { value: '{"emoji":"😮"}', change: 3 }
  assert.equal(answer(LIKE, { marks: LIMITS.marksPerEntryMax, current }), 'write')
  assert.equal(answer({ kind: 'reaction', value: null }, { different: LIMITS.reactionKindsMax, marks: LIMITS.marksPerEntryMax, current }), 'write')
  // Whoever has taken one back needs room for another.
  assert.equal(answer(LIKE, { marks: LIMITS.marksPerEntryMax, current: { value: null, change: 4 } }), 'limit-reached')
  const hide: Act = { kind: 'hidden', value: {} }
  assert.equal(answer(hide, { own: LIMITS.hiddenPerAccountMax - 1 }), 'write')
  assert.equal(answer(hide, { own: LIMITS.hiddenPerAccountMax }), 'limit-reached')
  assert.equal(answer(hide, { own: LIMITS.hiddenPerAccountMax, current: { value: '{}', change: 7 } }), 'keep')
})

test('[I5] a day is a day by the server’s clock, and not a millisecond more', () => {
  const edit: Act = { kind: 'edit', value: { text: '고친 말' } }
  assert.equal(answer(edit, {}, LIMITS.editMsMax), 'write')
  assert.equal(answer(edit, {}, LIMITS.editMsMax + 1), 'too-late')
  assert.equal(answer(edit, {}, -LIMITS.editMsMax), 'write')
  assert.equal(answer({ kind: 'erased', value: {} }, {}, LIMITS.eraseMsMax + 1), 'too-late')
  assert.equal(answer({ kind: 'erased', value: {} }, { place: { ...FACTS.place!, kind: 'self' } }, 2 * LIMITS.eraseMsMax), 'write')
  const decision = decideSet(ask(edit, other), FACTS, 1)
  assert.deepEqual(decision, { refuse: 'forbidden' })
})

test('[I1] a write says all that it changes, as data', () => {
  assert.deepEqual(decideSet(ask({ kind: 'edit', value: { text: '고친 말' } }), FACTS, 7), {
    write: {
      owner: 'conversation',
      kind: 'edit',
      key: '5',
      seq: 5,
      value: '{"text":"고친 말","editedAt":7}',
      rewrite: { kind: 'text', text: '고친 말' },
      clears: false,
    },
  })
  assert.deepEqual(decideSet(ask({ kind: 'erased', value: {} }), FACTS, 7), {
    write: { owner: 'conversation', kind: 'erased', key: '5', seq: 5, value: '{}', rewrite: { kind: 'erased' }, clears: true },
  })
})

test('[I1] what is so already is kept, whatever its time', () => {
  const done = { value: '{"doneAt":7}', change: 3 }
  assert.equal(answer({ kind: 'done', value: {} }, { current: done }, 9), 'keep')
  assert.equal(answer({ kind: 'done', value: null }, { current: done }, 9), 'write')
  assert.equal(answer({ kind: 'done', value: {} }, { current: { value: null, change: 4 } }, 9), 'write')
  const edited = { value: '{"text":"고친 말","editedAt":7}', change: 3 }
  assert.equal(answer({ kind: 'edit', value: { text: '고친 말' } }, { current: edited }, 9), 'keep')
  assert.equal(answer({ kind: 'edit', value: { text: '또 고친 말' } }, { current: edited }, 9), 'write')
})

test('[I9] where many would hear it, only the host mentions everyone by an edit', () => {
  const everyone: Act = { kind: 'edit', value: { text: '@모두', mentions: [{ who: 'everyone', at: 0, length: 3 }] } }
  const large = { ...FACTS.place!, memberCount: LIMITS.everyoneMembersMax + 1 }
  assert.equal(answer(everyone, { place: { ...large, memberCount: LIMITS.everyoneMembersMax } }), 'write')
  assert.equal(answer(everyone, { place: large }), 'forbidden')
  assert.equal(answer(everyone, { place: large, maker: author }), 'write')
  // The conversation has grown since the entry was written.
  const body = { kind: 'text', text: '@모두 네', mentions: [{ who: 'everyone', at: 0, length: 3 }] } as const
  assert.equal(answer(everyone, { place: large, subject: { ...FACTS.subject!, body } }), 'write')
})

test('[R1, R2] a watermark rises to what is asked, never falls, and never passes the head', () => {
  assert.deepEqual(
    [decideRaise(3, 5, 9), decideRaise(3, 50, 9), decideRaise(3, 3, 9), decideRaise(3, 2, 9), decideRaise(9, 50, 9)],
    [5, 9, null, null, null],
  )
})
