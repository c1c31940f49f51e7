import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncidentUpdate } from '../vocabulary/incident.ts'
import {
  faultsInMaintenance,
  faultsInUpdate,
  foldIncidents,
  foldMaintenances,
  nextMaintenance,
  nextUpdate,
  openIncident,
  planMaintenance,
  TEXT_BOUNDS,
} from './updates.ts'

const T = 1_721_264_040_000
const BY = { kind: 'person', name: '김 담당' } as const
const text = (word: string) => ({ ko: word, en: word })
const opening = { id: 'a', title: text('제목'), body: text('본문'), hits: [], impact: 'major', startedAt: T - 5_000, detectedAt: T - 1_000 } as const

test('[S5] a correction is a new statement; earlier ones stay unchanged', () => {
  const first = openIncident(opening, BY, T)
  const [incident] = foldIncidents([first])
  assert.ok(incident)
  const second = nextUpdate(incident, { body: text('끝'), status: 'resolved', endedAt: T + 840_000 }, BY, T + 900_000)
  const [over] = foldIncidents([first, second])
  assert.ok(over)
  const third = nextUpdate(
    over,
    { body: text('13:54가 아니라 13:50입니다'), endedAt: T + 600_000, correction: text('잘못 적음'), notify: false },
    BY,
    T + 999_000,
  )
  const [corrected] = foldIncidents([first, second, third])
  assert.equal(corrected?.endedAt, T + 600_000)
  assert.equal(corrected?.status, 'resolved')
  assert.equal(corrected?.updates.length, 3)
  assert.equal(corrected?.updates[1]?.endedAt, T + 840_000)
  assert.equal(third.number, 3)
})

test('a resolved incident has an end and no next update; an open one the reverse', () => {
  const first = openIncident(opening, BY, T)
  assert.deepEqual([first.endedAt, first.nextUpdateAt], [null, T + 900_000])
  const told = openIncident({ ...opening, status: 'resolved' }, BY, T)
  assert.deepEqual([told.endedAt, told.nextUpdateAt], [T, null])
  const [incident] = foldIncidents([told])
  assert.ok(incident)
  assert.equal(nextUpdate(incident, { body: text('다시'), status: 'investigating' }, BY, T + 1).endedAt, null)
})

test('all mistakes in a statement are reported at once', () => {
  const wrong: IncidentUpdate = {
    ...openIncident(opening, { kind: 'person', name: ' ' }, T),
    title: { ko: '', en: 'x'.repeat(TEXT_BOUNDS.titleCodePointsMax + 1) },
    body: { ko: '\ud800', en: '🔥'.repeat(TEXT_BOUNDS.bodyCodePointsMax) },
    startedAt: T + 1,
    detectedAt: T + 1,
    endedAt: T - 1,
    share: { kind: 'affected', source: 'server', value: 1.2, low: 0, high: 1, affected: 1, total: 1 },
  }
  assert.equal(faultsInUpdate(wrong).length, 8, faultsInUpdate(wrong).join('\n'))
  assert.deepEqual(faultsInUpdate(openIncident(opening, BY, T)), [])
})

test('planned work: announced, moved, begun, done', () => {
  const planning = {
    maintenanceId: 'm',
    title: text('점검'),
    body: text('디스크 교체'),
    components: ['messaging'],
    scheduledFor: T,
    scheduledUntil: T + 1,
  } as const
  const first = planMaintenance(planning, BY, T - 10)
  const [planned] = foldMaintenances([first])
  assert.ok(planned)
  const second = nextMaintenance(planned, { body: text('시작'), status: 'in_progress' }, BY, T)
  const [begun] = foldMaintenances([first, second])
  assert.equal(begun?.status, 'in_progress')
  assert.equal(begun?.scheduledUntil, T + 1)
  assert.equal(begun?.updates.length, 2)
  assert.deepEqual(faultsInMaintenance(first), [])
  assert.equal(faultsInMaintenance({ ...first, scheduledUntil: T, components: [] }).length, 2)
})
