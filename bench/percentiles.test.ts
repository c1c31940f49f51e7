import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile, spreadOf } from './percentiles.ts'

test('[S6] a percentile is the value at its nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  assert.equal(percentile(hundred, 0.5), 50)
  assert.equal(percentile(hundred, 0.99), 99)
  assert.equal(percentile(hundred, 0.991), 100)
  assert.equal(percentile(hundred, 1), 100)
  assert.equal(percentile([7], 0.01), 7)
})

test('[S6] a spread sorts by number, not by text, and leaves its argument as it is', () => {
  const values = [100, 9, 20]
  assert.deepEqual(spreadOf(values), { count: 3, p50: 20, p90: 100, p99: 100, max: 100 })
  assert.deepEqual(values, [100, 9, 20])
  assert.equal(median([10, 9, 100]), 10)
})

test('[S6] nothing measured is no number rather than a good one', () => {
  assert.ok(Number.isNaN(spreadOf([]).p99))
  assert.throws(() => percentile([1], 0), RangeError)
  assert.throws(() => percentile([1], 1.01), RangeError)
})
