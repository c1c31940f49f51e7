import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { CALM, OVERLOAD_BOUNDS, SHED_IN_ORDER, watchOverload, type QueueStats, type Work } from './overload.ts'

const ALL: readonly Work[] = [...SHED_IN_ORDER, 'send']

interface Bench {
  readonly shed: () => Work[]
  readonly level: () => number
  /** One window in which each of 100 jobs waited that long. */
  window(waitedMs: number): void
  /** The head of the queue has waited that long. */
  stand(oldestMs: number, waiting?: number): void
  /** The store has held one transaction for that long. */
  hold(heldMs: number): void
  /** One window in which that many jobs were done without waiting. */
  done(jobs: number): void
  readonly retryMs: () => number
  readonly lateMs: () => number
  /** The next sample of the event loop comes that much too late. */
  pauseLoop(ms: number): void
  readonly clock: ReturnType<typeof createSimulatedClock>
  readonly stop: () => void
}

function bench(): Bench {
  const simulated = createSimulatedClock()
  let pauseMs = 0
  const clock = {
    ...simulated,
    after: (delayMs: number, run: () => void) => simulated.after(delayMs + pauseMs, run),
  }
  const at = { queue: { waiting: 0, jobs: 0, waitedMs: 0, oldestMs: 0 } as QueueStats }
  // A second queue with a long wait from before the start, which must not count.
  const overload = watchOverload({ clock, queues: [() => at.queue, () => ({ waiting: 9e9, jobs: 5, waitedMs: 1e9, oldestMs: 0 })] })
  return {
    clock,
    stand: (oldestMs, waiting = 0) => void (at.queue = { ...at.queue, oldestMs, waiting }),
    hold: (heldMs) => void (at.queue = { ...at.queue, heldMs }),
    done(jobs) {
      at.queue = { ...at.queue, jobs: at.queue.jobs + jobs }
      clock.advance(OVERLOAD_BOUNDS.windowMs)
    },
    retryMs: () => overload.sendRetryMs(),
    lateMs: () => overload.lateMs(),
    pauseLoop(ms) {
      pauseMs = ms
      clock.advance(OVERLOAD_BOUNDS.sampleMs)
      pauseMs = 0
      clock.advance(OVERLOAD_BOUNDS.sampleMs + ms)
    },
    shed: () => ALL.filter((work) => overload.sheds(work)),
    level: () => overload.level,
    window(waitedMs) {
      at.queue = { ...at.queue, jobs: at.queue.jobs + 100, waitedMs: at.queue.waitedMs + 100 * waitedMs }
      clock.advance(OVERLOAD_BOUNDS.windowMs)
    },
    stop: () => overload.stop(),
  }
}

test('[O2] each overloaded second drops one more kind of work, sends never', () => {
  const it = bench()
  assert.deepEqual(it.shed(), [])
  for (let level = 1; level <= SHED_IN_ORDER.length; level++) {
    it.window(OVERLOAD_BOUNDS.queueingMsHigh + 0.01)
    assert.deepEqual(it.shed(), SHED_IN_ORDER.slice(0, level))
  }
  it.window(10_000)
  assert.equal(it.level(), SHED_IN_ORDER.length)
  assert.equal(it.shed().includes('send'), false)
})

test('[O3] how late work is now: the oldest waiting job, or the event loop at its last sample', () => {
  const it = bench()
  assert.equal(it.lateMs(), 0)
  it.stand(70)
  assert.equal(it.lateMs(), 70)
  it.stand(0)
  assert.equal(it.lateMs(), 0)
  // The event loop stands still for a while: its timer runs late.
  it.pauseLoop(30)
  assert.equal(it.lateMs(), 30)
  it.clock.advance(OVERLOAD_BOUNDS.sampleMs)
  assert.equal(it.lateMs(), 0)
})

