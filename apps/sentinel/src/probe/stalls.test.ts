import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Clock } from '../clock.ts'
import { watchStalls } from './stalls.ts'

/** A clock that continues while this program stands still. */
function createStalling(): Clock & { advance(ms: number): void; stall(ms: number): void } {
  const clock = createSimulatedClock()
  let stalledMs = 0
  return { ...clock, monotonic: () => clock.monotonic() + stalledMs, stall: (ms) => (stalledMs += ms) }
}

test('[S1] a stalled program notices the stall before its own timer has run again', () => {
  const clock = createStalling()
  const stalls = watchStalls(clock)
  clock.advance(5_000)
  const begun = clock.monotonic()
  assert.equal(stalls.since(begun - 5_000), false)
  clock.stall(2_000)
  assert.equal(stalls.since(begun), true)
  const after = clock.monotonic()
  clock.advance(3_000)
  assert.equal(stalls.since(begun), true)
  assert.equal(stalls.since(after), false)
})

test('[S1] a delay of less than a second is no stall', () => {
  const clock = createStalling()
  const stalls = watchStalls(clock)
  clock.advance(1_000)
  const begun = clock.monotonic()
  clock.stall(900)
  clock.advance(1_000)
  assert.equal(stalls.since(begun), false)
})
