import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../../../tests/worlds/evidence.ts'
import { ALARM_SCORE, FAILURE_TEST, SequentialTest, SLOWNESS_TEST } from './sequential.ts'

/** @returns how many tries, one a second, until the alarm; null when there is none within `triesMax`. */
function triesUntilAlarm(chance: number, seed: number, triesMax: number): number | null {
  const random = seeded(seed)
  const sequence = new SequentialTest(FAILURE_TEST)
  for (let tries = 1; tries <= triesMax; tries += 1) {
    sequence.hear(random() < chance, tries * 1_000)
    if (sequence.alarmedSince !== null) return tries
  }
  return null
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] as number
}

test('the threshold allows a tenth of a false alarm a year', () => {
  assert.ok(Math.abs(ALARM_SCORE - 21.9) < 0.05, String(ALARM_SCORE))
})

test('[S1] four failures in a row are enough when they outlast a restart, and three are not', () => {
  const fails = (times: readonly number[]): number | null => {
    const tries = new SequentialTest(FAILURE_TEST)
    for (const time of times) tries.hear(true, time)
    return tries.alarmedSince
  }
  assert.equal(fails([0, 1_000, 2_000]), null)
  assert.equal(fails([0, 1_200, 3_500]), null)
  assert.equal(fails([0, 1_000, 2_000, 3_500]), 0)
  assert.equal(fails([0, 1_000, 2_000, 3_499]), null)
  assert.equal(fails(Array.from({ length: 14 }, (_, index) => index * 250)), null, 'a blip of 3.25 s, however many tries see it')
})

test('[S1] a success ends a run of failures, and the start is that of the newest run', () => {
  const tries = new SequentialTest(FAILURE_TEST)
  tries.hear(true, 0)
  for (let time = 1_000; time <= 90_000; time += 1_000) tries.hear(false, time)
  for (let time = 91_000; time <= 96_000; time += 1_000) tries.hear(true, time)
  assert.equal(tries.alarmedSince, 91_000)
})

test('[S1] a late failure does not join a run that a success has ended', () => {
  const tries = new SequentialTest(FAILURE_TEST)
  tries.hear(false, 1_000)
  tries.hear(false, 2_000)
  // The service hung from 0 s on.
  tries.hear(true, 0)
  for (const time of [3_000, 3_250, 3_500, 3_750]) tries.hear(true, time)
  assert.equal(tries.alarmedSince, null)
})

test('[S1] number of tries until the alarm at 100, 80, 30, 8 and 5 % of failures', () => {
  const seeds = Array.from({ length: 200 }, (_, index) => index + 1)
  const typical = (chance: number): number => median(seeds.map((seed) => triesUntilAlarm(chance, seed, 5_000) as number))
  assert.equal(typical(1), 5)
  assert.ok(typical(0.8) <= 8, String(typical(0.8)))
  assert.ok(typical(0.3) <= 20, String(typical(0.3)))
  assert.ok(typical(0.08) <= 110, String(typical(0.08)))
  assert.ok(typical(0.05) <= 220, String(typical(0.05)))
})

test('no false alarm in 20 million tries at the usual share of failures, nor at five times a good day', () => {
  // At a threshold of 21.7 less than one alarm is expected in 440 million tries. One in 20 million would be a broken test with a chance of 5 %.
  assert.equal(triesUntilAlarm(0.0002, 1, 10_000_000), null)
  assert.equal(triesUntilAlarm(0.001, 2, 10_000_000), null)
})

test('a burst of failures scores once, so that two blips in a minute are no outage', () => {
  const tries = new SequentialTest(FAILURE_TEST)
  const blip = (from: number): void => {
    for (let time = from; time < from + 3_000; time += 250) tries.hear(true, time)
  }
  blip(0)
  for (let time = 3_000; time < 60_000; time += 250) tries.hear(false, time)
  blip(60_000)
  for (let time = 63_000; time < 70_000; time += 250) tries.hear(false, time)
  assert.equal(tries.alarmedSince, null)
  assert.ok(!tries.quiet)
  for (let time = 70_000; time < 300_000; time += 250) tries.hear(false, time)
  assert.ok(tries.quiet, 'and it is forgotten')
})

test('slowness must last 20 s', () => {
  const slow = (seconds: number): number | null => {
    const tries = new SequentialTest(SLOWNESS_TEST)
    for (let time = 0; time < seconds * 1_000; time += 1_000) tries.hear(true, time)
    return tries.alarmedSince
  }
  assert.equal(slow(20), null)
  assert.equal(slow(21), 0)
})

test('two slow spells of 10 s in half a minute are no trouble', () => {
  const tries = new SequentialTest(SLOWNESS_TEST)
  for (let time = 0; time < 40_000; time += 1_000) tries.hear(time < 10_000 || time >= 30_000, time)
  assert.equal(tries.alarmedSince, null)
})

test('long trouble is forgotten soon after its end', () => {
  const tries = new SequentialTest(FAILURE_TEST)
  for (let time = 0; time < 3_600_000; time += 1_000) tries.hear(true, time)
  let successes = 0
  for (; !tries.quiet; successes += 1) tries.hear(false, 3_600_000 + successes)
  assert.ok(successes <= 2 * Math.ceil(ALARM_SCORE / 0.05), String(successes))
})
