import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, Entry, EntryBody } from '@bongsu/protocol'
import { plainLine, plainLines } from './plain-line.ts'

const [host, other] = ['host', 'other'] as [AccountId, AccountId]
const entry = (body: EntryBody): Entry => ({ seq: 3, acceptedAt: 7, author: host, id: 'i' as ClientMessageId, body })

test('[B14] a removal is the leaving of the removed account for a device without roles, and itself for others', () => {
  const removed = entry({ kind: 'removed', accountId: other, barred: true })
  const left = { ...removed, author: other, body: { kind: 'left' } }
  assert.equal(plainLine(removed, 'roles'), removed)
  assert.deepEqual(plainLine(removed, 'items'), left)
  assert.deepEqual(plainLine(removed, 'version 1'), left)
})

test('[B14, I10] other entries are as they are, where the device shows a plain line or knows them', () => {
  for (const body of [
    { kind: 'role', accountId: other, role: 'deputy' },
    { kind: 'rights', rights: { post: 'host' } },
    { kind: 'text', text: '말' },
    { kind: 'left' },
  ] as const satisfies readonly EntryBody[]) {
    const one = [entry(body)]
    for (const knows of ['version 1', 'items', 'roles'] as const) assert.equal(plainLines(one, knows), one)
  }
  const erased = [entry({ kind: 'erased' })]
  assert.equal(plainLines(erased, 'items'), erased)
  assert.equal(plainLines(erased, 'version 1')[0]?.body.kind, 'text')
})
