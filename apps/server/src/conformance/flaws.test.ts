import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flawsIn, flawsOnWire } from './flaws.ts'
import type { LoadingLine, Shown, ShownEntry } from './line-protocol.ts'
import type { Frame, Passage } from './middleman.ts'

function entry(seq: number, id = `id-${seq}`): ShownEntry {
  return { seq, id, author: 'a', acceptedAt: 1, kind: 'text', text: `${seq}`, reactions: {} }
}

function promisesBrokenBy(
  items: readonly (ShownEntry | LoadingLine)[],
  unsent: Shown['unsent'] = [],
  heard: readonly Frame[] = [],
): readonly string[] {
  const log = heard.map((frame) => ({ way: 'down', frame, at: 0 }) as const)
  return flawsIn({ items, unsent }, log).map(({ promise }) => promise)
}

test('[W6, D4, D2, M2] what a client shows has no hole without a loading line, no entry below a later one, and none twice', () => {
  const loading = { loading: true } as const
  assert.deepEqual(promisesBrokenBy([loading, entry(4), entry(5), loading, entry(9)]), [])
  assert.deepEqual(promisesBrokenBy([entry(4), entry(6)]), ['D4'])
  assert.deepEqual(promisesBrokenBy([entry(4), entry(3)]), ['D2'])
  assert.deepEqual(promisesBrokenBy([entry(4), loading, entry(3)]), ['D2'])
  assert.deepEqual(promisesBrokenBy([entry(4, 'x'), entry(5, 'x')]), ['M2'])
})

test('[W6, C3] a text is shown as sent only when a server has said so, and never as an entry too', () => {
  const sent = { id: 'x', text: 'x', state: 'sent', code: null } as const
  assert.deepEqual(promisesBrokenBy([], [sent]), ['C3'])
  assert.deepEqual(promisesBrokenBy([], [sent], [{ t: 'accepted', id: 'x' }]), [])
  assert.deepEqual(promisesBrokenBy([entry(1, 'x')], [{ ...sent, state: 'waiting' }]), ['C3'])
})

function onWire(...said: readonly (readonly ['up' | 'down', Frame])[]): readonly string[] {
  const log = said.map(([way, frame]) => ({ way, frame, at: 0 }))
  return flawsOnWire([{ log } as unknown as Passage]).map(({ promise }) => promise)
}

const send = (id: string, text = id, conversationId = 'c'): readonly ['up', Frame] => ['up', { t: 'send', id, conversationId, body: { text } }]

test('[W6, M6] one unanswered text in each conversation, where an answer is a refusal, an acceptance or the entry itself', () => {
  assert.deepEqual(onWire(send('1'), send('2')), ['M6'])
  assert.deepEqual(onWire(send('1'), send('1')), [], 'the same text again')
  assert.deepEqual(onWire(send('1'), send('2', '2', 'd')), [], 'another conversation')
  for (const answer of [
    { t: 'accepted', id: '1' },
    { t: 'refused', id: '1', code: 'busy' },
    { t: 'entries', entries: [{ id: '1' }] },
  ])
    assert.deepEqual(onWire(send('1'), ['down', answer], send('2')), [], answer.t)
  assert.deepEqual(onWire(['down', { t: 'entries', entries: [{ id: '1' }] }], send('1'), send('2')), [], 'its entry was on its way')
})

test('[W6, M2, W3] the same text under another id, and a frame that no server understands', () => {
  assert.deepEqual(onWire(send('1', 'hello'), ['down', { t: 'accepted', id: '1' }], send('2', 'hello')), ['M2'])
  assert.deepEqual(onWire(['down', { t: 'refused', code: 'frame-malformed', re: 'send' }]), ['W3'])
  assert.deepEqual(onWire(['down', { t: 'refused', code: 'frame-malformed', re: 'hello' }]), [], 'an older server')
})
