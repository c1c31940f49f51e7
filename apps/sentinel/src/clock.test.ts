import assert from 'node:assert/strict'
import { test } from 'node:test'
import { steadyClock, systemClock } from './clock.ts'

test('[S1] a clock that was set back continues, and is right again when the machine’s clock has caught up', () => {
  let [wall, monotonic] = [1_000_000, 0]
  const clock = steadyClock({ ...systemClock, now: () => wall, monotonic: () => monotonic }, 0)
  const pass = (ms: number): void => {
    wall += ms
    monotonic += ms
  }
  assert.equal(clock.now(), 1_000_000)
  pass(5_000)
  wall -= 3_600_000
  assert.equal(clock.now(), 1_005_000)
  pass(1_000)
  assert.equal(clock.now(), 1_006_000)
  wall += 3_600_000 + 500
  assert.equal(clock.now(), 1_006_500)
  wall += 86_400_000
  assert.equal(clock.now(), 1_006_500 + 86_400_000, 'forward it goes at once')
})

test('[S5] the clock starts after the newest record entry', () => {
  const clock = steadyClock({ ...systemClock, now: () => 10, monotonic: () => 0 }, 5_000)
  assert.equal(clock.now(), 5_000)
})
