import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../conversation/log-store.ts'
import { JobQueue } from './job-queue.ts'

const BOUNDS = { weightPerMessageMax: 4, charsPerMessageMax: 40, weightWaitingMax: 6, charsWaitingMax: 60 }

test('[O1] a queue takes requests up to its bounds, by number and by text, and refuses the next one for now', async () => {
  const queue = new JobQueue<string>('writer', BOUNDS)
  const kept = [queue.put('a', 2, 20), queue.put('b', 2, 20), queue.put('c', 2, 20)]
  const isFull = (error: unknown): boolean => error instanceof Unavailable && error.full
  await assert.rejects(queue.put('one more', 1, 0), isFull)
  assert.deepEqual([queue.stats().waiting, queue.stats().turnedAway], [6, 1])
  const message = queue.take()
  assert.deepEqual(
    message.map(({ job }) => job),
    ['a', 'b'],
    'a message ends at its bound',
  )
  await assert.rejects(queue.put('too long', 1, 41), isFull)
  kept.push(queue.put('fits', 4, 40))
  for (const { job, resolve } of [...message, ...queue.clear()]) resolve(job as never)
  assert.deepEqual(await Promise.all(kept), ['a', 'b', 'c', 'fits'])
  assert.ok(queue.isEmpty)
})

test('[O1] an empty queue takes a request with any text, and a message holds at least one', async () => {
  const queue = new JobQueue<string>('writer', BOUNDS)
  const kept = queue.put('long', 6, 1_000)
  const [only] = queue.take()
  only?.resolve('done' as never)
  assert.equal(await kept, 'done')
  assert.throws(() => queue.put('never', 7, 0), /fits into the empty queue/)
})
