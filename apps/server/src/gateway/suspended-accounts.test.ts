import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId } from '@bongsu/protocol'
import { SuspendedAccounts } from './suspended-accounts.ts'

test('[B55, B56] whoever was let in after one suspension is closed by the next one, and nobody is closed twice', async () => {
  const id = 'a' as AccountId
  let now = 0
  let stored: ReadonlyMap<AccountId, number | null> = new Map([[id, 10]])
  const closed: number[] = []
  const accounts = new SuspendedAccounts({ readSuspended: async () => stored, knownNow: () => now }, () => closed.push(now))
  await accounts.learn()
  await accounts.learn()
  assert.deepEqual([accounts.has(id), closed], [true, [0]])
  now = 10
  assert.equal(accounts.has(id), false)
  stored = new Map([[id, null]])
  await accounts.learn()
  await accounts.learn()
  assert.deepEqual([accounts.has(id), closed], [true, [0, 10]])
})
