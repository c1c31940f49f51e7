import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type RefusalCode } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import { createFigures } from './figures.ts'

const [one, other, canary] = [accountId(1), accountId(2), accountId(3)]

function world() {
  const clock = createSimulatedClock()
  const figures = createFigures({
    clock,
    process: 'p-1',
    cell: 'seoul',
    isCanary: (id) => id === canary,
    isCanaryHandle: (handle) => handle === 'canary',
  })
  return { clock, figures }
}

test('[F2] a sample has exactly these fields, and nothing in it identifies a person', () => {
  const { clock, figures } = world()
  figures.came(one)
  const sample = figures.sample()
  assert.deepEqual(sample, {
    at: clock.now(),
    process: 'p-1',
    cell: 'seoul',
    startedAt: clock.now(),
    connectedUsers: 1,
    silent: [],
    failedUsers: 0,
    connections: 1,
    signInsTried: 0,
    signInsFailed: 0,
    reconnects: 0,
    accepted: 0,
    refusedBusy: 0,
  })
})

test('[O19] settings that could lose messages are named as long as they are so', () => {
  let unsafe = ['fsync']
  const own = { clock: createSimulatedClock(), process: 'p', cell: 'main', isCanary: () => false, isCanaryHandle: () => false }
  const figures = createFigures({ ...own, unsafe: () => unsafe })
  assert.deepEqual(figures.sample().unsafe, ['fsync'])
  unsafe = []
  assert.ok(!('unsafe' in figures.sample()))
})

test('[F2] an account is silent when all its devices are, as long as the last of them', () => {
  const { clock, figures } = world()
  const [mine, again, theirs] = [one, one, other].map((id) => figures.came(id) ?? assert.fail())
  assert.ok(mine && theirs && mine === again)
  const look = (...troubles: [typeof mine, number][]) => {
    figures.look(({ silent }) => troubles.forEach(([here, ms]) => silent(here, ms)))
    const { connectedUsers, silent } = figures.sample()
    return [connectedUsers, ...silent.map(({ agoMs, users }) => [agoMs, users])]
  }
  assert.deepEqual(look([mine, 9_000]), [2], 'a phone that sleeps beside a PC that answers')
  assert.deepEqual(look([mine, 9_000], [mine, 5_001]), [1, [4_000, 1]])
  assert.deepEqual(look([mine, 9_000], [mine, 5_001], [theirs, 5_999]), [0, [4_000, 2]])
  clock.advance(1_000)
  assert.deepEqual(figures.sample().silent, [{ agoMs: 6_000, users: 2 }], 'they grow older between two looks')
  assert.deepEqual(look(), [2])
})

test('[F2] silent accounts are counted by age, in slices of two seconds, youngest first, and each account once', () => {
  const { clock, figures } = world()
  const here = [1, 2, 4, 5, 6].map((n) => figures.came(accountId(n)) ?? assert.fail())
  const lose = (n: number, silentMs = 0): void => figures.went(accountId(n), here[[1, 2, 4, 5, 6].indexOf(n)]!, 'lost', silentMs)
  lose(1)
  clock.advance(1_999)
  lose(2)
  assert.deepEqual(figures.sample().silent, [{ agoMs: 0, users: 2 }])
  clock.advance(1)
  assert.deepEqual(figures.sample().silent, [
    { agoMs: 0, users: 1 },
    { agoMs: 2_000, users: 1 },
  ])
  figures.look(({ silent }) => silent(here[2]!, 30_000))
  assert.deepEqual([figures.sample().connectedUsers, figures.sample().silent.at(-1)], [2, { agoMs: 30_000, users: 1 }])
  // Its connection ends after it was found silent.
  lose(4, 30_000)
  assert.deepEqual([figures.sample().connectedUsers, figures.sample().silent.at(-1)], [2, { agoMs: 30_000, users: 1 }])
  assert.equal(figures.came(accountId(4))?.connections, 1)
  assert.deepEqual([figures.sample().connectedUsers, figures.sample().silent.length], [3, 2], 'whoever is back is in no slice')
})

