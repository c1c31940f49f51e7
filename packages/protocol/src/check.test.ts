import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeUp, type Decoded } from './check.ts'
import { LIMITS } from './limits.ts'
import { REFUSALS } from './refusals.ts'

const ID = '019aa000-0000-7000-8000-000000000001'
const ROOM = '019aa000-0000-7000-8000-0000000000aa'
const send = { t: 'send', id: ID, conversationId: ROOM, body: { kind: 'text', text: '봉수' } }

function decode(value: unknown): Decoded {
  return decodeUp(JSON.stringify(value))
}

test('[W1] input that is not JSON, or not an object with a type, is malformed and names no frame', () => {
  const texts = [
    '',
    ' ',
    '{',
    'hello',
    "{'t':'ping'}",
    '[]',
    'null',
    'true',
    '1',
    '"send"',
    '{}',
    '{"t":1}',
    '{"t":null}',
    '{"t":["ping"]}',
    '[{"t":"ping"}]',
  ]
  for (const text of texts) assert.deepEqual(decodeUp(text), { ok: false, code: 'frame-malformed' }, text)
})

test('[W1] the answer repeats an unknown type, cut to 32 characters', () => {
  assert.deepEqual(decode({ t: 'edit' }), { ok: false, code: 'frame-unknown', re: 'edit' })
  assert.deepEqual(decode({ t: 'x'.repeat(100_000) }), { ok: false, code: 'frame-unknown', re: 'x'.repeat(32) })
  assert.deepEqual(decode({ t: '' }), { ok: false, code: 'frame-unknown', re: '' })
})

test('[W1] names of inherited properties are not frame types', () => {
  for (const t of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])
    assert.deepEqual(decode({ t }), { ok: false, code: 'frame-unknown', re: t })
})

test('[W1] a __proto__ key changes nothing and is refused as an additional field', () => {
  assert.deepEqual(decodeUp('{"t":"ping","n":1,"__proto__":{"admin":true}}'), { ok: false, code: 'frame-malformed', re: 'ping' })
  assert.equal(({} as { admin?: true }).admin, undefined)
})

test('[W1] a missing, additional or wrongly typed field is malformed; a readable id is returned', () => {
  const { body: _, ...withoutBody } = send
  const wrong = [
    withoutBody,
    { ...send, extra: 1 },
    { ...send, conversationId: 7 },
    { ...send, conversationId: ROOM.toUpperCase() },
    { ...send, conversationId: `${ROOM}\n` },
    { ...send, body: null },
    { ...send, body: { kind: 'text' } },
    { ...send, body: { kind: 'text', text: 5 } },
    { ...send, body: { kind: 'text', text: 'a', html: '<b>' } },
    { ...send, body: { kind: 'created', title: '', accounts: [] } },
    { ...send, body: { kind: 'invited', accounts: Array.from({ length: LIMITS.inviteesPerEntryMax + 1 }, () => ID) } },
  ]
  for (const value of wrong) assert.deepEqual(decode(value), { ok: false, code: 'frame-malformed', re: 'send', id: ID }, JSON.stringify(value))
  for (const id of [undefined, null, 1, 'short', ID.toUpperCase(), [ID]])
    assert.deepEqual(decode({ ...send, id }), { ok: false, code: 'frame-malformed', re: 'send' })
})

test('[W1] numbers must be whole, in range and not texts', () => {
  for (const seq of [0, -1, 1.5, '1', Number.MAX_SAFE_INTEGER + 1, null])
    assert.equal(decode({ t: 'read', conversationId: ROOM, seq }).ok, false, String(seq))
  assert.equal(decodeUp(`{"t":"read","conversationId":"${ROOM}","seq":1e999}`).ok, false)
  assert.equal(decode({ t: 'read', conversationId: ROOM, seq: Number.MAX_SAFE_INTEGER }).ok, true)
  assert.equal(decode({ t: 'ping', n: 0 }).ok, true)
})

test('[W1] a hello may name at most 1,000 conversations and a token of at most 2,048 characters', () => {
  const hello = (count: number, tokenLength: number): Decoded =>
    decode({ t: 'hello', token: 'x'.repeat(tokenLength), epoch: null, account: 0, cursors: Array.from({ length: count }, () => [ROOM, 1]) })
  assert.equal(hello(LIMITS.conversationsPerAccountMax, 2_048).ok, true)
  assert.equal(hello(LIMITS.conversationsPerAccountMax + 1, 1).ok, false)
  assert.equal(hello(0, 2_049).ok, false)
})

test('[W1] nesting 100,000 levels deep is refused, not followed', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.equal(decodeUp(deep).ok, false)
  assert.deepEqual(decodeUp(`{"t":"ping","n":${deep}}`), { ok: false, code: 'frame-malformed', re: 'ping' })
  assert.equal(decodeUp(`{"t":"ping","n":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`).ok, false)
})

test('[W1] a frame of 128 KiB is read in full and quickly', () => {
  const room = LIMITS.upFrameBytesMax - JSON.stringify({ ...send, body: { kind: 'text', text: '' } }).length
  const decoded = decode({ ...send, body: { kind: 'text', text: 'a'.repeat(room) } })
  assert.ok(decoded.ok && decoded.frame.t === 'send' && decoded.frame.body.kind === 'text')
  assert.equal(decoded.frame.body.text.length, room)
})

test('[W1] a text is passed on as sent: the conversation checks length and content', () => {
  for (const text of ['', '\0', '\ud83d', '한'.normalize('NFD')]) {
    const decoded = decode({ ...send, body: { kind: 'text', text } })
    assert.ok(decoded.ok && decoded.frame.t === 'send' && decoded.frame.body.kind === 'text')
    assert.equal(decoded.frame.body.text, text)
  }
})

test('[W1] decodeUp never throws, and every refusal has a code of the protocol', () => {
  const type = fc.oneof(fc.constantFrom('hello', 'send', 'read', 'typing', 'watch', 'ask-heads', 'refresh', 'ping', '__proto__'), fc.string())
  const value = fc.oneof(fc.constantFrom<unknown>(ID, ROOM, null, 0, 1, -1, [], {}, { kind: 'text', text: 'a' }), fc.jsonValue())
  const nearly = fc
    .record({ t: type, id: value, conversationId: value, seq: value, body: value, n: value, from: value, to: value }, { requiredKeys: ['t'] })
    .map((frame) => JSON.stringify(frame))
  const good = (decoded: Decoded): boolean => decoded.ok || (Object.hasOwn(REFUSALS, decoded.code) && (decoded.re?.length ?? 0) <= 32)
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' }), fc.json()), (text) => good(decodeUp(text))),
    { numRuns: 20_000 },
  )
})
