import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { calmAfterMs, startRhythm } from './rhythm.ts'

function start() {
  const clock = createSimulatedClock()
  const begun: string[] = []
  const rhythm = startRhythm(clock, (component, profile) => begun.push(`${component} ${profile}`))
  const count = (ms: number): Readonly<Record<string, number>> => {
    begun.length = 0
    clock.advance(ms)
    return Object.fromEntries([...Map.groupBy(begun, (name) => name)].map(([name, all]) => [name, all.length]))
  }
  return { clock, begun, rhythm, count }
}

test('[S1] calm rate: one message a second, a sign-in and a page every five, profiles in turn', () => {
  const { count } = start()
  count(10_000)
  assert.deepEqual(count(60_000), {
    'messaging pc': 30,
    'messaging phone': 30,
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
  assert.deepEqual(new Set(begun.map((name) => name.split(' ')[0])), new Set(['messaging', 'sign-in', 'web']))
  const busy = count(10_000)
  assert.deepEqual(busy, { 'messaging pc': 20, 'messaging phone': 20, 'sign-in pc': 5, 'sign-in phone': 5, 'web pc': 5, 'web phone': 5 })
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
