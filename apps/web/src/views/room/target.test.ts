import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Room } from '@bongsu/client'
import { targetNow } from './target.ts'

const said = (text: string) => ({ kind: 'text', text }) as const
const roomWith = (id: string, body: unknown) => ({ cursor: 5, entries: [{ seq: 5, id, body }], apart: new Map() }) as unknown as Room
const target = { id: 'a', seq: 5, body: said('old') } as unknown as Parameters<typeof targetNow>[0]

test('[I6] a menu, a selection or an answer has the text of its message as it is now, and none when it was erased', () => {
  assert.equal(targetNow(target, roomWith('a', target.body)), target)
  assert.deepEqual(targetNow(target, roomWith('a', said('new')))?.body, said('new'))
  assert.equal(targetNow(target, roomWith('a', { kind: 'erased' })), null)
  assert.equal(targetNow(target, roomWith('another', { kind: 'erased' })), target, 'another history')
  const erased = { ...target, body: { kind: 'erased' } as const }
  assert.notEqual(targetNow(erased, roomWith('a', { kind: 'erased' })), null, 'the line of an erased message has a menu too')
  const waiting = { ...target, seq: null }
  assert.equal(targetNow(waiting, roomWith('a', said('new'))), waiting)
})
