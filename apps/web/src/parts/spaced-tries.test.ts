import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSpacedTries } from './spaced-tries.ts'

test('[B82] the first try is made at once, and each further one not before the least time after the last', () => {
  let now = 5
  const tries = createSpacedTries(10_000, () => now)
  assert.equal(tries.waitMs(), 0)
  tries.tried()
  assert.equal(tries.waitMs(), 10_000)
  now += 9_999
  assert.equal(tries.waitMs(), 1)
  now += 1
  assert.equal(tries.waitMs(), 0)
})
