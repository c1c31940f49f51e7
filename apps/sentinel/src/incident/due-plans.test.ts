import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MaintenanceUpdate } from '../vocabulary/incident.ts'
import { duePlans, foldMaintenances, nextMaintenance, planMaintenance } from './updates.ts'

const T = Date.UTC(2026, 10, 24, 18)
const HOUR = 3_600_000
const PERSON = { kind: 'person', name: '김봉화' } as const

/** Makes the statements that are due at each of these times. */
function story(said: MaintenanceUpdate[]): (now: number) => readonly string[] {
  return (now) => {
    const due = duePlans(foldMaintenances(said), now)
    said.push(...due)
    return due.map(({ status, by }) => `${status} ${by.kind}`)
  }
}

function planned(): MaintenanceUpdate {
  const text = { ko: '점검', en: 'Maintenance' }
  const plan = { maintenanceId: 'm1', title: text, body: text, components: ['messaging'], scheduledFor: T, scheduledUntil: T + HOUR } as const
  return planMaintenance(plan, PERSON, T - 24 * HOUR)
}

test('[S1] maintenance starts and ends as announced, each stated once', () => {
  const said = [planned()]
  const at = story(said)
  assert.deepEqual([at(T - 1), at(T), at(T + 1), at(T + HOUR - 1)], [[], ['in_progress auto'], [], []])
  assert.deepEqual([at(T + HOUR), at(T + 2 * HOUR)], [['completed auto'], []])
  assert.deepEqual(
    said.map(({ number }) => number),
    [1, 2, 3],
  )
})

test('[S1] a person’s change of maintenance is respected: an earlier end, or a later one', () => {
  const said = [planned()]
  const at = story(said)
  at(T)
  const [running] = foldMaintenances(said)
  assert.ok(running)
  const body = { ko: '늦어집니다.', en: 'It takes longer.' }
  said.push(nextMaintenance(running, { body, scheduledUntil: T + 3 * HOUR }, PERSON, T + HOUR - 1))
  assert.deepEqual([at(T + HOUR), at(T + 3 * HOUR - 1), at(T + 3 * HOUR)], [[], [], ['completed auto']])

  const sooner = [planned()]
  const then = story(sooner)
  then(T)
  const [begun] = foldMaintenances(sooner)
  assert.ok(begun)
  sooner.push(nextMaintenance(begun, { status: 'completed', body }, PERSON, T + 1))
  assert.deepEqual([then(T + HOUR), then(T + 9 * HOUR)], [[], []])
})

test('[S1] after a pause the sentinel makes the due statements one after the other', () => {
  const at = story([planned()])
  assert.deepEqual([at(T + 9 * HOUR), at(T + 9 * HOUR + 1_000), at(T + 9 * HOUR + 2_000)], [['in_progress auto'], ['completed auto'], []])
})