test('[F2] there are at most as many slices as ten minutes hold', () => {
  const { clock, figures } = world()
  for (let n = 0; n < LIMITS.silentSlicesMax + 5; n++) {
    figures.went(accountId(n + 10), figures.came(accountId(n + 10)) ?? assert.fail(), 'lost', 0)
    clock.advance(LIMITS.silentSliceMs)
  }
  const { silent } = figures.sample()
  assert.deepEqual([silent.length, silent.at(0), silent.at(-1)], [299, { agoMs: 2_000, users: 1 }, { agoMs: 598_000, users: 1 }])
  const mine = figures.came(one) ?? assert.fail()
  figures.look((troubles) => troubles.silent(mine, FIGURES_BOUNDS.forgottenMs))
  assert.deepEqual(figures.sample().silent.at(-1), { agoMs: 598_000, users: 2 })
})

test('[F2] an account counts as failed for thirty seconds after its last failure, or until it is served', () => {
  const { clock, figures } = world()
  const failed = (): number => figures.sample().failedUsers
  figures.came(one)
  figures.refusedBusy(one)
  clock.advance(10_000)
  figures.refusedBusy(one)
  figures.look(({ unanswered }) => [other, canary].forEach(unanswered))
  assert.deepEqual([failed(), figures.sample().refusedBusy], [2, 2])
  figures.served(other)
  assert.equal(failed(), 1)
  clock.advance(FIGURES_BOUNDS.failedMs - 1)
  assert.equal(failed(), 1)
  clock.advance(1)
  assert.equal(failed(), 0)
  figures.refusedBusy(one)
  figures.came(one)
  assert.equal(failed(), 0, 'a welcome is a service')
})

test('[O1] remembered failed accounts are bounded; those failed longest ago are forgotten', () => {
  const { figures } = world()
  for (let n = 0; n < FIGURES_BOUNDS.failedMax + 1; n++) figures.refusedBusy(accountId(n + 10))
  assert.equal(figures.sample().failedUsers, FIGURES_BOUNDS.failedMax)
  figures.served(accountId(10))
  assert.equal(figures.sample().failedUsers, FIGURES_BOUNDS.failedMax, 'the first is forgotten')
  figures.served(accountId(11))
  assert.equal(figures.sample().failedUsers, FIGURES_BOUNDS.failedMax - 1)
})

test('[F2] a sign-in failed by the server’s fault when the answer is busy, unavailable or internal, is missing, or takes longer than five seconds', async () => {
  const { clock, figures } = world()
  const counts = (): number[] => [figures.sample().signInsTried, figures.sample().signInsFailed]
  await figures.signIn('me', async () => ({ ok: true }))
  for (const code of ['sign-in-failed', 'rate-limited', 'body-invalid'] as RefusalCode[])
    await figures.signIn('me', async () => ({ ok: false, code }))
  assert.deepEqual(counts(), [4, 0])
  for (const code of ['busy', 'unavailable', 'internal'] as RefusalCode[]) await figures.signIn('me', async () => ({ ok: false, code }))
  assert.deepEqual(counts(), [7, 3])
  await assert.rejects(figures.signIn('me', () => Promise.reject(new Error('away'))))
  assert.deepEqual(counts(), [8, 4])
  let answer = (_: { ok: true }): void => undefined
  const slow = figures.signIn('me', () => new Promise<{ ok: true }>((resolve) => (answer = resolve)))
  clock.advance(FIGURES_BOUNDS.patienceMs - 1)
  assert.deepEqual(counts(), [9, 4])
  clock.advance(1)
  assert.deepEqual(counts(), [9, 5])
  answer({ ok: true })
  await slow
  assert.deepEqual(counts(), [9, 5], 'once, and it stays so')
})

test('[F3] a canary’s actions appear in no figure', async () => {
  const { clock, figures } = world()
  const before = figures.sample()
  assert.equal(figures.came(canary), null)
  figures.keptOut(canary)
  figures.refusedBusy(canary)
  await figures.signIn('canary', async () => ({ ok: false, code: 'busy' as const }))
  assert.deepEqual(figures.sample(), before)
  clock.advance(1)
  assert.notEqual(figures.came(one), null)
})
