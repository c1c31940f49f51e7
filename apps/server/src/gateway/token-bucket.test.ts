import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TokenBucket } from './token-bucket.ts'

test('[O1] the burst passes at once, and the next one waits for its token', () => {
  const bucket = new TokenBucket(2, 3, 0)
  assert.deepEqual([bucket.spend(0), bucket.spend(0), bucket.spend(0), bucket.spend(0)], [0, 0, 0, 500])
  assert.ok(bucket.spend(499) > 0)
  assert.equal(bucket.spend(500), 0)
  assert.equal(bucket.spend(500), 500)
})

test('[O1] unused tokens are saved only up to the burst', () => {
  const bucket = new TokenBucket(1_000, 2, 0)
  assert.deepEqual([bucket.spend(1e9), bucket.spend(1e9), bucket.spend(1e9)], [0, 0, 1])
})

test('[O1] a clock that goes back gives no tokens, and time is not counted twice', () => {
  const bucket = new TokenBucket(1, 1, 10_000)
  assert.equal(bucket.spend(10_000), 0)
  assert.equal(bucket.spend(0), 1_000)
  assert.equal(bucket.spend(10_000), 1_000)
  assert.equal(bucket.spend(11_000), 0)
})

test('[O1] in any time no more passes than burst and rate allow, and a caller that waits as told passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 200 }),
      (rate, burst, steps) => {
        const bucket = new TokenBucket(rate, burst, 0)
        let now = 0
        let latest = 0
        let taken = 0
        for (const step of steps) {
          now += step
          latest = Math.max(latest, now)
          if (bucket.spend(now) === 0) taken++
          assert.ok(taken <= burst + (latest * rate) / 1_000 + 1e-6)
        }
        const waitMs = bucket.spend(latest)
        if (waitMs > 0) assert.equal(bucket.spend(latest + waitMs), 0)
      },
    ),
  )
})
