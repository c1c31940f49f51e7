import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aDay, batch, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { COMPONENTS, type Observation } from '../vocabulary/observation.ts'
import { openRecord } from '../record/open-record.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { countDay, recomputeDay } from './count-day.ts'
import { EVIDENCE_KINDS } from './evidence.ts'

const ZONE = 'Asia/Seoul'
const MINUTE = 60_000
const FAILED = { outcome: 'unreachable', acceptedMs: null, deliveredMs: null, readMs: null } as const

interface Brought {
  readonly post: string
  /** Age of the observation when it arrived. */
  readonly agoMs: number
  readonly tries: Partial<Observation>
}

/** Starts ten minutes after midnight in Seoul, with observations in every second. */
function record(t: { after(run: () => void): void }, brings: (minute: number) => readonly Brought[]): SqliteRecord {
  const { directory, remove } = temporaryRecord()
  const opened = openRecord(directory)
  t.after(() => {
    opened.close()
    remove()
  })
  let id = 0
  for (let at = aDay; at < aDay + 10 * MINUTE; at += 1_000) {
    const bodies = brings((at - aDay) / MINUTE).map(({ post, agoMs, tries }) => {
      const knownAt = at - agoMs
      const each = { knownAt, acceptedMs: 10, readMs: null }
      return batch(
        1,
        COMPONENTS.map((component) =>
          observation(++id, knownAt - 50, { component, ...each, deliveredMs: component === 'messaging' ? 20 : null, ...tries }),
        ),
        post,
      )
    })
    if (bodies.length > 0) opened.append(bodies, at)
  }
  return opened
}

const count = (from: SqliteRecord, now: number) =>
  countDay(from, (basis) => from.each({ ...basis, kinds: EVIDENCE_KINDS }), '2026-11-22', ZONE, now)[0] ?? assert.fail('nothing is known')

test('[S6] a day counts its known minutes and their affected share', (t) => {
  const counted = count(
    record(t, (minute) => [{ post: 'home', agoMs: 0, tries: minute >= 3 && minute < 5 ? FAILED : {} }]),
    aDay + 10 * MINUTE,
  )
  assert.equal(counted.knownMinutes, 10)
  assert.ok(Math.abs(counted.affectedShare - 0.2) < 0.03, String(counted.affectedShare))
})

test('[S2] [S6] late observations make no minute known, good or bad, and a recount gives the same sum', (t) => {
  for (const tries of [{}, FAILED]) {
    const from = record(t, (minute) => {
      const late = { post: 'home', agoMs: 3_600_000, tries }
      return minute >= 4 && minute < 8 ? [late] : [{ post: 'home', agoMs: 0, tries: {} }]
    })
    const counted = count(from, aDay + 10 * MINUTE)
    assert.ok(counted.knownMinutes === 6, `${counted.knownMinutes} minutes are known`)
    assert.deepEqual([counted.affectedShare, counted.affectedMinutes], [0, 0])
    const again = recomputeDay(counted, (basis) => from.each({ ...basis, kinds: EVIDENCE_KINDS }))
    assert.deepEqual([again?.affectedMinutes, again?.affectedShare], [0, 0])
  }
})
