import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aDay, incident, temporaryRecord } from '../../../tests/contract/record-bodies.ts'
import type { IncidentUpdate } from './incident/incident.ts'
import { LIFECYCLE_BOUNDS } from './incident/lifecycle.ts'
import { asOneOutage } from './one-outage.ts'
import { openRecord } from './record/open-record.ts'
import type { RecordBody } from './record/record.ts'
import type { Unwritten } from './watch.ts'

const MINUTE_MS = 60_000
const AUTO = { by: { kind: 'auto' }, notify: true } as const
const began: RecordBody = { kind: 'sentinel', body: { event: 'started', version: '0' } }

/** A statement made from one hour after the start of the day on, by a sentinel that started then. */
const said = (number: number, more: Partial<IncidentUpdate> = {}): Unwritten => {
  const at = aDay + 60 * MINUTE_MS + number * MINUTE_MS
  return { body: incident(number, at, { ...AUTO, incidentId: 'new', share: null, basis: null, startedAt: at - 1, detectedAt: at, ...more }), at }
}

function written(words: readonly RecordBody[], unwritten: readonly Unwritten[]) {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  for (const word of words) record.append([word], aDay)
  const taken = asOneOutage(record, unwritten)
  record.close()
  remove()
  return taken
}

function wordsOf(taken: readonly Unwritten[]): readonly IncidentUpdate[] {
  return taken.flatMap(({ body }) => (body.kind === 'incident' ? [body.body] : []))
}

test('[S1] a failure found at a start without a readable record continues the incident open in the record', () => {
  const endedAt = said(3).at
  const unwritten = [
    { body: began, at: said(0).at },
    said(1, { impact: 'minor' }),
    said(2),
    said(3, { status: 'resolved', endedAt }),
    said(4, { incidentId: 'later', number: 1 }),
  ]
  const taken = written([incident(1, aDay, AUTO), incident(2, aDay, AUTO)], unwritten)
  assert.deepEqual(
    taken.map(({ at }) => at),
    unwritten.map(({ at }) => at),
  )
  assert.deepEqual(taken[0], unwritten[0])
  const words = wordsOf(taken)
  assert.deepEqual(
    words.map(({ incidentId, number }) => `${incidentId}#${number}`),
    ['k3v9q2m7x1ab#3', 'k3v9q2m7x1ab#4', 'k3v9q2m7x1ab#5', 'later#1'],
  )
  for (const word of words.slice(0, 3))
    assert.deepEqual([word.startedAt, word.detectedAt, word.impact, word.share?.affected], [aDay - MINUTE_MS, null, 'major', 80])
  assert.deepEqual([words[2]?.status, words[2]?.endedAt, words[2]?.nextUpdateAt], ['resolved', endedAt, null])
})

test('[S1] it is a new incident when none is open, when a person opened the open one, and after ten healthy minutes', () => {
  const at = said(0).at
  const unwritten = (startedAt: number): readonly Unwritten[] => [{ body: began, at }, said(20, { number: 1, startedAt })]
  const open = incident(1, aDay, AUTO)
  const early = unwritten(at + LIFECYCLE_BOUNDS.againMs - 1)
  const late = unwritten(at + LIFECYCLE_BOUNDS.againMs)
  assert.equal(wordsOf(written([open], early))[0]?.incidentId, open.body.incidentId)
  assert.deepEqual(written([open], late), late)
  assert.deepEqual(written([], early), early)
  assert.deepEqual(written([incident(1, aDay)], early), early)
  assert.deepEqual(written([open, incident(2, aDay, { ...AUTO, status: 'resolved', endedAt: aDay })], early), early)
  assert.deepEqual(written([open], [{ body: began, at }]), [{ body: began, at }])
})
