import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowedAt, dueAt, PLAN_BOUNDS, retryDelay, spend } from './plan.ts'

const now = 1_800_000_000_000
const { intervalMs, allowance } = PLAN_BOUNDS

test('[S8] start and end are told at once, the rest at least five minutes apart', () => {
  assert.equal(dueAt(false, { at: null, closingAt: null }, now), now)
  assert.equal(dueAt(false, { at: now - 1, closingAt: null }, now), now - 1 + intervalMs)
  assert.equal(dueAt(false, { at: now - intervalMs + 1, closingAt: null }, now), now + 1)
  assert.equal(dueAt(false, { at: now - intervalMs, closingAt: null }, now), now)
  assert.equal(dueAt(true, { at: now - 1, closingAt: null }, now), now)
})

test('[S8] a second end within five minutes waits, because the service is flapping', () => {
  assert.equal(dueAt(true, { at: now - 10, closingAt: now - 10 }, now), now - 10 + intervalMs)
  assert.equal(dueAt(true, { at: now - 10, closingAt: now - intervalMs }, now), now)
})

test('[S8] a clock that was set back does not prolong delays', () => {
  assert.equal(dueAt(false, { at: now + 86_400_000, closingAt: null }, now), now)
  assert.equal(allowedAt(now + 86_400_000, now), now + intervalMs)
})

test('[O1] four mails at once, then one every five minutes, on any subject', () => {
  let spent = 0
  let at = now
  const times: number[] = []
  for (let mail = 0; mail < 8; mail++) {
    at = allowedAt(spent, at)
    times.push(at - now)
    spent = spend(spent, at)
  }
  assert.deepEqual(
    times,
    [0, 0, 0, 0, 1, 2, 3, 4].map((step) => step * intervalMs),
  )
  // After a quiet time the allowance is full again, but not larger.
  const later = at + allowance * intervalMs
  assert.equal(allowedAt(spent, later), later)
})

test('[O1] five tries, the last one an hour after the first', () => {
  assert.deepEqual([1, 2, 3, 4, 5].map(retryDelay), [30_000, 150_000, 720_000, 2_700_000, null])
  assert.equal(
    PLAN_BOUNDS.retryMs.reduce((sum, each) => sum + each, 0),
    3_600_000,
  )
})
