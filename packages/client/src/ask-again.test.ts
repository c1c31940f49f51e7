import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '@bongsu/protocol'
import { createFakeClock, createRandom, settle } from '../fakes/clock.ts'
import type { ApiResult } from './api.ts'
import { askAgain, askAgainMsMax, askAgainSpreadMsMax } from './ask-again.ts'
import { baseMs, capMs } from './back-off.ts'

const refusal = (code: RefusalCode, retryAfterMs?: number): ApiResult<string> => ({
  ok: false,
  refusal: { code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
})
const offline: ApiResult<string> = { ok: false, refusal: { code: 'unavailable' }, offline: true }
const good: ApiResult<string> = { ok: true, value: 'here' }

/** Asks a server that gives these answers, the last one for ever. */
function makeAsking(
  answers: readonly ApiResult<string>[],
  more: { readonly triesMax?: number; readonly offlineToo?: boolean; readonly random?: number } = {},
) {
  const clock = createFakeClock(0)
  const askedAt: number[] = []
  const toldOf: number[] = []
  const asking = askAgain({
    clock,
    random: more.random === undefined ? createRandom(1) : { next: () => more.random as number },
    ask: async () => {
      askedAt.push(clock.now())
      return answers[askedAt.length - 1] ?? (answers.at(-1) as ApiResult<string>)
    },
    triesMax: more.triesMax ?? 8,
    offlineToo: more.offlineToo ?? false,
    putOff: (_failure, askAt) => toldOf.push(askAt),
  })
  return { clock, askedAt, toldOf, asking }
}

test('[O2] a busy server is asked again after the stated time, and the caller is told', async () => {
  const { clock, askedAt, toldOf, asking } = makeAsking([refusal('busy', 3_000), refusal('busy', 7_000), good], { random: 0.5 })
  await clock.pass(60_000)
  assert.deepEqual(await asking.answer, good)
  assert.deepEqual(askedAt, [0, 4_500, 4_500 + 7_000 + askAgainSpreadMsMax / 2])
  assert.deepEqual(toldOf, askedAt.slice(1))
  assert.equal(clock.waiting(), 0)
})

test('[O2] without a stated time the waits double, and the tries are bounded', async () => {
  const { clock, askedAt, asking } = makeAsking([refusal('internal')], { random: 0, triesMax: 8 })
  await clock.pass(600_000)
  assert.deepEqual(await asking.answer, refusal('internal'))
  const waits = askedAt.slice(1).map((at, index) => at - (askedAt[index] as number))
  assert.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 32, 64].map((factor) => Math.min(capMs, baseMs * factor)),
  )
})

test('[C2] a final refusal is an answer, and so is a very long wait', async () => {
  for (const answer of [refusal('not-a-member'), refusal('invite-invalid'), refusal('busy', askAgainMsMax + 1), offline]) {
    const { askedAt, asking } = makeAsking([answer])
    assert.deepEqual(await asking.answer, answer)
    assert.equal(askedAt.length, 1)
  }
  const { clock, askedAt, asking } = makeAsking([refusal('rate-limited', askAgainMsMax), good], { random: 0 })
  await clock.pass(askAgainMsMax)
  assert.deepEqual([await asking.answer, askedAt], [good, [0, askAgainMsMax]])
})

test('[C3] an unreachable server is asked again where nothing else would notice its return', async () => {
  const { clock, asking } = makeAsking([offline, offline, good], { offlineToo: true })
  await clock.pass(60_000)
  assert.deepEqual(await asking.answer, good)
})

test('[O1] after the stop there are no more requests and no timer', async () => {
  const { clock, askedAt, asking } = makeAsking([refusal('busy', 3_000)])
  await settle()
  asking.stop()
  assert.deepEqual(await asking.answer, refusal('busy', 3_000))
  assert.equal(clock.waiting(), 0)
  await clock.pass(60_000)
  assert.equal(askedAt.length, 1)
})
