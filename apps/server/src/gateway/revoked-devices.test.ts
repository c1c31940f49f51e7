import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceId } from '../../../../tests/worlds/names.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { HEARD_MAX, RevokedDevices } from './revoked-devices.ts'

test(`[D14, O1] hints about revoked devices make at most ${HEARD_MAX} questions at a time`, async () => {
  const asked: ((was: boolean) => void)[] = []
  const closed: string[] = []
  const wasRevoked = (): Promise<boolean> => new Promise((resolve) => asked.push(resolve))
  const revoked = new RevokedDevices([], { wasRevoked, revokedDevices: async () => [], clock: createSimulatedClock() }, (id) => closed.push(id))
  const heard = Array.from({ length: HEARD_MAX }, (_, n) => revoked.heard(deviceId(n + 1)))
  void revoked.heard(deviceId(HEARD_MAX + 1))
  assert.equal(asked.length, HEARD_MAX)
  for (const [n, answer] of asked.entries()) answer(n === 0)
  await Promise.all(heard)
  assert.deepEqual(closed, [deviceId(1)])
  void revoked.heard(deviceId(HEARD_MAX + 2))
  assert.equal(asked.length, HEARD_MAX + 1)
})

test('[B27] devices revoked long ago are read at the start only; what was missed while a clock stood still is read by the other', async () => {
  const clock = createSimulatedClock()
  const spans: (number | undefined)[] = []
  const answer: { fails: boolean } = { fails: false }
  const revokedDevices = async (withinMs?: number): Promise<[]> => {
    spans.push(withinMs)
    if (answer.fails) throw new Error('no store')
    return []
  }
  const revoked = new RevokedDevices([], { wasRevoked: async () => false, revokedDevices, clock }, () => undefined)
  clock.advance(25_000)
  await revoked.learn()
  answer.fails = true
  clock.advance(25_000)
  await assert.rejects(revoked.learn())
  answer.fails = false
  clock.advance(25_000)
  await revoked.learn()
  clock.jump(3_600_000)
  await revoked.learn()
  const late = 600_000
  assert.deepEqual(spans, [25_000 + late, 25_000 + late, 50_000 + late, 3_600_000 + late])
})
