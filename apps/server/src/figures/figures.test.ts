import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '@bongsu/protocol'
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
    activeUsers: 1,
    affectedUsers: 0,
    cutUsers: 0,
    lateUsers: 0,
    connections: 1,
    signInsTried: 0,
    signInsFailed: 0,
    reconnects: 0,
    accepted: 0,
    refusedBusy: 0,
  })
})

test('[F2] an account is late with one stuck device, or when no device answers, and counts as affected once', () => {
  const { figures } = world()
  const [mine, again, theirs] = [one, one, other].map((id) => figures.came(id) ?? assert.fail())
  assert.ok(mine && theirs && mine === again)
  const look = (...troubles: [typeof mine, 'stuck' | 'silent'][]): number => {
    figures.look((tell) => troubles.forEach(([here, trouble]) => tell(here, trouble)))
    return figures.sample().lateUsers
  }
  assert.equal(look([mine, 'silent']), 0, 'a phone that sleeps beside a PC that answers')
  assert.equal(look([mine, 'silent'], [mine, 'silent']), 1)
  assert.equal(figures.sample().affectedUsers, 1)
  assert.equal(look([mine, 'stuck'], [mine, 'silent'], [theirs, 'stuck']), 2)
  assert.deepEqual([figures.sample().affectedUsers, figures.sample().activeUsers], [2, 2])
  assert.equal(look(), 0)
})

test('[F2] cut and late add up, because no account is both', () => {
  const { clock, figures } = world()
  const [mine, theirs] = [one, other].map((id) => figures.came(id) ?? assert.fail())
  assert.ok(mine && theirs)
  figures.went(one, mine, 'lost')
  clock.advance(FIGURES_BOUNDS.patienceMs + 1)
  figures.look((tell) => tell(theirs, 'silent'))
  const { activeUsers, affectedUsers, cutUsers, lateUsers } = figures.sample()
  assert.deepEqual({ activeUsers, affectedUsers, cutUsers, lateUsers }, { activeUsers: 2, affectedUsers: 2, cutUsers: 1, lateUsers: 1 })
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
