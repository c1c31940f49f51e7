import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { calmAfterMs, MEASURE_BOUNDS, startMeasuring, startRhythm } from './rhythm.ts'

function start() {
  const clock = createSimulatedClock()
  const begun: string[] = []
  const rhythm = startRhythm(clock, (component, profile, light) => begun.push(`${light ? 'light ' : ''}${component} ${profile}`))
  const count = (ms: number): Readonly<Record<string, number>> => {
    begun.length = 0
    clock.advance(ms)
    return Object.fromEntries([...Map.groupBy(begun, (name) => name)].map(([name, all]) => [name, all.length]))
  }
  return { clock, begun, rhythm, count }
}

test('[S1] calm rate: one message, one new connection and one light sign-in a second, a sign-in and a page every five, profiles in turn', () => {
  const { count } = start()
  count(10_000)
  assert.deepEqual(count(60_000), {
    'messaging pc': 30,
    'messaging phone': 30,
    'light messaging pc': 30,
    'light messaging phone': 30,
    'light sign-in pc': 30,
    'light sign-in phone': 30,
    'sign-in pc': 6,
    'sign-in phone': 6,
    'web pc': 6,
    'web phone': 6,
  })
})

test('[S1] the first sign of trouble raises the rate at once; the calm rate returns after a while without failures', () => {
  const { clock, begun, rhythm, count } = start()
  clock.advance(10_100)
  begun.length = 0
  rhythm.alarm()
  assert.equal(rhythm.alarmed, true)
  clock.advance(1_000)
  assert.deepEqual(
    new Set(begun.map((name) => name.replace(/ \S+$/, ''))),
    new Set(['messaging', 'light messaging', 'sign-in', 'light sign-in', 'web']),
  )
  const busy = count(10_000)
  for (const light of ['light messaging pc', 'light messaging phone', 'light sign-in pc', 'light sign-in phone']) assert.equal(busy[light], 20, light)
  const whole = Object.fromEntries(Object.entries(busy).filter(([name]) => !name.startsWith('light')))
  assert.deepEqual(whole, { 'messaging pc': 20, 'messaging phone': 20, 'sign-in pc': 5, 'sign-in phone': 5, 'web pc': 5, 'web phone': 5 })
  rhythm.alarm()
  clock.advance(calmAfterMs - 1)
  assert.equal(rhythm.alarmed, true)
  clock.advance(1)
  assert.equal(rhythm.alarmed, false)
  count(5_000)
  assert.equal(count(10_000)['messaging pc'], 5)
})

test('[S1] no try starts after the stop', () => {
  const { rhythm, count } = start()
  rhythm.alarm()
  count(5_000)
  rhythm.stop()
  assert.deepEqual(count(60_000), {})
})

test('[S9] measuring makes at most 20 light tries a second, for a minute at a time, while it is asked for', () => {
  const clock = createSimulatedClock()
  let tries = 0
  const measuring = startMeasuring(clock, () => tries++)
  const during = (seconds: number, asked: boolean): number => {
    tries = 0
    for (let second = 0; second < seconds; second++) {
      if (asked) measuring.ask()
      clock.advance(1_000)
    }
    return tries
  }
  const { measureTriesPerSecondMax: most, longestMs, heldMs, restMs } = MEASURE_BOUNDS
  assert.equal(during(10, false), 0)
  const begun = during(10, true)
  assert.ok(begun >= 10 * most && begun <= 10 * most + 1, `the first one comes at once: ${begun}`)
  assert.ok(during(10, false) <= (heldMs / 1_000) * most)
  clock.advance(restMs)
  const whole = during(longestMs / 1_000, true)
  assert.ok(whole >= (longestMs / 1_000) * most && whole <= (longestMs / 1_000) * most + 1, `${whole}`)
  assert.ok(during(restMs / 1_000 - 1, true) <= 1)
  assert.ok(during(2, true) > most)
  measuring.stop()
  assert.equal(during(5, false), 0)
})
