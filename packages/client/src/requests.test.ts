import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, AccountItem, ConversationId } from '@bongsu/protocol'
import { apply } from './replica.ts'
import { totalUnread, waitingRequests } from './select.ts'
import { EMPTY_STATE, stateOf, type ReplicaState } from './state.ts'

const person = (name: string) => ({ accountId: name as AccountId, handle: name, displayName: name })
const asks = (room: string, who: string, at: number): AccountItem => ({
  kind: 'request',
  key: room as ConversationId,
  value: { kind: 'direct', from: person(who), at },
})
const after = (state: ReplicaState, ...items: AccountItem[]): ReplicaState =>
  apply(state, { t: 'account', from: state.account, to: state.account + items.length, items }).state
const shown = (state: ReplicaState): readonly string[] => waitingRequests(state).map(({ conversationId }) => conversationId)

test('[B40, B3] requests are shown apart, the newest first, without those of blocked people, and count nowhere', () => {
  let state = after(EMPTY_STATE, asks('one', 'a', 1), asks('two', 'b', 2), { kind: 'reach', key: '', value: { from: 'friends' } })
  assert.deepEqual([shown(state), state.reach, totalUnread(state)], [['two', 'one'], 'friends', 0])
  const [b] = [person('b')]
  state = after(state, { kind: 'block', key: b.accountId, value: b })
  assert.deepEqual(shown(state), ['one'])
  state = after(state, { kind: 'block', key: b.accountId, value: null }, { kind: 'request', key: 'one' as ConversationId, value: null })
  assert.deepEqual(shown(state), ['two'])
})

test('[B43, W3] a device that did not know requests before asks for the account log from the beginning', () => {
  const { requests: _, ...stored } = { ...EMPTY_STATE, account: 9 }
  assert.deepEqual([stateOf(stored).account, stateOf({ ...EMPTY_STATE, account: 9 }).account], [0, 9])
})
