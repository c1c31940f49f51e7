import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observation, Outcome } from '../vocabulary/observation.ts'
import { Latency, LATENCY_BOUNDS } from './latency.ts'

const T = 1_700_000_400_000 - (1_700_000_400_000 % LATENCY_BOUNDS.stepMs)
const observation = (at: number, deliveredMs: number | null, outcome: Outcome = 'ok'): Observation => ({
  id: at,
  at,
  knownAt: at,
  component: 'messaging',
  profile: 'pc',
  outcome,
  acceptedMs: deliveredMs,
  deliveredMs,
  readMs: null,
})

test('[S6] percentiles of a step cover its delivered tries; failures are counted separately', () => {
  const latency = new Latency()
  for (let ms = 1; ms <= 100; ms++) latency.hear(observation(T + ms, ms))
  latency.hear(observation(T + 200, null, 'undelivered'))
  latency.hear(observation(T + 200, 7_000, 'late'))
  const points = latency.points(T)
  assert.deepEqual(points.at(-1), { at: T, p50Ms: 50, p99Ms: 99, tried: 101, failed: 1 })
  assert.equal(points.length, LATENCY_BOUNDS.steps)
  assert.deepEqual(points[0], { at: T - 143 * LATENCY_BOUNDS.stepMs, p50Ms: null, p99Ms: null, tried: 0, failed: 0 })
})

test('[O1] one day is kept; tries out of order go into their step', () => {
  const latency = new Latency()
  const { stepMs, steps } = LATENCY_BOUNDS
  for (let index = 0; index < steps * 3; index++) latency.hear(observation(T + index * stepMs, 5))
  latency.hear(observation(T, 9))
  const last = T + (steps * 3 - 1) * stepMs
  latency.hear(observation(last - 3 * stepMs, 6))
  const points = latency.points(last)
  assert.equal(points.length, steps)
  assert.equal(points.at(-4)?.tried, 2)
  assert.deepEqual(
    points.map(({ at }) => at),
    points.map(({ at }) => at).toSorted((one, other) => one - other),
  )
})
