import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import { decodeUp } from './check.ts'
import { DownFrameSchema } from './down.ts'
import { ENTRY_KINDS, MARK_KINDS } from './kinds.ts'
import { LIMITS } from './limits.ts'
import { UpFrameSchema } from './up.ts'

// Frames as written by version 1. They are never edited: a file that no longer parses is a program in somebody's pocket that no longer works.
const FOLDER = join(import.meta.dirname, '../golden/v1')
const golden = readdirSync(FOLDER).map((name) => ({ name, frame: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { t: string } }))
const up = golden.filter(({ name }) => name.startsWith('up-'))
const down = golden.filter(({ name }) => name.startsWith('down-'))

test('[W3] every up frame of version 1 is still accepted and unchanged', () => {
  for (const { name, frame } of up) assert.deepEqual(decodeUp(JSON.stringify(frame)), { ok: true, frame }, name)
})

test('[W3] every down frame of version 1 is still valid', () => {
  const check = Compile(DownFrameSchema)
  for (const { name, frame } of down) assert.ok(check.Check(frame), name)
})

test('[W3] every frame type, and every kind of entry and account item, has a golden frame', () => {
  assert.equal(golden.length, up.length + down.length)
  assert.deepEqual([...new Set(up.map(({ frame }) => frame.t))].toSorted(), UpFrameSchema.anyOf.map((one) => one.properties.t.const).toSorted())
  assert.deepEqual([...new Set(down.map(({ frame }) => frame.t))].toSorted(), DownFrameSchema.anyOf.map((one) => one.properties.t.const).toSorted())
  const kinds = new Set([...JSON.stringify(golden).matchAll(/"kind":"([a-z]+)"/g)].map((match) => match[1]))
  const items = ['profile', 'membership', 'read', 'friend', 'block', 'added', 'aside', 'request', 'reach', 'notice', 'person', 'device']
  for (const kind of [...Object.keys(ENTRY_KINDS), ...Object.keys(MARK_KINDS), ...items]) assert.ok(kinds.has(kind), kind)
})

test('[W3] every golden file has the frame in its name', () => {
  for (const { name, frame } of golden) assert.ok(name.replace(/^(?:up|down)-/, '').startsWith(frame.t), name)
})

test('[W3] unusual texts survive: joined emoji, right to left, decomposed Hangul, 10,000 code points', () => {
  const text = (name: string): string => {
    const found = up.find((one) => one.name === `${name}.json`)
    const decoded = decodeUp(JSON.stringify(found?.frame))
    assert.ok(decoded.ok && decoded.frame.t === 'send' && decoded.frame.body.kind === 'text', name)
    return decoded.frame.body.text
  }
  assert.ok(text('up-send-text-zwj-emoji').includes('👨‍👩‍👧‍👦'))
  assert.ok(text('up-send-text-right-to-left').includes('שלום'))
  const decomposed = text('up-send-text-nfd-hangul')
  assert.notEqual(decomposed, decomposed.normalize('NFC'))

  const longest = '🔥'.repeat(LIMITS.textCodePointsMax)
  const send = up.find((one) => one.name === 'up-send-text.json')?.frame
  const decoded = decodeUp(JSON.stringify({ ...send, body: { kind: 'text', text: longest } }))
  assert.ok(decoded.ok && decoded.frame.t === 'send' && decoded.frame.body.kind === 'text' && decoded.frame.body.text === longest)
})
