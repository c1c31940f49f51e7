import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTS } from '../acts/acts.ts'
import type { ActDesk, Update } from '../acts/desk.ts'
import { createTestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { RecordUnavailable } from '../record/unavailable.ts'
import { createPending, PENDING_BOUNDS } from './pending.ts'

function stage() {
  const clock = createTestClock(1_800_000_000_000)
  const said: Update[] = []
  let ids = 0
  const full = { now: false }
  const desk: ActDesk = {
    things: () => [],
    say(_area, derive) {
      if (full.now) throw new RecordUnavailable('full', 'The disk is full.')
      const update = derive([], clock.now())
      if ('faults' in update) return update
      said.push(update)
      return { update }
    },
    newId: () => `id${++ids}`,
  }
  const pending = createPending(clock)
  const add = () =>
    pending.add(ACTS.open, {
      desk,
      values: new URLSearchParams({ 'title-ko': '장애', 'body-ko': '글', component: 'web=major_outage' }),
      by: { kind: 'person', name: '김봉화' },
      now: clock.now(),
      timeZone: 'Asia/Seoul',
    })
  return { clock, said, full, pending, add }
}

test('[S13] a statement that waits when the program stops is written at once', () => {
  const { pending, said, add } = stage()
  add()
  assert.equal(said.length, 0)
  pending.flush()
  assert.equal(said.length, 1)
  pending.flush()
  assert.equal(said.length, 1)
  add()
  assert.deepEqual([said.length, pending.list().length], [2, 0], 'so is one that comes later')
})

test('[S13] a statement that cannot be written when the program stops is handed back, and no timer stays', async () => {
  const { clock, said, full, pending, add } = stage()
  add()
  full.now = true
  const [unsaid] = pending.flush()
  assert.match(unsaid?.faults?.[0]?.en ?? '', /^The disk cannot be written/)
  assert.deepEqual([pending.list(), pending.flush()], [[], []])
  assert.match(JSON.stringify(add()), /The disk cannot be written/, 'a later one is refused with words')
  full.now = false
  await clock.pass(PENDING_BOUNDS.keptMs)
  assert.equal(said.length, 0)
})

test('[O1] so many statements wait at once; a further one is said immediately', async () => {
  const { clock, said, pending, add } = stage()
  for (let waiting = 0; waiting < PENDING_BOUNDS.waitingMax; waiting++) add()
  assert.deepEqual([said.length, pending.list().length], [0, PENDING_BOUNDS.waitingMax])
  add()
  assert.equal(said.length, 1)
  await clock.pass(PENDING_BOUNDS.takeBackMs)
  assert.deepEqual([said.length, pending.list().length], [PENDING_BOUNDS.waitingMax + 1, 0])
})
