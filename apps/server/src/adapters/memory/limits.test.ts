import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../../tests/worlds/simulated-clock.ts'
import { createMemoryLimits } from './limits.ts'

test('[O1] the points of a window are bounded; looking uses none; the next window starts when the first is over', async () => {
  const clock = createSimulatedClock()
  const limits = createMemoryLimits(clock)
  assert.deepEqual(await limits.look('a', 2), { points: 2, windowMs: 0 })
  assert.deepEqual(await limits.spend('a', 2, 1_000), { ok: true })
  clock.advance(400)
  assert.deepEqual(await limits.spend('a', 2, 1_000), { ok: true })
  assert.deepEqual(await limits.look('a', 2), { points: 0, windowMs: 600 })
  assert.deepEqual(await limits.spend('a', 2, 1_000), { ok: false, retryAfterMs: 600 })
  assert.deepEqual(await limits.spend('b', 2, 1_000), { ok: true }, 'another key has points of its own')
  clock.advance(599)
  assert.deepEqual(await limits.spend('a', 2, 1_000), { ok: false, retryAfterMs: 1 }, 'a refused try makes the wait no longer')
  clock.advance(1)
  assert.deepEqual(await limits.spend('a', 2, 1_000), { ok: true })
  await limits.forget('a')
  assert.deepEqual(await limits.look('a', 2), { points: 2, windowMs: 0 })
})

test('[O1] counted keys are bounded; beyond it the key with the oldest window is forgotten', async () => {
  const clock = createSimulatedClock()
  const limits = createMemoryLimits(clock, 3)
  for (const key of ['a', 'b', 'c']) await limits.spend(key, 1, 1_000)
  assert.deepEqual(await limits.look('a', 1), { points: 0, windowMs: 1_000 })
  await limits.spend('d', 1, 1_000)
  const left = await Promise.all(['a', 'b', 'c', 'd'].map((key) => limits.look(key, 1)))
  assert.deepEqual(
    left.map(({ points }) => points),
    [1, 0, 0, 0],
  )
})
