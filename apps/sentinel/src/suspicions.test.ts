import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../tests/worlds/simulated-clock.ts'
import type { Judgement } from './judge/judgement.ts'
import type { FiguresSample } from './record/observation.ts'
import { SUSPECT_MS, Suspicions } from './suspicions.ts'

const sample: FiguresSample = {
  at: 0,
  process: 'one',
  cell: 'main',
  activeUsers: 100,
  affectedUsers: 0,
  signInsTried: 0,
  signInsFailed: 0,
  reconnects: 0,
  accepted: 0,
  refusedBusy: 0,
}
const messaging = (condition: Judgement['condition']): Judgement => ({
  component: 'messaging',
  condition,
  profiles: [],
  since: 0,
  startedAt: condition === 'operational' ? null : 0,
  share: null,
  failed: 0,
  tried: 0,
})

test('[S1] a notice suspects no more of the cause than the figures support', () => {
  const clock = createSimulatedClock()
  const suspicions = new Suspicions(clock)
  const of = (condition: Judgement['condition']) => suspicions.of(messaging(condition))
  assert.equal(of('major_outage'), 'unknown', 'without figures nothing is known')
  suspicions.hear(sample)
  assert.equal(of('major_outage'), 'unknown', 'a server that counts nobody as affected knows no more')
  suspicions.hear({ ...sample, affectedUsers: 8 })
  assert.deepEqual([of('partial_outage'), of('operational')], ['path-broken', 'unknown'])
  suspicions.hear({ ...sample, process: null })
  assert.deepEqual([of('major_outage'), of('partial_outage'), suspicions.of(undefined)], ['server-gone', 'unknown', 'unknown'])
})

test('[S1] a restart or an overload is suspected for two minutes, the restart first', () => {
  const clock = createSimulatedClock()
  const suspicions = new Suspicions(clock)
  const now = () => suspicions.of(messaging('operational'))
  suspicions.hear({ ...sample, refusedBusy: 5 })
  assert.equal(now(), 'unknown', 'what was refused before this one watched is not of now')
  suspicions.hear({ ...sample, refusedBusy: 6 })
  assert.equal(now(), 'server-busy')
  suspicions.hear({ ...sample, process: null })
  suspicions.hear({ ...sample, process: 'two' })
  assert.equal(now(), 'server-restarted')
  clock.advance(SUSPECT_MS - 1)
  assert.equal(now(), 'server-restarted')
  clock.advance(1)
  assert.equal(now(), 'unknown')
})
