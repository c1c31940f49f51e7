import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { aDay, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { openRecord } from '../record/open-record.ts'
import { createDayCounter } from './day-counter.ts'

const JOB = { day: '2026-11-22', timeZone: 'Asia/Seoul', now: aDay }

/** A counter whose thread runs this after its first answer, or instead of it. */
function counterWith(t: TestContext, source: string) {
  const counter = createDayCounter('', new URL(`data:text/javascript,import { parentPort } from 'node:worker_threads';${encodeURIComponent(source)}`))
  t.after(() => counter.stop())
  return counter
}

test('days are counted in a thread of their own', async (t) => {
  const { directory, remove } = temporaryRecord()
  openRecord(directory).close()
  const counter = createDayCounter(directory)
  t.after(async () => {
    await counter.stop()
    remove()
  })
  assert.deepEqual(await counter.count(JOB), [])
  assert.deepEqual(await counter.count(JOB), [])
})

test('a thread that ends before its answer fails that count, with an error or without', async (t) => {
  for (const [end, said] of [
    ['throw new Error("broken")', /broken/],
    ['process.exit(0)', /ended with code 0/],
  ] as const)
    await assert.rejects(counterWith(t, `parentPort.on('message', () => { ${end} })`).count(JOB), said)
})

test('a thread that ends while nothing is asked does not end the program, and the next count starts a new one', async (t) => {
  for (const end of ['throw new Error("broken")', 'process.exit(0)']) {
    const counter = counterWith(t, `parentPort.on('message', () => { parentPort.postMessage([]); setTimeout(() => { ${end} }) })`)
    const begun = once(process, 'worker') as Promise<[Worker]>
    assert.deepEqual(await counter.count(JOB), [])
    const [worker] = await begun
    await new Promise((resolve) => worker.once('exit', resolve))
    assert.deepEqual(await counter.count(JOB), [])
  }
})
