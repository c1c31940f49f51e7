import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { actsFor, type ActsInput } from './message-acts.ts'

const all = new Set(['items', 'reply', 'mentions'])
const body = { kind: 'text', text: '안녕' } as const
const given = (message: Partial<ActsInput['message']>, more: Partial<ActsInput> = {}) =>
  actsFor({ message: { seq: 7, body, mine: true, time: 0, ...message }, self: false, features: all, now: 0, ...more })

test('[WEB] own texts can be edited and erased for everyone for 24 hours, notes to oneself erased at any time', () => {
  const offered = (now: number, self = false) => given({}, { now, self }).filter((act) => act === 'edit' || act === 'erase')
  assert.deepEqual(offered(LIMITS.editMsMax - 1), ['edit', 'erase'])
  assert.deepEqual(offered(LIMITS.editMsMax), [])
  assert.deepEqual(offered(LIMITS.editMsMax, true), ['erase'])
})

test('[WEB] texts of others can be answered, copied, and erased for oneself', () => {
  assert.deepEqual(given({ mine: false }), ['reply', 'react', 'copy', 'select', 'details', 'hide'])
  assert.deepEqual(given({ mine: false }, { features: new Set(['block', 'reports']) }), ['copy', 'select', 'details', 'report', 'block'])
  assert.deepEqual(given({}, { features: new Set(['block', 'reports']) }), ['copy', 'select', 'details'], 'nobody reports themselves')
})

test('[WEB] a message that is not sent yet can only be copied', () => {
  assert.deepEqual(given({ seq: null }), ['copy'])
})

test('[W3] what an old server does not know is not offered', () => {
  assert.deepEqual(given({}, { features: new Set() }), ['copy', 'select', 'details'])
})

test('[WEB] an erased message and one of an unknown kind cannot be answered', () => {
  assert.deepEqual(given({ body: { kind: 'erased' } }), ['hide'])
  assert.deepEqual(given({ body: { kind: 'poll' } as never }), [])
})
