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
    went: (id: AccountId, ending: Ending, silentMs = 0): void => real.went(id, here.get(id) ?? assert.fail(), ending, silentMs),
    keptOut: (id: AccountId): void => real.keptOut(id),
    collectSeen: () => real.collectSeen(),
    connections: () => real.connections,
    reconnects: () => real.reconnects,
  }
  return { clock, presence, here: () => real.here, lost: () => [...real.lostForMs()] }
}

test('[F2] a lost account is remembered with its age for ten minutes, to the millisecond', () => {
  const { clock, presence, here, lost } = world()
  presence.came(one)
  assert.deepEqual([here(), lost()], [1, []])
  presence.went(one, 'lost')
  assert.deepEqual([here(), lost()], [0, [0]])
  clock.advance(FIGURES_BOUNDS.forgottenMs - 1)
  assert.deepEqual(lost(), [FIGURES_BOUNDS.forgottenMs - 1])
  clock.advance(1)
  assert.deepEqual([here(), lost()], [0, []])
})

test('[F2] an account whose device was silent before its connection ended is as old as its last sign of life', () => {
  const { clock, presence, lost } = world()
  presence.came(one)
  clock.advance(60_000)
  presence.went(one, 'lost', 40_000)
  clock.advance(1_000)
  assert.deepEqual(lost(), [41_000])
})

test('[F2] a farewell leaves no trace, and neither does losing one of two connections', () => {
  const { clock, presence, here, lost } = world()
  presence.came(one)
  presence.came(one)
  presence.went(one, 'lost')
  clock.advance(60_000)
  assert.deepEqual([here(), lost()], [1, []])
  presence.went(one, 'farewell')
  assert.deepEqual([here(), lost()], [0, []])
  assert.equal(presence.connections(), 0)
  assert.equal(presence.reconnects(), 0)
})

test('[F2] coming back is a reconnect; replacing one’s own connection is not, but the account is missing if it fails', () => {
  const { clock, presence, here, lost } = world()
  presence.came(one)
  presence.went(one, 'lost')
  clock.advance(20_000)
  presence.came(one)
  assert.deepEqual([presence.reconnects(), here(), lost()], [1, 1, []])
  presence.went(one, 'replaced')
  clock.advance(FIGURES_BOUNDS.patienceMs - 1)
  assert.deepEqual(lost(), [], 'not lost during its admission')
  presence.came(one)
  assert.equal(presence.reconnects(), 1)
  presence.went(one, 'replaced')
  clock.advance(5_000)
  assert.deepEqual([here(), lost()], [0, [5_000]])
})

test('[F2] a try to connect that is not admitted is a sign of life', () => {
  const { clock, presence, here, lost } = world()
  presence.keptOut(one)
  clock.advance(3_000)
  presence.keptOut(one)
  clock.advance(2_000)
  assert.deepEqual(lost(), [2_000])
  presence.came(one)
  presence.keptOut(one)
  assert.deepEqual([presence.reconnects(), here(), lost()], [0, 1, []], 'a second device that has to wait is no trouble of somebody who is in')
})

test('[O1] remembered lost accounts are bounded; those lost longest ago are forgotten', () => {
  const { clock, presence, lost } = world()
  for (let n = 0; n < FIGURES_BOUNDS.lostMax; n++) presence.keptOut(accountId(n + 1))
  clock.advance(1)
  presence.keptOut(one)
  clock.advance(1)
  const ages = (): number[] => [0, 1, 2].map((age) => lost().filter((ms) => ms === age).length)
  assert.deepEqual(ages(), [0, 1, FIGURES_BOUNDS.lostMax - 1])
  // The second was the oldest then, because the first had tried again.
  presence.keptOut(accountId(FIGURES_BOUNDS.lostMax + 1))
  assert.deepEqual(ages(), [1, 1, FIGURES_BOUNDS.lostMax - 2])
  presence.keptOut(other)
  assert.deepEqual(ages(), [2, 1, FIGURES_BOUNDS.lostMax - 3])
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
