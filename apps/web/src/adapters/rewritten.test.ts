import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LocalChange, MarkedEntry, StoredState } from '@bongsu/client'
import type { ConversationId } from '@bongsu/protocol'
import { rewrittenBy } from './rewritten.ts'

const [hall, yard] = ['hall', 'yard'] as unknown as [ConversationId, ConversationId]
const item = (kind: string, seq: number, value: unknown) => ({ kind, key: `${seq}`, change: 1, value })
const entry = (seq: number, kind: string, ...marks: ReturnType<typeof item>[]) => ({ seq, body: { kind }, marks }) as unknown as MarkedEntry
const state = (...hidden: [ConversationId, Set<number>][]) => ({ hidden: new Map(hidden) }) as unknown as StoredState

test('[I6, C5] a change names the entries whose text it takes away, for the stored list of chats', () => {
  const seqs = new Set([7])
  const change: LocalChange = {
    entries: [
      {
        conversationId: hall,
        entries: [
          entry(1, 'text'),
          entry(2, 'erased'),
          entry(3, 'text', item('edit', 3, { text: 'new' })),
          entry(4, 'text', item('reaction', 4, {})),
        ],
      },
    ],
    items: [{ conversationId: yard, items: [item('erased', 5, {}), item('reaction', 6, {}), item('newer', 6, {})] }],
    state: state([yard, seqs], [hall, new Set([8])]),
  }
  assert.deepEqual(rewrittenBy(change, state([yard, seqs])), ['hall:2', 'hall:3', 'yard:5', 'hall:8'])
  assert.deepEqual(rewrittenBy({}, null), [])
})
