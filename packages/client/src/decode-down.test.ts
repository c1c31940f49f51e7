import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'
import { DownFrameSchema } from '@bongsu/protocol/schemas'
import type { DownFrame } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import { decodeDown } from './decode-down.ts'

const schema = Compile(DownFrameSchema)
const id = uuidOf(1, 1)
const person = { accountId: id, handle: 'h', displayName: 'd' }
const entry = (seq: number, body: unknown) => ({ seq, acceptedAt: 1, author: id, id, body })
const meta = { kind: 'group', title: '', memberCount: 2, people: [person] }
const text = { kind: 'text', text: '안녕' }

const frames: readonly unknown[] = [
  { t: 'welcome', epoch: 'e', accountId: id, deviceId: id, now: 1, heartbeatMs: 1, reconnectSpreadMs: 0, token: 'x', restored: [[id, 3]] },
  {
    t: 'account',
    from: 0,
    to: 9,
    items: [
      { kind: 'profile', key: '', value: { ...person, role: 'admin' } },
      { kind: 'membership', key: id, value: { conversationId: id, kind: 'self', joinedSeq: 1 } },
      { kind: 'membership', key: id, value: null },
      { kind: 'read', key: id, value: { seq: 0 } },
      { kind: 'friend', key: id, value: person },
      { kind: 'friend', key: id, value: null },
      { kind: 'person', key: id, value: person },
      { kind: 'device', key: id, value: { deviceId: id, name: 'n', createdAt: 1 } },
      { kind: 'device', key: id, value: null },
    ],
  },
  {
    t: 'entries',
    conversationId: id,
    after: 0,
    entries: [
      entry(1, { kind: 'created', title: 't', accounts: [id] }),
      entry(2, text),
      entry(3, { kind: 'invited', accounts: [id] }),
      entry(4, { kind: 'renamed', title: '' }),
      entry(5, { kind: 'left' }),
    ],
  },
  { t: 'reset', conversationId: id, head: 7, joinedSeq: 1, meta, entries: [entry(6, text), entry(7, text)], readSeq: 0, unreadBelow: 0 },
  { t: 'items', conversationId: id, from: 0, to: 2, items: [{ kind: 'reaction', key: `1:${id}`, change: 2, value: { emoji: '👍' } }] },
  { t: 'set-accepted', id, conversationId: id, change: 2 },
  { t: 'caught-up', account: 0, total: 0 },
  { t: 'beat', now: 1, account: 0, total: null },
  { t: 'beat', now: 1, account: 0, total: 3 },
  { t: 'heads', account: 0, heads: [[id, 3]] },
  { t: 'accepted', id, conversationId: id, seq: 1, acceptedAt: 1 },
  { t: 'refused', id, re: 'send', code: 'busy', retryAfterMs: 1 },
  { t: 'refused', code: 'frame-malformed' },
  { t: 'unread', conversationId: id, from: 1, counts: [0, 2] },
  { t: 'typing', conversationId: id, accountId: id },
  { t: 'pong', n: 0 },
  { t: 'drain', spreadMs: 0 },
  { t: 'turn', inMs: 4_200 },
  { t: 'audit', conversationId: id, from: 1, to: 2, hash: '0'.repeat(64) },
  { t: 'audit', conversationId: id, from: 1, to: 2, hash: null },
]

test('[W1] every frame of the protocol is accepted completely', () => {
  for (const frame of frames) {
    assert.ok(schema.Check(frame), `the example is right: ${JSON.stringify(frame)}`)
    assert.deepEqual(decodeDown(JSON.stringify(frame)), { kind: 'frame', frame })
  }
  const types = new Set(frames.map((frame) => (frame as DownFrame).t))
  const known = DownFrameSchema.anyOf.map((one) => one.properties.t.const)
  assert.deepEqual([...types].toSorted(), [...known].toSorted(), 'there is an example of each type')
})

test('[W3] the golden frames of every version are read', () => {
  const folder = new URL('../../protocol/golden/', import.meta.url)
  let read = 0
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (!/down.*\.json$/.test(name)) continue
    const golden = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown
    for (const frame of Array.isArray(golden) ? golden : [golden]) {
      assert.equal(decodeDown(JSON.stringify(frame)).kind, 'frame', `${name}: ${JSON.stringify(frame)}`)
      read++
    }
  }
  assert.ok(read > 0, 'there are golden frames')
})

test('[W1] a frame with a missing field or a wrong type is malformed', () => {
  for (const frame of frames as Record<string, unknown>[]) {
    for (const field of Object.keys(frame)) {
      for (const wrong of [undefined, null, 'x', -1, 1.5, {}, [0], [{}], [null]]) {
        const broken = { ...frame, [field]: wrong }
        // What the schema accepts, the client must accept. What the schema refuses is either refused or harmless.
        if (schema.Check(broken)) assert.equal(decodeDown(JSON.stringify(broken)).kind, 'frame', JSON.stringify(broken))
        else if (typeof wrong !== 'string' && field !== 't') assert.notEqual(decodeDown(JSON.stringify(broken)).kind, 'frame', JSON.stringify(broken))
      }
    }
  }
})

test('[W1] anything that is not a frame is malformed and never throws', () => {
  for (const sent of ['', '{', 'null', '1', '"t"', '[]', '{}', '{"t":1}', '{"t":null}']) assert.equal(decodeDown(sent).kind, 'malformed', sent)
})

test('[W3] an unknown type is ignored, also with the name of an inherited property', () => {
  for (const t of ['vote', 'toString', '__proto__', 'constructor']) assert.equal(decodeDown(JSON.stringify({ t, x: 1 })).kind, 'unknown', t)
})

test('[W3] unknown fields, bodies and items pass', () => {
  const strange = {
    t: 'entries',
    conversationId: id,
    after: 0,
    later: 1,
    entries: [entry(1, { kind: 'vote', of: [1] }), entry(2, { kind: 'valueOf' })],
  }
  assert.equal(decodeDown(JSON.stringify(strange)).kind, 'frame')
  const items = [{ kind: 'mood', key: 'k', value: 3 }]
  assert.equal(decodeDown(JSON.stringify({ t: 'account', from: 0, to: 1, items })).kind, 'frame')
})

test('[D2] entries with a gap are malformed', () => {
  const decode = (after: number, seqs: number[]) =>
    decodeDown(JSON.stringify({ t: 'entries', conversationId: id, after, entries: seqs.map((seq) => entry(seq, text)) })).kind
  assert.equal(decode(4, [5, 6]), 'frame')
  assert.equal(decode(4, [6, 7]), 'malformed')
  assert.equal(decode(4, [5, 7]), 'malformed')
  assert.equal(decode(4, [5, 5]), 'malformed')
  const reset = (head: number, seqs: number[]) =>
    decodeDown(
      JSON.stringify({
        t: 'reset',
        conversationId: id,
        head,
        joinedSeq: 1,
        meta,
        entries: seqs.map((seq) => entry(seq, text)),
        readSeq: 0,
        unreadBelow: 0,
      }),
    ).kind
  assert.equal(reset(6, [5, 6]), 'frame')
  assert.equal(reset(6, []), 'frame')
  assert.equal(reset(7, [5, 6]), 'malformed')
  assert.equal(reset(6, [4, 6]), 'malformed')
})
