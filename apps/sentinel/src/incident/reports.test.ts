import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReportsSample } from '../record/observation.ts'
import type { Incident, Share } from './incident.ts'
import { isCorrection, Reports, REPORTS_BOUNDS } from './reports.ts'
import { foldIncidents, nextUpdate, openIncident } from './updates.ts'

const T = 1_721_264_040_000
const text = { ko: '가', en: 'a' }
const BY = { kind: 'auto' } as const
const first = openIncident({ id: 'a', title: text, body: text, hits: [], impact: 'major', startedAt: T, detectedAt: T }, BY, T)
const open = foldIncidents([first])[0] as Incident
const over = foldIncidents([first, nextUpdate(open, { body: text, status: 'resolved', endedAt: T + 60_000 }, BY, T + 90_000)])[0] as Incident
const SAMPLE: ReportsSample = { at: T, from: T, to: T, activeUsers: 10, affectedUsers: 1, signInUsers: 1, connectionUsers: 0, unsent: 0 }
const turn = () => new Promise((resolve) => setImmediate(resolve))

function world(answers: (ReportsSample | null | Error)[]) {
  let now = T
  let place = 0
  const asked: number[] = []
  const reports = new Reports({
    clock: { now: () => now },
    read: async () => {
      asked.push(now)
      const answer = answers.shift() ?? null
      if (answer instanceof Error) throw answer
      return answer
    },
    keep: () => ++place,
    warn: () => {},
  })
  return { reports, asked, at: (time: number) => void (now = time) }
}

test('[S6] an end waits for devices’ reports for at most three tries', async () => {
  const { reports } = world([null, new Error('away'), SAMPLE])
  for (let tries = 0; tries < REPORTS_BOUNDS.triesBeforeEnd; tries++) {
    assert.equal(reports.mustWait(open, T), true)
    assert.equal(reports.mustWait(open, T), true, 'while it is asked')
    await turn()
  }
  assert.equal(reports.mustWait(open, T), false)
  assert.equal(reports.seqOf('a'), 1)
  const silent = world([])
  for (let tries = 0; tries < REPORTS_BOUNDS.triesBeforeEnd; tries++) {
    assert.equal(silent.reports.mustWait(open, T), true)
    await turn()
  }
  assert.equal(silent.reports.mustWait(open, T), false, 'an end is told without them')
})

test('[S5] reports are read again when all devices are back and a day later, and then no more', async () => {
  const { reports, asked, at } = world(Array.from({ length: 9 }, () => SAMPLE))
  const found: [number, boolean][] = []
  for (let minute = 0; minute < 3 * 24 * 60; minute++) {
    at(T + 60_000 + minute * 60_000)
    reports.askDue([open, over], (_id, seq, settled) => found.push([seq, settled]))
    await turn()
  }
  assert.deepEqual(
    asked.map((time) => Math.floor((time - T - 60_000) / 60_000)),
    [2, 15, 1_440],
  )
  assert.deepEqual(found, [
    [1, false],
    [2, true],
    [3, true],
  ])
})

test('reports are read anew for a fault that returned', async () => {
  const { reports } = world([SAMPLE, SAMPLE])
  reports.mustWait(open, T)
  await turn()
  reports.forget('a')
  assert.equal(reports.seqOf('a'), null)
  assert.equal(reports.mustWait(open, T), true)
})

test('[S5] which reports correct a share', () => {
  const share = (value: number, source: Share['source'], affected = 1): Share => ({ value, low: 0, high: 1, affected, total: 10, source })
  const reported = (value: number) => share(value, 'reports')
  assert.equal(isCorrection(null, reported(0.1), false), true)
  assert.equal(isCorrection(share(1, 'probes'), reported(0.1), false), true)
  assert.equal(isCorrection(share(1, 'probes'), share(0, 'reports', 0), false), false, 'nobody has reported yet')
  assert.equal(isCorrection(share(0.08, 'figures'), reported(0.05), true), false, 'the server has seen more than was told')
  assert.equal(isCorrection(share(0.08, 'figures'), reported(0.12), false), true)
  assert.equal(isCorrection(share(0.08, 'figures'), reported(0.085), true), false)
  assert.equal(isCorrection(share(0.08, 'person'), reported(0.5), true), false, 'a person’s word stands')
})
