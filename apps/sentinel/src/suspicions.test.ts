import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Town } from '../../../tests/worlds/evidence.ts'
import { createSimulatedClock } from '../../../tests/worlds/simulated-clock.ts'
import type { Judgement } from './judge/judgement.ts'
import { SUSPECT_MS, Suspicions } from './suspicions.ts'

const sample = new Town(100).sample(0)
const messaging = (condition: Judgement['condition'], trouble: Judgement['trouble'] = 'failing'): readonly Judgement[] => [
  {
    component: 'messaging',
    condition,
    trouble: condition === 'operational' ? null : trouble,
    profiles: [],
    since: 0,
    startedAt: condition === 'operational' ? null : 0,
    share: null,
    silent: null,
    cohort: null,
    unheard: null,
    alone: null,
    unsure: false,
  },
]

test('[S1] a cause is named only as far as the figures show it', () => {
  const suspicions = new Suspicions(createSimulatedClock())
  const of = (...about: Parameters<typeof messaging>) => suspicions.of(messaging(...about))
  assert.equal(of('major_outage'), 'unknown', 'without figures nothing is known')
  suspicions.hear({ ...sample, silent: [{ agoMs: 6_000, users: 8 }] })
  assert.equal(of('partial_outage'), 'unknown', 'nobody knows why people are silent')
  suspicions.hear({ ...sample, failedUsers: 8 })
  assert.deepEqual([of('partial_outage'), of('operational')], ['server-failing', 'unknown'])
  suspicions.hear({ ...sample, process: null })
  assert.deepEqual([of('major_outage'), of('partial_outage'), suspicions.of([])], ['server-gone', 'unknown', 'unknown'])
  assert.deepEqual([of('partial_outage', 'from-here'), of('partial_outage', 'silent')], ['unknown', 'unknown'])
})

test('[S1] a restart or an overload is suspected for two minutes, the restart first', () => {
  const clock = createSimulatedClock()
  const suspicions = new Suspicions(clock)
  const now = () => suspicions.of(messaging('partial_outage'))
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
