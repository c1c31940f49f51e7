import { test } from 'node:test'
import assert from 'node:assert/strict'
import { baseMs, capMs, directedMsMax, waitMsAfter } from './back-off.ts'

const always = (value: number) => ({ next: () => value, uuid: () => '' })
const almostOne = 1 - 2 ** -53

test('[O3] waits are uniform from nothing up to a bound that doubles until the cap', () => {
  const longest = (failures: number) => waitMsAfter({ failures, spreadMs: 0, retryAfterMs: null }, always(almostOne))
  assert.equal(waitMsAfter({ failures: 9, spreadMs: 0, retryAfterMs: null }, always(0)), 0)
  assert.equal(longest(0), baseMs - 1)
  assert.equal(longest(1), 2 * baseMs - 1)
  assert.equal(longest(4), 16 * baseMs - 1)
  assert.equal(longest(5), capMs - 1)
  assert.equal(longest(5_000), capMs - 1)
})

test('[O3] after a break the first wait is spread as the server asked', () => {
  assert.equal(waitMsAfter({ failures: 0, spreadMs: 30_000, retryAfterMs: null }, always(0.5)), 15_000)
  assert.equal(waitMsAfter({ failures: 0, spreadMs: 1e12, retryAfterMs: null }, always(almostOne)), directedMsMax - 1)
})

test('[O5] a device that is moved comes within the stated time, and after a failure like any other', () => {
  const wait = (failures: number, movedMs: number) => waitMsAfter({ failures, spreadMs: movedMs, movedMs, retryAfterMs: null }, always(almostOne))
  assert.deepEqual([wait(0, 0), wait(0, 200), wait(0, 1e12)], [0, 199, directedMsMax - 1])
  assert.equal(wait(1, 0), 2 * baseMs - 1)
})

test('[O3] a given time to come back is kept: never earlier, hardly later, bounded', () => {
  const at = (retryAfterMs: number, random: number) => waitMsAfter({ failures: 20, spreadMs: 9_000, retryAfterMs }, always(random))
  assert.equal(at(8_000, 0), 8_000)
  assert.equal(at(8_000, almostOne), 8_000 + baseMs - 1)
  assert.equal(at(0, almostOne), 0)
  assert.equal(at(directedMsMax + 1, 0), directedMsMax)
})
