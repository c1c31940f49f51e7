import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Observation, ObservationBatch } from '../vocabulary/observation.ts'
import { broughtBurst, createIntake, rememberedIds } from './intake.ts'
import { postedAgeMsMax, postedMax } from './posted.ts'

const KEY = 'k'.repeat(43)
const SENT_AT = 1_700_000_000_000

function observation(id: number, more: Partial<Observation> = {}): Observation {
  return {
    id,
    at: SENT_AT - 1_000,
    knownAt: SENT_AT - 900,
    component: 'messaging',
    profile: 'pc',
    outcome: 'ok',
    acceptedMs: 10,
    deliveredMs: 20,
    readMs: null,
    ...more,
  }
}

const bodyOf = (observations: readonly unknown[], more: object = {}): object => ({
  post: 'busan',
  sentAt: SENT_AT,
  online: true,
  observations,
  ...more,
})

function start() {
  const clock = createSimulatedClock()
  const reported: ObservationBatch[] = []
  let failing = false
  const intake = createIntake({
    clock,
    posts: new Map([
      ['busan', KEY],
      ['jeju', 'j'.repeat(43)],
    ]),
    report(batch) {
      if (failing) throw new Error('the disk is full')
      reported.push(batch)
    },
  })
  return {
    clock,
    reported,
    intake,
    fail: (now: boolean) => (failing = now),
    accept: (body: unknown, key = KEY) => intake.accept(`Bearer ${key}`, body),
  }
}

test('[S1] observations of another post are accepted, with their times converted to this clock', () => {
  const { clock, reported, accept } = start()
  assert.deepEqual(accept(bodyOf([observation(7)], { online: false })), { status: 200, body: { taken: 1 } })
  const at = clock.now() - 1_000
  assert.deepEqual(reported, [{ post: 'busan', online: false, observations: [{ ...observation(7), at, knownAt: at + 100 }] }])
})

test('[S1] observations from the future or from long ago are not accepted', () => {
  const { clock, reported, accept } = start()
  const ahead = SENT_AT + 3_600_000
  accept(bodyOf([observation(1, { at: ahead - 50, knownAt: ahead })]))
  assert.equal(reported[0]?.observations[0]?.knownAt, clock.now())
  assert.equal(reported[0]?.observations[0]?.at, clock.now() - 50)
  const old = SENT_AT - postedAgeMsMax
  const answer = accept(bodyOf([observation(2, { at: old, knownAt: old }), observation(3, { at: old - 1, knownAt: old - 1 })]))
  assert.deepEqual(answer, { status: 200, body: { taken: 1 } })
})

test('[W1] a request without a post’s key, or with the key of another post, is refused', () => {
  const { intake, reported, accept } = start()
  assert.equal(intake.accept(undefined, bodyOf([observation(1)])).status, 401)
  assert.equal(intake.accept(KEY, bodyOf([observation(1)])).status, 401)
  assert.equal(accept(bodyOf([observation(1)]), 'x'.repeat(43)).status, 401)
  assert.equal(accept(bodyOf([observation(1)]), '').status, 401)
  assert.equal(accept(bodyOf([observation(1)]), 'j'.repeat(43)).status, 403)
  assert.deepEqual(reported, [])
})

test('[W1] a body with any fault is refused as a whole', () => {
  const { reported, accept } = start()
  const wrong: readonly unknown[] = [
    null,
    'text',
    [],
    {},
    bodyOf([]),
    bodyOf([observation(1)], { more: 1 }),
    bodyOf([observation(1)], { online: 1 }),
    bodyOf([observation(1)], { sentAt: 'now' }),
    bodyOf([observation(1)], { post: '' }),
    bodyOf(Array.from({ length: postedMax + 1 }, (_, index) => observation(index + 1))),
    bodyOf([observation(1), null]),
    bodyOf([observation(1), { ...observation(2), text: 'x' }]),
    bodyOf([observation(1), observation(0)]),
    bodyOf([observation(1.5)]),
    bodyOf([observation(1, { at: -1 })]),
    bodyOf([observation(1, { knownAt: SENT_AT - 2_000 })]),
    bodyOf([observation(1, { knownAt: SENT_AT + 700_000 })]),
    bodyOf([observation(1, { component: 'push' as never })]),
    bodyOf([observation(1, { profile: 'tv' as never })]),
    bodyOf([observation(1, { outcome: 'fine' as never })]),
    bodyOf([observation(1, { outcome: 'constructor' as never })]),
    bodyOf([observation(1, { acceptedMs: -1 })]),
    bodyOf([observation(1, { acceptedMs: Number.NaN })]),
    bodyOf([observation(1, { readMs: 600_001 })]),
    bodyOf([observation(1, { acceptedMs: null })]),
    bodyOf([observation(1, { deliveredMs: null })]),
    bodyOf([observation(1, { component: 'web' })]),
    bodyOf([observation(1, { stage: 'door' })]),
    bodyOf([observation(1, { outcome: 'refused', stage: 'cellar' as never })]),
  ]
  for (const body of wrong) assert.deepEqual(accept(body), { status: 400, body: { code: 'body-invalid' } }, JSON.stringify(body)?.slice(0, 200))
  assert.deepEqual(reported, [])
  assert.equal(accept(bodyOf(Array.from({ length: postedMax }, (_, index) => observation(index + 1)))).status, 200)
  assert.equal(accept(bodyOf([observation(postedMax + 1, { outcome: 'refused', stage: 'server' })])).status, 200)
})

