import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_STATE, type View } from '@bongsu/client'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { historyNotices } from './history-text.ts'
import { en } from './en.ts'

const room = {
  conversationId: 'c' as ConversationId,
  meta: { kind: 'group', title: 'Choir', memberCount: 2, people: [] },
}
const replica = { ...EMPTY_STATE, accountId: 'a' as AccountId, rooms: new Map([[room.conversationId, room]]) } as unknown as View['replica']
const fault = { conversationId: room.conversationId, from: 1, to: 9, mended: false, lasting: false }

test('[A3] a fault is said also when a restore was said before and has been put away', () => {
  const restored = { putBack: 3 }
  const both = historyNotices(en, { restored, auditFault: fault, replica })
  assert.deepEqual(
    both.map(({ of }) => of),
    [restored, fault],
  )
  assert.equal(both.find(({ of }) => of !== restored)?.text, en.auditMending('Choir'))
  assert.deepEqual(historyNotices(en, { restored: null, auditFault: fault, replica }), both.slice(1))
})

test('[A3, A4] what is said tells whether it is mended, and how much goes out again', () => {
  const texts = (view: Partial<View>) => historyNotices(en, { restored: null, auditFault: null, replica, ...view }).map(({ text }) => text)
  assert.deepEqual(texts({}), [])
  assert.deepEqual(texts({ restored: { putBack: 0 } }), [en.restored])
  assert.deepEqual(texts({ restored: { putBack: 1 } }), [en.restoredPutBack(1)])
  assert.deepEqual(texts({ auditFault: { ...fault, mended: true } }), [en.auditMended('Choir')])
  assert.deepEqual(texts({ auditFault: fault }), [en.auditMending('Choir')])
  assert.deepEqual(texts({ auditFault: { ...fault, lasting: true } }), [en.auditLasting('Choir')])
  assert.deepEqual(texts({ auditFault: { ...fault, conversationId: 'gone' as ConversationId } }), [en.auditMending(en.aRoom)])
})
