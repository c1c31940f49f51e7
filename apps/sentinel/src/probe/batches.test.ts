import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock, type SimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { ObservationBatch, Outcome, Stage } from '../vocabulary/observation.ts'
import { createBatches, gatherMs, observationsPerBatchMax, type Batches } from './batches.ts'
import { beginTry } from './try.ts'

interface World {
  readonly clock: SimulatedClock
  readonly batches: Batches
  readonly reported: ObservationBatch[]
  alarmed: boolean
  /** Answers everyone who has asked whether this place is online. */
  answer: (online: boolean) => Promise<void>
  asked: number
  stage: Stage
  readonly put: (id: number, outcome: Outcome) => void
}

function start(): World {
  const clock = createSimulatedClock()
  const reported: ObservationBatch[] = []
  let resolve = (_online: boolean): void => undefined
  const world: World = {
    clock,
    reported,
    alarmed: false,
    asked: 0,
    stage: 'door',
    async answer(online) {
      resolve(online)
      await new Promise((done) => setImmediate(done))
    },
    batches: createBatches({
      clock,
      post: 'home',
      alarmed: () => world.alarmed,
      isOnline() {
        world.asked++
        return new Promise((done) => (resolve = done))
      },
      stage: () => Promise.resolve(world.stage),
      report: (batch) => reported.push(batch),
    }),
    put: (id, outcome) => world.batches.put(beginTry(clock, id, 'messaging', 'pc').observation(outcome)),
  }
  return world
}

const idsOf = (batch: ObservationBatch | undefined): readonly number[] => batch?.observations.map(({ id }) => id) ?? []

test('[S1] in calm times observations are reported every two seconds, without an online check', () => {
  const { clock, reported, put, ...world } = start()
  put(1, 'ok')
  clock.advance(gatherMs.calm - 1)
  put(2, 'ok')
  assert.equal(reported.length, 0)
  clock.advance(1)
  assert.deepEqual(reported.map(idsOf), [[1, 2]])
  assert.equal(reported[0]?.online, true)
  clock.advance(10_000)
  assert.equal(reported.length, 1, 'nothing is told of nothing')
  assert.equal(world.asked, 0)
})

test('[S1] a failure is reported with everything gathered as soon as the online check has answered', async () => {
  const world = start()
  world.put(1, 'ok')
  world.put(2, 'unreachable')
  world.put(3, 'unaccepted')
  assert.equal(world.asked, 1)
  assert.equal(world.reported.length, 0)
  await world.answer(false)
  assert.deepEqual(world.reported.map(idsOf), [[1, 2, 3]])
  assert.equal(world.reported[0]?.online, false)
  world.put(4, 'lost')
  await world.answer(true)
  assert.deepEqual(world.reported.map(idsOf), [[1, 2, 3], [4]])
  assert.equal(world.reported[1]?.online, true)
})

test('[S1] during an alarm successes are reported within half a second', () => {
  const world = start()
  world.put(1, 'late')
  world.clock.advance(gatherMs.alarmed)
  assert.equal(world.reported.length, 0, 'one that came late was told as failed before')
  world.clock.advance(gatherMs.calm)
  world.alarmed = true
  world.put(2, 'ok')
  world.clock.advance(gatherMs.alarmed)
  assert.deepEqual(world.reported.map(idsOf), [[1], [2]])
})

test('[O1] a batch is bounded, and gathered observations are reported at the end', () => {
  const { clock, reported, put, batches } = start()
  for (let id = 1; id <= observationsPerBatchMax + 1; id++) put(id, 'ok')
  clock.advance(gatherMs.calm)
  assert.deepEqual(
    reported.map(({ observations }) => observations.length),
    [observationsPerBatchMax, 1],
  )
  put(9_000, 'ok')
  batches.stop()
  assert.deepEqual(idsOf(reported[2]), [9_000])
})

test('[S1] [S3] nothing is reported after the end: a failure during an online check allows no conclusion', async () => {
  const { batches, reported, put, answer } = start()
  put(1, 'ok')
  put(2, 'unreachable')
  batches.stop()
  assert.deepEqual(reported, [{ post: 'home', online: true, observations: reported[0]?.observations }])
  assert.deepEqual(reported.map(idsOf), [[1]])
  await answer(true)
  put(3, 'lost')
  await answer(true)
  assert.equal(reported.length, 1)
})

test('[S1] a failed try tells where it failed: what is known of it, or where tries fail now', async () => {
  const world = start()
  const { clock, batches, reported, answer, put } = world
  world.stage = 'way'
  batches.put(beginTry(clock, 1, 'messaging', 'pc').observation('refused', { stage: 'server' }))
  put(2, 'ok')
  put(3, 'unreachable')
  put(4, 'late')
  await answer(true)
  clock.advance(gatherMs.calm)
  assert.deepEqual(
    reported.flatMap(({ observations }) => observations).map(({ id, stage }) => [id, stage]),
    [
      [1, 'server'],
      [2, undefined],
      [3, 'way'],
      [4, undefined],
    ],
  )
})
