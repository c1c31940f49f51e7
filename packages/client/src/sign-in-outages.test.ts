import { test } from 'node:test'
import assert from 'node:assert/strict'
import { LIMITS } from '@bongsu/protocol'
import { createFakeClock, createRandom } from '../fakes/clock.ts'
import type { ApiResult } from './api.ts'
import { afterSignInTry, NO_SIGN_IN_TROUBLE, signInOutagesMax, signInPauseMs, type SignInTrouble } from './sign-in-outages.ts'

const refused = (code: 'busy' | 'internal' | 'unavailable' | 'sign-in-failed' | 'rate-limited'): ApiResult<unknown> => ({
  ok: false,
  refusal: { code },
})
const unreachable: ApiResult<unknown> = { ok: false, refusal: { code: 'unavailable' }, offline: true }
const good: ApiResult<unknown> = { ok: true, value: {} }

function bench() {
  const clock = createFakeClock()
  const random = createRandom(1)
  let trouble: SignInTrouble = NO_SIGN_IN_TROUBLE
  return {
    /** A pause, and a try of that duration. */
    attempt: async (afterMs: number, answer: ApiResult<unknown>, tookMs = 0, online = true): Promise<void> => {
      await clock.pass(afterMs)
      const triedAt = clock.now()
      await clock.pass(tookMs)
      trouble = afterSignInTry(trouble, { triedAt, answer, online }, clock, random)
    },
    spans: () => trouble.outages.map(({ lastedMs, part }) => `${part} ${lastedMs}`),
    trouble: () => trouble,
  }
}

test('[F4] sign-ins failing by the server’s fault are one outage, from the first until one is answered', async () => {
  const { attempt, spans, trouble } = bench()
  await attempt(0, refused('busy'))
  await attempt(3_000, unreachable, 15_000)
  await attempt(signInPauseMs, refused('internal'))
  assert.deepEqual(spans(), [])
  await attempt(2_000, good, 100)
  assert.deepEqual(spans(), [`sign-in ${3_000 + 15_000 + signInPauseMs + 2_000 + 100}`])
  assert.equal(trouble().open, null)
})

test('[F4] a wrong password, or too many of them, is no outage and ends one, because the server has answered', async () => {
  const { attempt, spans } = bench()
  await attempt(0, refused('sign-in-failed'))
  await attempt(9_000, refused('rate-limited'))
  await attempt(9_000, good)
  assert.deepEqual(spans(), [])
  await attempt(0, refused('unavailable'))
  await attempt(6_000, refused('sign-in-failed'))
  await attempt(60_000, good)
  assert.deepEqual(spans(), ['sign-in 6000'])
})

test('[F4] five seconds are no outage, one more millisecond is; without a network nothing is counted', async () => {
  const { attempt, spans } = bench()
  await attempt(0, refused('busy'))
  await attempt(LIMITS.outageMsMin, good)
  assert.deepEqual(spans(), [])
  await attempt(0, unreachable, LIMITS.outageMsMin + 1)
  await attempt(signInPauseMs + 1, good)
  assert.deepEqual(spans(), [`sign-in ${LIMITS.outageMsMin + 1}`], 'given up, it ends with the last try')
  await attempt(0, unreachable, 15_000, false)
  await attempt(1_000, good)
  assert.equal(spans().length, 1)
})

test('[O1] kept outages are bounded; a clock that is set back makes no impossible ones', async () => {
  const { attempt, spans, trouble } = bench()
  for (let n = 0; n <= signInOutagesMax; n++) {
    await attempt(signInPauseMs + 1, unreachable, 6_000 + n)
  }
  await attempt(signInPauseMs + 1, good)
  assert.equal(spans().length, signInOutagesMax)
  assert.equal(spans()[0], 'sign-in 6001')
  const clock = { now: () => 500 }
  const set = afterSignInTry(
    { open: { beganAt: 9_000_000, feltAt: 9_100_000 }, outages: [] },
    { triedAt: 400, answer: good, online: true },
    clock,
    createRandom(2),
  )
  assert.deepEqual(
    set.outages.map(({ lastedMs }) => lastedMs),
    [100_000],
  )
  assert.equal(trouble().open, null)
})
