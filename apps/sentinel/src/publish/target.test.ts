import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Files } from './render.ts'
import { createPusher, TARGET_BOUNDS, type Target } from './target.ts'

const named = (name: string): Files => new Map([[name, { body: new Uint8Array(), type: 'text/plain', hash: name }]])
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A target that succeeds when the test says so. */
function place() {
  const seen: string[] = []
  const failures: unknown[] = []
  let answer: (error?: Error) => void = () => undefined
  const target: Target = {
    name: 'place',
    push: (files, cancelled) => {
      seen.push([...files.keys()].join())
      return new Promise((resolve, reject) => {
        cancelled.addEventListener('abort', () => reject(new Error('cancelled')))
        answer = (error) => (error === undefined ? resolve() : reject(error))
      })
    },
  }
  return { target, seen, failures, failed: (_place: string, cause: unknown) => void failures.push(cause), answer: (error?: Error) => answer(error) }
}

test('a new age alone is sent at a bounded rate; statements are sent at once', async () => {
  const clock = createSimulatedClock()
  const { target, seen, failed, answer } = place()
  const pusher = createPusher({ target, clock, failed })
  pusher.offer(named('1'), false)
  answer()
  await settle()
  pusher.offer(named('2'), false)
  pusher.offer(named('3'), false)
  clock.advance(TARGET_BOUNDS.everyMs - 1)
  assert.deepEqual(seen, ['1'])
  clock.advance(1)
  assert.deepEqual(seen, ['1', '3'], 'what was replaced while it waited is forgotten')
  answer()
  await settle()
  pusher.offer(named('4'), false)
  pusher.offer(named('5'), true)
  assert.deepEqual(seen, ['1', '3', '5'])
  answer()
  await pusher.stop()
})

test('[O1] one update runs at a time, and at most one waits', async () => {
  const clock = createSimulatedClock()
  const { target, seen, failed, answer } = place()
  const pusher = createPusher({ target, clock, failed })
  pusher.offer(named('1'), true)
  for (let index = 2; index <= 50; index++) pusher.offer(named(String(index)), true)
  assert.deepEqual(seen, ['1'])
  answer()
  await settle()
  clock.advance(TARGET_BOUNDS.everyMs)
  assert.deepEqual(seen, ['1', '50'])
  answer()
  await pusher.idle()
  await pusher.stop()
})

test('a failure is retried with longer waits, up to a bound, until it succeeds', async () => {
  const clock = createSimulatedClock()
  const { target, seen, failures, failed, answer } = place()
  const pusher = createPusher({ target, clock, failed })
  pusher.offer(named('1'), true)
  for (const waitMs of [1_000, 2_000, 4_000, TARGET_BOUNDS.retryMsMax, TARGET_BOUNDS.retryMsMax]) {
    const before = seen.length
    answer(new Error('no'))
    await settle()
    clock.advance(waitMs - 1)
    await settle()
    assert.equal(seen.length, before)
    clock.advance(1)
    await settle()
    assert.equal(seen.length, before + 1)
  }
  answer()
  await settle()
  assert.equal(failures.length, seen.length - 1, 'each but the last')
  pusher.offer(named('2'), true)
  answer(new Error('no'))
  await settle()
  clock.advance(TARGET_BOUNDS.retryMs)
  await settle()
  assert.deepEqual(seen.slice(-2), ['2', '2'], 'a success lets the waits begin anew')
  answer()
  await pusher.stop()
})

test('newer files are preferred to retrying older ones', async () => {
  const clock = createSimulatedClock()
  const { target, seen, failed, answer } = place()
  const pusher = createPusher({ target, clock, failed })
  pusher.offer(named('1'), true)
  pusher.offer(named('2'), true)
  answer(new Error('no'))
  await settle()
  assert.deepEqual(seen, ['1', '2'])
  answer()
  await pusher.stop()
})

test('stopping aborts the running update', async () => {
  const { target, seen, failed } = place()
  const pusher = createPusher({ target, clock: createSimulatedClock(), failed })
  pusher.offer(named('1'), true)
  pusher.offer(named('2'), true)
  await pusher.stop()
  assert.deepEqual(seen, ['1'])
})

test('[O1] retries of a target that is down for weeks leave nothing in memory', async () => {
  const clock = createSimulatedClock()
  let listening = 0
  const target: Target = {
    name: 'place',
    async push(_files, cancelled) {
      listening = getEventListeners(cancelled, 'abort').length
      throw new Error('no')
    },
  }
  const pusher = createPusher({ target, clock, failed: () => undefined })
  for (let state = 0; state < 20; state++) {
    pusher.offer(named(String(state)), true)
    for (let second = 0; second < 10; second++) {
      await settle()
      clock.advance(1_000)
    }
  }
  assert.equal(listening, 0)
  await pusher.stop()
})
