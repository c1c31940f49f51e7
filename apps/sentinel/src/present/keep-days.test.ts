import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import type { DaySummary } from '../record/record.ts'
import { Desk } from './desk.ts'
import { DAYS_BOUNDS, keepDays } from './keep-days.ts'

const HEAD = { name: '봉수', serverUrl: 'http://talk', pageUrl: 'http://status', contact: '', timeZone: 'Asia/Seoul' } as const
/** Midnight in Seoul, the end of 21 November. */
const MIDNIGHT = Date.UTC(2026, 10, 21, 15)

function summary(day: string): DaySummary {
  const basis = { fromSeq: 1, toSeq: 2 }
  return { day, timeZone: HEAD.timeZone, component: 'messaging', affectedShare: 0, knownMinutes: 1_440, affectedMinutes: 0, basis }
}

test('[S2] [S6] a day is closed once, a minute after its end, and not while observations wait for the disk', async (t) => {
  const clock = createSimulatedClock(MIDNIGHT - DAYS_BOUNDS.everyMs)
  let complete = true
  const closed: string[] = []
  const days = keepDays({
    clock,
    desk: new Desk(HEAD),
    timeZone: HEAD.timeZone,
    complete: () => complete,
    counter: { count: async ({ day }) => [summary(day)], stop: async () => {} },
    write: (summaries) => closed.push(...summaries.map(({ day }) => day)),
    warn: (sentence) => assert.fail(sentence),
  })
  t.after(() => days.stop())
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settle()
  }
  await pass(10_000)
  assert.deepEqual(closed.splice(0), ['2026-11-14', '2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'])
  complete = false
  for (let turn = 0; turn < 3; turn++) await pass(DAYS_BOUNDS.everyMs)
  assert.deepEqual(closed, [], 'what was seen before midnight may still wait')
  complete = true
  await pass(DAYS_BOUNDS.everyMs)
  await pass(DAYS_BOUNDS.everyMs)
  assert.deepEqual(closed, ['2026-11-21'])
})
