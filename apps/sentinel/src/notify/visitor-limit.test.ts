import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVisitorLimit, visitorOf, visitorsMax } from './visitor-limit.ts'

function limitOf(most: number, windowMs: number) {
  const time = { now: 0 }
  return { time, limit: createVisitorLimit(most, windowMs, { monotonic: () => time.now }) }
}

test('[O1] tries in a window are bounded, and the next one gets the time to wait', () => {
  const { time, limit } = limitOf(2, 1_000)
  assert.deepEqual([limit.spend('a'), limit.spend('a'), limit.spend('b')], [0, 0, 0])
  time.now = 999
  assert.equal(limit.spend('a'), 1)
  time.now = 1_000
  assert.equal(limit.spend('a'), 0)
})

test('[O1] a returned try does not count', () => {
  const { limit } = limitOf(1, 1_000)
  limit.spend('a')
  limit.giveBack('a')
  assert.equal(limit.spend('a'), 0)
  assert.equal(limit.spend('a'), 1_000)
})

test('[O1] the number of remembered visitors is bounded', () => {
  const { limit } = limitOf(1, 1_000)
  for (let visitor = 0; visitor <= visitorsMax; visitor++) limit.spend(String(visitor))
  assert.equal(limit.spend('0'), 0, 'the oldest is forgotten')
  assert.equal(limit.spend(String(visitorsMax)), 1_000)
})

test('[O1] one IPv6 household counts as one visitor', () => {
  assert.equal(visitorOf('2001:4860:1:2:3:4:5:6'), visitorOf('2001:4860:1:2:ffff::1'))
  assert.notEqual(visitorOf('2001:4860:1:2::1'), visitorOf('2001:4860:1:3::1'))
  assert.equal(visitorOf('::ffff:10.0.0.1'), visitorOf('10.0.0.1'))
  assert.notEqual(visitorOf('10.0.0.1'), visitorOf('10.0.0.2'))
  assert.equal(visitorOf('unknown'), 'unknown')
})