test('[S6] a repeated observation is accepted once, also within one body; a later outcome of the same try is new', () => {
  const { reported, accept } = start()
  const first = bodyOf([observation(5, { outcome: 'undelivered', deliveredMs: null }), observation(6), observation(6)])
  assert.deepEqual(accept(first), { status: 200, body: { taken: 2 } })
  assert.deepEqual(accept(first), { status: 200, body: { taken: 0 } })
  assert.deepEqual(accept(bodyOf([observation(4)])), { status: 200, body: { taken: 1 } }, 'known later though begun earlier')
  assert.deepEqual(accept(bodyOf([observation(5, { outcome: 'late' })])), { status: 200, body: { taken: 1 } })
  assert.equal(reported.length, 3)
  // The same numbers from another post are different tries.
  assert.deepEqual(accept({ ...bodyOf([observation(5)]), post: 'jeju' }, 'j'.repeat(43)), { status: 200, body: { taken: 1 } })
})

test('[S6] observations already in the record are not accepted again after a restart', () => {
  const { intake, accept } = start()
  intake.remember({ post: 'busan', online: true, observations: [observation(5)] })
  intake.remember({ post: 'unknown', online: true, observations: [observation(6)] })
  assert.deepEqual(accept(bodyOf([observation(5), observation(6)])), { status: 200, body: { taken: 1 } })
})

test('[S6] try numbers far below the highest are treated as replays', () => {
  const { accept } = start()
  accept(bodyOf([observation(10_000)]))
  assert.deepEqual(accept(bodyOf([observation(10_000 - rememberedIds)])), { status: 200, body: { taken: 0 } })
  assert.deepEqual(accept(bodyOf([observation(10_000 - rememberedIds + 1)])), { status: 200, body: { taken: 1 } })
  for (let id = 10_001; id < 19_000; id += 100) accept(bodyOf(Array.from({ length: 100 }, (_, index) => observation(id + index))))
  assert.deepEqual(accept(bodyOf([observation(18_999)])), { status: 200, body: { taken: 0 } })
  assert.deepEqual(accept(bodyOf([observation(10_500)])), { status: 200, body: { taken: 0 } }, 'forgotten, and still not new')
})

test('[S5] observations that could not be recorded are not accepted and can be sent again', () => {
  const { accept, fail, reported } = start()
  fail(true)
  assert.deepEqual(accept(bodyOf([observation(1)])), { status: 503, body: { code: 'unavailable' } })
  fail(false)
  assert.deepEqual(accept(bodyOf([observation(1)])), { status: 200, body: { taken: 1 } })
  assert.equal(reported.length, 1)
})

test('[O1] the amount accepted from one post is bounded, and other posts are not delayed by it', () => {
  const { clock, accept } = start()
  let id = 1
  const many = (): object => bodyOf(Array.from({ length: postedMax }, () => observation(id++)))
  for (let brought = 0; brought < broughtBurst; brought += postedMax) assert.equal(accept(many()).status, 200)
  const refused = accept(many())
  assert.deepEqual(refused, { status: 429, body: { code: 'rate-limited', retryAfterMs: 10_000 } })
  assert.equal(accept({ ...bodyOf([observation(1)]), post: 'jeju' }, 'j'.repeat(43)).status, 200)
  clock.advance(10_000)
  assert.equal(accept(many()).status, 200)
})
