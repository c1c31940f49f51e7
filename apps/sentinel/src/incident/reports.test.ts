import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReportsSample } from '../vocabulary/observation.ts'
import type { Incident, Share } from '../vocabulary/incident.ts'
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
  const spans: [number, number][] = []
  const kept: ReportsSample[] = []
  const reports = new Reports({
    clock: { now: () => now },
    read: async (from, to) => {
      asked.push(now)
      spans.push([from, to])
      const answer = answers.shift() ?? null
      if (answer instanceof Error) throw answer
      return answer
    },
    keep: (sample) => {
      kept.push(sample)
      return ++place
    },
    warn: () => {},
  })
  return { reports, asked, spans, kept, at: (time: number) => void (now = time) }
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
    reports.askDue([over], null, (_id, seq, settled) => found.push([seq, settled]))
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

test('[S6] while an incident is open its reports are read every ten seconds, as evidence and for no correction', async () => {
  const nobody = { ...SAMPLE, affectedUsers: 0 }
  const { reports, spans, kept, at } = world([nobody, null, new Error('away'), SAMPLE])
  for (let second = 0; second <= 30; second++) {
    at(T + second * 1_000)
    reports.askDue([open], null, () => assert.fail())
    await turn()
  }
  assert.deepEqual(
    spans,
    [0, 10_000, 20_000, 30_000].map((ms) => [T, T + ms]),
  )
  assert.deepEqual([kept, reports.seqOf('a')], [[SAMPLE], null])
  at(T - 3_600_000)
  reports.askDue([open], null, () => assert.fail())
  assert.equal(spans.length, 5, 'also after the clock was set back')
})

test('[S9] while an incident is open, reports are asked about the present trouble', async () => {
  const { reports, spans, at } = world([])
  const returned = {
    ...open,
    spans: [
      { from: T, to: T + 9_000 },
      { from: T + 60_000, to: null },
    ],
  }
  at(T + 70_000)
  reports.askDue([returned, open], null, () => assert.fail())
  await turn()
  at(T + 80_000)
  reports.askDue([open], T + 65_000, () => assert.fail())
  assert.deepEqual(spans, [
    [T + 60_000, T + 70_000],
    [T + 65_000, T + 80_000],
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
  const share = (value: number, source: Share['source'], affected = 1): Share => ({
    kind: 'affected',
    source,
    value,
    low: 0,
    high: 1,
    affected,
    total: 10,
  })
  const reported = (value: number) => share(value, 'reports')
  assert.equal(isCorrection(null, reported(0.1), false), true)
  assert.equal(isCorrection(share(1, 'tries'), reported(0.1), false), true)
  assert.equal(isCorrection(share(1, 'tries'), share(0, 'reports', 0), false), false, 'nobody has reported yet')
  assert.equal(isCorrection(share(0.08, 'server'), reported(0.05), true), false, 'the server has seen more than was told')
  assert.equal(isCorrection(share(0.08, 'server'), reported(0.12), false), true)
  assert.equal(isCorrection(share(0.08, 'server'), reported(0.085), true), false)
  const silent = { ...share(0.3, 'server', 30), kind: 'silent' } as const
  assert.equal(isCorrection(silent, share(0.06, 'reports', 6), false), true, 'silent people were affected')
  assert.equal(isCorrection(silent, share(0.05, 'reports', 5), true), false, 'fewer than a fifth of those who fell silent')
  assert.equal(isCorrection(share(0.08, 'person'), reported(0.5), true), false, 'a person’s word stands')
})
