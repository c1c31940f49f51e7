import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, AccountItem, ConversationId } from '@bongsu/protocol'
import { apply } from './replica.ts'
import { addedBy, totalUnread, waitingRequests } from './select.ts'
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

test('[B45, B3] who added this account is shown apart, the newest first, without blocked people, and counts nowhere', () => {
  const added = (who: string, at: number | null): AccountItem => ({
    kind: 'added',
    key: who as AccountId,
    value: at === null ? null : { from: person(who), at },
  })
  const whom = (state: ReplicaState): readonly string[] => addedBy(state).map(({ from }) => from.handle)
  let state = after(EMPTY_STATE, added('a', 1), added('b', 2), added('c', 3), added('a', null))
  assert.deepEqual([whom(state), state.friends.size, totalUnread(state)], [['c', 'b'], 0, 0])
  state = after(state, { kind: 'block', key: 'c' as AccountId, value: person('c') })
  assert.deepEqual(whom(state), ['b'])
  const { added: _, ...stored } = { ...EMPTY_STATE, account: 9 }
  assert.equal(stateOf(stored).account, 0, 'a device that did not know it before asks for the account log from the beginning')
})