test('[O2] at the bound nothing is dropped; between the bounds nothing changes; below the lower one work resumes in reverse order', () => {
  const it = bench()
  it.window(OVERLOAD_BOUNDS.queueingMsHigh)
  assert.equal(it.level(), 0)
  for (const waitedMs of [30, 30, OVERLOAD_BOUNDS.queueingMsHigh, OVERLOAD_BOUNDS.queueingMsLow]) it.window(waitedMs)
  assert.equal(it.level(), 2)
  it.window(OVERLOAD_BOUNDS.queueingMsLow - 0.01)
  assert.equal(it.level(), 0)
  for (const waitedMs of [30, 30, 30]) it.window(waitedMs)
  it.window(0)
  assert.deepEqual(it.shed(), ['typing'])
  it.window(0)
  assert.deepEqual(it.shed(), [])
})

test('[O2] a blocked queue is noticed by the wait at its head', () => {
  const it = bench()
  it.stand(25)
  it.clock.advance(OVERLOAD_BOUNDS.windowMs)
  assert.equal(it.level(), 1)
})

test('[O2] a late event loop is overload too', () => {
  let late = 0
  const clock = createSimulatedClock()
  const overload = watchOverload({ clock: { ...clock, after: (delayMs, run) => clock.after(delayMs + late, run) }, queues: [] })
  // The first check was planned earlier and is on time.
  late = 23
  clock.advance(1_500)
  assert.equal(overload.level, 1)
  late = 9
  clock.advance(2_500)
  assert.equal(overload.level, 0)
  overload.stop()
})

test('[O2] a send is refused only while the store is behind by its bound, at once and not a window later', () => {
  const it = bench()
  it.stand(OVERLOAD_BOUNDS.storeWaitMsMax)
  assert.deepEqual(it.shed(), [])
  it.stand(OVERLOAD_BOUNDS.storeWaitMsMax + 1)
  assert.deepEqual(it.shed(), ['send'])
  it.stand(0)
  assert.deepEqual(it.shed(), [])
})

test('[O13] sends wait while the database holds one message for longer than a second, up to their number', () => {
  const it = bench()
  it.hold(OVERLOAD_BOUNDS.storeWaitMsMax + 1)
  it.stand(OVERLOAD_BOUNDS.storeWaitMsMax + 1, OVERLOAD_BOUNDS.storeAheadMin - 1)
  for (let window = 0; window < 4; window++) it.done(0)
  assert.deepEqual(it.shed(), [], 'and nothing else is dropped: reading goes on')
  assert.equal(it.lateMs(), 0)
  it.stand(OVERLOAD_BOUNDS.storeWaitMsMax + 1, OVERLOAD_BOUNDS.storeAheadMin)
  assert.deepEqual(it.shed(), ['send'])
  it.hold(OVERLOAD_BOUNDS.storeWaitMsMax)
  it.stand(OVERLOAD_BOUNDS.storeWaitMsMax + 1)
  assert.deepEqual(it.shed(), ['send'], 'many messages that are slow together are load')
  it.stop()
})

test('[O2] a send is refused when more wait than the store does in half a second, but never below the minimum', () => {
  const it = bench()
  it.stand(0, OVERLOAD_BOUNDS.storeAheadMin - 1)
  assert.deepEqual(it.shed(), [])
  it.stand(0, OVERLOAD_BOUNDS.storeAheadMin)
  assert.deepEqual(it.shed(), ['send'])
  it.stand(0)
  it.done(10_000)
  it.stand(0, 4_999)
  assert.deepEqual(it.shed(), [])
  it.stand(0, 5_000)
  assert.deepEqual(it.shed(), ['send'])
})

test('[O3] refused sends get consecutive turns at the speed of the store, between a shortest and a longest wait', () => {
  const it = bench()
  it.done(1_000)
  const { min, max } = OVERLOAD_BOUNDS.sendRetryMs
  assert.deepEqual([it.retryMs(), it.retryMs(), it.retryMs()], [min, min + 1, min + 2])
  for (let count = 0; count < 10_000; count++) assert.ok(it.retryMs() <= max)
  assert.equal(it.retryMs(), max)
  it.clock.advance(max)
  assert.equal(it.retryMs(), min)
})

test('[O1] no timer is left after the stop', () => {
  const it = bench()
  it.stop()
  it.window(1_000)
  assert.equal(it.level(), 0)
  assert.equal(CALM.sheds('typing'), false)
})
