import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import { Presence, type Ending, type Here } from './presence.ts'

const [one, other] = [accountId(1), accountId(2)]

function world() {
  const clock = createSimulatedClock()
  const real = new Presence(clock)
  const here = new Map<AccountId, Here>()
  // Stands in for the connection, which keeps this record of its account.
  const presence = {
    came: (id: AccountId): void => void here.set(id, real.came(id)),
    went: (id: AccountId, ending: Ending): void => real.went(id, here.get(id) ?? assert.fail(), ending),
    keptOut: (id: AccountId): void => real.keptOut(id),
    collectSeen: () => real.collectSeen(),
    connections: () => real.connections,
    reconnects: () => real.reconnects,
  }
  return { clock, presence, counts: () => Object.values(real.count()) }
}

test('[F2] a lost account is active for ten minutes, and cut after five seconds, to the millisecond', () => {
  const { clock, presence, counts } = world()
  presence.came(one)
  assert.deepEqual(counts(), [1, 0, 0])
  presence.went(one, 'lost')
  assert.deepEqual(counts(), [0, 1, 0])
  clock.advance(FIGURES_BOUNDS.patienceMs)
  assert.deepEqual(counts(), [0, 1, 0])
  clock.advance(1)
  assert.deepEqual(counts(), [0, 1, 1])
  clock.advance(FIGURES_BOUNDS.forgottenMs - FIGURES_BOUNDS.patienceMs - 1)
  assert.deepEqual(counts(), [0, 1, 1])
  clock.advance(1)
  assert.deepEqual(counts(), [0, 0, 0])
})

test('[F2] a farewell leaves no trace, and neither does losing one of two connections', () => {
  const { clock, presence, counts } = world()
  presence.came(one)
  presence.came(one)
  presence.went(one, 'lost')
  clock.advance(60_000)
  assert.deepEqual(counts(), [1, 0, 0])
  presence.went(one, 'farewell')
  assert.deepEqual(counts(), [0, 0, 0])
  assert.equal(presence.connections(), 0)
  assert.equal(presence.reconnects(), 0)
})

test('[F2] coming back is a reconnect; replacing one’s own connection is not, but the account is missing if it fails', () => {
  const { clock, presence, counts } = world()
  presence.came(one)
  presence.went(one, 'lost')
  clock.advance(20_000)
  presence.came(one)
  assert.deepEqual([presence.reconnects(), ...counts()], [1, 1, 0, 0])
  presence.went(one, 'replaced')
  presence.came(one)
  assert.equal(presence.reconnects(), 1)
  presence.went(one, 'replaced')
  clock.advance(FIGURES_BOUNDS.patienceMs + 1)
  assert.deepEqual(counts(), [0, 1, 1])
})

test('[F2] an account that tries and is not admitted is active, and cut since its first try as long as it tries', () => {
  const { clock, presence, counts } = world()
  presence.keptOut(one)
  clock.advance(3_000)
  presence.keptOut(one)
  clock.advance(2_001)
  assert.deepEqual(counts(), [0, 1, 1])
  for (let minutes = 0; minutes < 30; minutes += 5) {
    clock.advance(300_000)
    presence.keptOut(one)
  }
  assert.deepEqual(counts(), [0, 1, 1])
  presence.came(one)
  presence.keptOut(one)
  assert.deepEqual([presence.reconnects(), ...counts()], [0, 1, 0, 0], 'a second device that has to wait is no trouble of somebody who is in')
})

test('[O1] remembered lost accounts are bounded; those seen longest ago are forgotten', () => {
  const { clock, presence, counts } = world()
  for (let n = 0; n < FIGURES_BOUNDS.lostMax; n++) presence.keptOut(accountId(n + 1))
  assert.deepEqual(counts(), [0, FIGURES_BOUNDS.lostMax, 0])
  presence.keptOut(one)
  clock.advance(FIGURES_BOUNDS.patienceMs + 1)
  presence.keptOut(accountId(FIGURES_BOUNDS.lostMax + 1))
  assert.deepEqual(counts(), [0, FIGURES_BOUNDS.lostMax, FIGURES_BOUNDS.lostMax - 1])
  // The second was the oldest then, because the first had tried again.
  presence.keptOut(other)
  assert.deepEqual(counts(), [0, FIGURES_BOUNDS.lostMax, FIGURES_BOUNDS.lostMax - 2])
})

test('[F4] accounts connected since the last call are returned once, and connected ones again', () => {
  const { presence, clock } = world()
  presence.came(one)
  clock.advance(3_000)
  presence.came(other)
  presence.went(other, 'farewell')
  clock.advance(4_000)
  const seen = (): [AccountId, number][] => [...presence.collectSeen()]
  assert.deepEqual(seen(), [
    [one, 7_000],
    [other, 4_000],
  ])
  clock.advance(1_000)
  assert.deepEqual(seen(), [[one, 1_000]], 'who stays was there since the last look')
  presence.went(one, 'lost')
  assert.deepEqual(seen(), [[one, 0]], 'there until a moment ago')
  assert.deepEqual(seen(), [])
})
