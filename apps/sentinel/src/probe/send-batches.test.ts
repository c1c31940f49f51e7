import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { ObservationBatch } from '../vocabulary/observation.ts'
import type { Asked, Request } from './ask.ts'
import { createIntake } from './intake.ts'
import { postedMax } from './posted.ts'
import { MEASURE_BOUNDS } from './rhythm.ts'
import { createBatchSender, waitingMax } from './send-batches.ts'
import { beginTry } from './try.ts'

const OK: Asked = { kind: 'answer', status: 200, contentType: 'application/json', text: '{"taken":1}' }

function start() {
  const clock = createSimulatedClock()
  const requests: { readonly request: Request; readonly answer: (asked: Asked) => Promise<void> }[] = []
  const logged: string[] = []
  const measured: string[] = []
  const sender = createBatchSender({
    clock,
    random: { next: () => 0.999, uuid: () => '' },
    ask: (request) =>
      new Promise((resolve) => {
        requests.push({
          request,
          async answer(asked) {
            resolve(asked)
            await new Promise((done) => setImmediate(done))
          },
        })
      }),
    url: 'http://main',
    key: 'key',
    measure: (component) => measured.push(component),
    log: (sentence) => logged.push(sentence),
  })
  let id = 0
  const batch = (count = 1, online = true): ObservationBatch => ({
    post: 'busan',
    online,
    observations: Array.from({ length: count }, () => beginTry(clock, ++id, 'web', 'pc').observation('ok', { acceptedMs: 5 })),
  })
  const idsOf = (index: number): readonly number[] =>
    (requests[index]?.request.body as ObservationBatch | undefined)?.observations.map((one) => one.id) ?? []
  return { clock, requests, logged, measured, sender, batch, idsOf }
}

test('[S1] batches are sent in order, one request at a time, waiting ones together', async () => {
  const { requests, sender, batch, idsOf } = start()
  sender.send(batch())
  sender.send(batch(2))
  sender.send(batch(1, false))
  assert.equal(requests.length, 1)
  assert.equal(requests[0]?.request.url, 'http://main/v1/observations')
  assert.equal(requests[0]?.request.headers?.['authorization'], 'Bearer key')
  await requests[0]?.answer(OK)
  assert.deepEqual(idsOf(1), [2, 3])
  await requests[1]?.answer(OK)
  assert.deepEqual(idsOf(2), [4], 'another answer to whether it was online is another batch')
  await requests[2]?.answer(OK)
  assert.equal(requests.length, 3)
  assert.equal(sender.waiting, 0)
})

test('[S9] a post measures what the main sentinel asks for in its answers, while it does', async () => {
  const { clock, requests, measured, sender, batch } = start()
  const intake = createIntake({ clock, posts: new Map([['busan', 'key']]), report: () => undefined })
  intake.measure('sign-in')
  const send = async (): Promise<void> => {
    sender.send(batch())
    const { body } = intake.accept('Bearer key', requests.at(-1)?.request.body)
    await requests.at(-1)?.answer({ ...OK, text: JSON.stringify(body) })
  }
  await send()
  clock.advance(MEASURE_BOUNDS.heldMs - 1)
  await send()
  clock.advance(1)
  await send()
  assert.deepEqual(measured, ['sign-in', 'sign-in'])
})

test('[S1] batches that were not accepted are sent again after a growing, bounded wait', async () => {
  const { clock, requests, sender, batch, idsOf, logged } = start()
  sender.send(batch())
  const waits: number[] = []
  for (const asked of Array.from({ length: 8 }, (): Asked => ({ kind: 'unreachable' }))) {
    const count = requests.length
    await requests.at(-1)?.answer(asked)
    let waitMs = 0
    for (; requests.length === count; waitMs += 100) clock.advance(100)
    waits.push(waitMs)
  }
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
  assert.equal(logged.length, 1, 'said once')
  await requests.at(-1)?.answer({ kind: 'answer', status: 429, contentType: '', text: '{"retryAfterMs":100000}' })
  const count = requests.length
  clock.advance(100_000)
  assert.equal(requests.length, count, 'the wait that was asked for is kept')
  clock.advance(30_000)
  assert.equal(requests.length, count + 1)
  assert.deepEqual(idsOf(count), [1])
})

test('[O1] the oldest observations are dropped when too many wait, with a warning', async () => {
  const { requests, sender, batch, idsOf, logged } = start()
  for (let sent = 0; sent < waitingMax; sent += 1_000) sender.send(batch(1_000))
  assert.equal(sender.waiting, waitingMax)
  assert.deepEqual(logged, [])
  sender.send(batch())
  assert.equal(sender.waiting, waitingMax + 1 - postedMax)
  assert.equal(logged.length, 1)
  // The first of the dropped observations was already on its way.
  await requests[0]?.answer(OK)
  assert.equal(idsOf(1)[0], postedMax + 1)
  assert.equal(sender.waiting, waitingMax + 1 - postedMax)
})

test('[S1] observations that the main sentinel will never accept do not block later ones', async () => {
  const { requests, sender, batch, idsOf, logged } = start()
  sender.send(batch())
  sender.send(batch())
  await requests[0]?.answer({ kind: 'answer', status: 400, contentType: '', text: '{"code":"body-invalid"}' })
  assert.deepEqual(idsOf(1), [2])
  assert.equal(logged.length, 1)
})

test('[S1] the intake accepts what a post sends', () => {
  const { clock, requests, sender, batch } = start()
  const taken: ObservationBatch[] = []
  const intake = createIntake({ clock, posts: new Map([['busan', 'key']]), report: (one) => taken.push(one) })
  const sent = batch(3)
  sender.send(sent)
  const [first] = requests
  assert.ok(first)
  const body: unknown = JSON.parse(JSON.stringify(first.request.body))
  assert.deepEqual(intake.accept(first.request.headers?.['authorization'], body), { status: 200, body: { taken: 3 } })
  assert.deepEqual(taken, [sent])
  sender.stop()
})
