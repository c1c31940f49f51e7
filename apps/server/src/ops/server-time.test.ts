import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createServerTime, SERVER_TIME_BOUNDS as BOUNDS } from './server-time.ts'

const YEAR_MS = 365 * 86_400_000
const CALM = { offMs: 0, devicesMs: 0 }

/** A UUID of version 7 made at this time. */
const idAt = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

test('[O8] a clock a year ahead, or behind, moves no expiry, and new tokens are good before and after it is set right', () => {
  for (const jump of [YEAR_MS, -YEAR_MS]) {
    const clock = createSimulatedClock()
    const time = createServerTime(clock, clock.now())
    clock.jump(jump)
    clock.advance(5_000)
    const real = clock.now() - jump
    assert.equal(time.forExpiry(), Math.min(real, clock.now()))
    assert.equal(time.forIssue(), real)
    assert.deepEqual(time.state(), { offMs: jump, devicesMs: 0 })
    clock.jump(-jump)
    assert.deepEqual([time.forExpiry(), time.forIssue(), time.state()], [real, real, CALM])
  }
})

test('[O8] at the bounds a clock is believed: a server may have been off for weeks', () => {
  const clock = createSimulatedClock()
  const now = clock.now()
  for (const [known, believed] of [
    [now - BOUNDS.aheadMsMax, true],
    [now - BOUNDS.aheadMsMax - 1, false],
    [now + BOUNDS.behindMsMax, true],
    [now + BOUNDS.behindMsMax + 1, false],
    [null, true],
  ] as const)
    assert.equal(createServerTime(clock, known).state().offMs === 0, believed, String(known))
})

test('[O8] the devices of three accounts together confirm a clock in doubt, and contradict a wrong one', () => {
  const clock = createSimulatedClock()
  const time = createServerTime(clock, clock.now() - YEAR_MS)
  for (const account of ['one', 'other', 'other']) time.heard(account, idAt(clock.now() - 1_000))
  assert.equal(time.state().offMs, YEAR_MS, 'two are not enough')
  time.heard('third', idAt(clock.now() - BOUNDS.confirmMs - 1))
  assert.deepEqual(time.state(), CALM, 'one that was offline moves no median')
  assert.equal(time.forExpiry(), clock.now())

  for (const account of ['one', 'other', 'third']) time.heard(account, idAt(clock.now() + BOUNDS.contradictMs))
  assert.deepEqual(time.state(), CALM)
  for (const account of ['one', 'other', 'third']) time.heard(account, idAt(clock.now() + BOUNDS.contradictMs + 1))
  assert.equal(time.state().devicesMs, BOUNDS.contradictMs + 1)
})

test('[O8] only ids of version 7 tell a time, and the newest accounts are remembered', () => {
  const clock = createSimulatedClock()
  const time = createServerTime(clock, null)
  const wrong = idAt(clock.now() + YEAR_MS)
  for (let account = 0; account < 5; account++) time.heard(`a${account}`, wrong.replace('-7000-', '-4000-'))
  assert.deepEqual(time.state(), CALM)
  for (let account = 0; account < BOUNDS.witnessesMax; account++) time.heard(`a${account}`, wrong)
  assert.equal(time.state().devicesMs, YEAR_MS)
  for (let account = 0; account <= BOUNDS.witnessesMax / 2; account++) time.heard(`b${account}`, idAt(clock.now()))
  assert.deepEqual(time.state(), CALM)
})
