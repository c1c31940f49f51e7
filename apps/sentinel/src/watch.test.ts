import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { aDay, observation, temporaryRecord } from '../../../tests/contract/record-bodies.ts'
import { stream, Town } from '../../../tests/worlds/evidence.ts'
import { createSimulatedClock } from '../../../tests/worlds/simulated-clock.ts'
import { HEAD, watchOver } from '../../../tests/worlds/watch-over.ts'
import { systemClock, type Clock } from './clock.ts'
import type { Condition } from './vocabulary/incident.ts'
import { openIncident } from './incident/updates.ts'
import { affectedUserMinutes } from './judge/user-minutes.ts'
import type { Evidence } from './judge/judgement.ts'
import type { Notice } from './notify/notice.ts'
import { Desk } from './present/desk.ts'
import { EVIDENCE_KINDS, evidenceOf, NEWS_MS, newsOf } from './present/evidence.ts'
import { createIntake } from './probe/intake.ts'
import type { Snapshot } from './present/snapshot.ts'
import { COMPONENTS, type FiguresSample, type Observation, type ObservationBatch } from './vocabulary/observation.ts'
import { openRecord } from './record/open-record.ts'
import type { DaySummary } from './record/record.ts'
import { RecordUnavailable } from './record/unavailable.ts'
import { verifyRecord } from './record/verify.ts'
import { WATCH_BOUNDS } from './watch.ts'

const KEY = 'k'.repeat(43)

/** A watch over a real record, with a simulated clock unless another is given. */
function stage<C extends Clock>(t: TestContext, clock: C) {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory, { clock })
  const told: Notice[] = []
  let shown: Snapshot | null = null
  const { watch, warned } = watchOver(record, {
    clock,
    publish: (snapshot) => (shown = snapshot),
    tell: (notices) => told.push(...notices),
  })
  t.after(() => {
    watch.stop('1')
    record.close()
    remove()
  })
  const file = record.file
  return {
    clock,
    record,
    directory,
    watch,
    told,
    warned,
    get page(): Snapshot {
      return shown ?? assert.fail('nothing was shown')
    },
    conditions: (): readonly Condition[] => watch.snapshot().components.map(({ judgement }) => judgement.condition),
    /**
     * Moves the record file away: writes fail, reads work, and everything works again after its return. This imitates a full disk without special
     * rights.
     */
    shut: () => renameSync(file, `${file}.away`),
    open: () => renameSync(`${file}.away`, file),
  }
}

type Stage = ReturnType<typeof stage<ReturnType<typeof createSimulatedClock>>>

/** Passes time as it passed when the evidence was collected. */
function live({ clock, watch }: Stage, evidence: Iterable<Evidence>): void {
  for (const each of evidence) {
    clock.advance(Math.max(0, Math.floor(each.at) - clock.now()))
    if (each.kind === 'observations') watch.hearBatch(inWholeMs(each.batch))
    else if (each.kind === 'figures') watch.hearFigures({ ...each.sample, at: clock.now() })
  }
}

function inWholeMs(given: ObservationBatch): ObservationBatch {
  return {
    ...given,
    observations: given.observations.map((each) => ({
      ...each,
      at: Math.floor(each.at),
      knownAt: Math.floor(each.knownAt),
      acceptedMs: each.acceptedMs === null ? null : Math.floor(each.acceptedMs),
      deliveredMs: each.deliveredMs === null ? null : Math.floor(each.deliveredMs),
    })),
  }
}

/** The HTTP door of another post, and a report for it. */
function postOf({ clock, watch }: Stage) {
  const intake = createIntake({ clock, posts: new Map([['busan', KEY]]), report: (each) => watch.hearBatch(each) })
  let id = 0
  return (agoMs: number, count: number, more: Partial<Observation> = {}, online = true): void => {
    const sentAt = clock.now()
    const observations = COMPONENTS.flatMap((component) =>
      Array.from({ length: count }, () => {
        const knownAt = sentAt - agoMs
        const times = component === 'messaging' ? { deliveredMs: 20 } : { deliveredMs: null }
        return observation(++id, knownAt - 20, { knownAt, component, acceptedMs: 10, readMs: null, ...times, ...more })
      }),
    )
    assert.deepEqual(intake.accept(`Bearer ${KEY}`, { post: 'busan', sentAt, online, observations }), {
      status: 200,
      body: { taken: observations.length },
    })
  }
}

const calmFigures = new Town(100).sample(aDay)
const FAILED = { outcome: 'unreachable', acceptedMs: null, deliveredMs: null } as const
const calm = (from: number, to: number): Iterable<Evidence> => stream({ from, to, people: 500 })

test('[S2] late observations of another post make nothing green and are no evidence of the present', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const bring = postOf(it)
  bring(NEWS_MS + 1, 50)
  it.clock.advance(2_000)
  assert.deepEqual(it.conditions(), ['unknown', 'unknown', 'unknown'])
  assert.ok((it.page.measuredAt ?? 0) <= aDay - NEWS_MS, 'the page says how old the newest is')
  bring(600_000, 50, FAILED)
  it.clock.advance(2_000)
  assert.deepEqual([it.conditions(), it.told.length], [['unknown', 'unknown', 'unknown'], 0], 'nor is anything red of it')
  assert.deepEqual(it.page.posts, [], 'it is not said that somebody observes')
  bring(NEWS_MS, 50)
  assert.deepEqual(it.conditions(), ['operational', 'operational', 'operational'], 'what is just new enough is believed')
})

test('[S1] [S2] old successes neither hide nor end an outage, and do not contradict other posts', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const bring = postOf(it)
  live(it, calm(aDay, aDay + 30_000))
  const from = aDay + 40_000
  live(it, stream({ from: aDay + 30_000, to: from + 12_000, outFrom: from }))
  assert.deepEqual(it.conditions(), ['major_outage', 'major_outage', 'major_outage'])
  for (let second = 0; second < 90; second++) {
    live(it, [
      { kind: 'observations', at: it.clock.now() + 1_000, batch: { post: 'home', online: true, observations: badTries(it.clock.now(), second) } },
    ])
    bring(NEWS_MS + 1 + (second % 60) * 1_000, 5)
  }
  assert.deepEqual(it.conditions(), ['major_outage', 'major_outage', 'major_outage'])
  assert.deepEqual(
    it.told.map(({ update }) => update.status),
    ['investigating'],
  )
})

test('[S1] [S2] a post with only old news, or none, does not downgrade an outage seen by the others', (t) => {
  for (const leaves of ['old news', 'silence']) {
    const it = stage(t, createSimulatedClock(aDay))
    const bring = postOf(it)
    if (leaves === 'silence') bring(0, 20)
    live(it, stream({ from: aDay, to: aDay + 60_000 }))
    if (leaves === 'old news') bring(NEWS_MS + 1, 20)
    const from = aDay + 60_000
    live(it, stream({ from, to: from + 12_000, outFrom: from }))
    assert.deepEqual([leaves, ...it.conditions()], [leaves, 'major_outage', 'major_outage', 'major_outage'])
  }
})

test('[S1] [S2] a post without network an hour ago is not blind now', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const bring = postOf(it)
  for (let second = 0; second < 20; second++) {
    it.clock.advance(1_000)
    bring(0, 2)
  }
  bring(3_600_000, 20, FAILED, false)
  assert.deepEqual(it.conditions(), ['operational', 'operational', 'operational'])
  assert.deepEqual(
    it.page.posts.map(({ online }) => online),
    [true],
  )
  bring(0, 2, {}, false)
  it.clock.advance(20_000)
  assert.deepEqual(it.conditions(), ['unknown', 'unknown', 'unknown'])
})

function badTries(at: number, second: number): Observation[] {
  return COMPONENTS.flatMap((component, index) =>
    [0, 1].map((turn) =>
      observation(1_000_000 + second * 10 + index * 2 + turn, at + 900, { knownAt: at + 950, component, readMs: null, ...FAILED }),
    ),
  )
}

test('[S3] [S5] [S6] everything continues while the record is unwritable; afterwards it has everything once, in order, as heard', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const to = aDay + 400_000
  const all = [...stream({ from: aDay, to, people: 500, outFrom: aDay + 90_000, outTo: aDay + 200_000 })]
  const part = (from: number, until: number): Evidence[] => all.filter(({ at }) => at >= aDay + from && at < aDay + until)
  live(it, part(0, 60_000))
  const head = it.record.head()
  it.shut()
  live(it, part(60_000, 110_000))
  assert.equal(it.record.head(), head, 'nothing can be written')
  const [open] = it.page.open
  assert.ok(open !== undefined && open.startedAt >= aDay + 90_000, 'it is noticed')
  assert.equal(it.conditions()[0], 'major_outage', 'and shown')
  assert.ok((it.page.measuredAt ?? 0) > aDay + 105_000, 'the page is of now')
  assert.deepEqual(it.told.map(({ update }) => [update.number, update.status]).slice(0, 1), [[1, 'investigating']], 'and told')
  live(it, part(110_000, 320_000))
  assert.deepEqual(it.page.open, [], 'its end as well')
  assert.deepEqual([it.watch.complete, it.warned.length], [false, 1], 'it is said once')
  it.open()
  live(it, part(320_000, 400_000))
  assert.deepEqual([it.watch.complete, it.warned.at(-1)], [true, 'The record can be written again.'])

  const entries = it.record.read({})
  const heard = all.flatMap<unknown>((each) =>
    each.kind === 'observations' ? [inWholeMs(each.batch)] : each.kind === 'figures' ? [each.sample] : [],
  )
  const written = entries.flatMap<unknown>((entry) => (entry.kind === 'observations' ? [entry.body] : entry.kind === 'figures' ? [entry.body] : []))
  assert.deepEqual(written, heard, 'everything that was seen, once and in its order')
  const words = entries.flatMap((entry) => (entry.kind === 'incident' ? [entry] : []))
  assert.deepEqual(
    words.map(({ body }) => body.number),
    words.map((_, index) => index + 1),
  )
  assert.deepEqual(
    it.told.map(({ key }) => key),
    words.filter(({ body }) => body.notify).map(({ body }) => `${body.incidentId}#${body.number}`),
    'nobody is told twice',
  )
  for (const { at, body } of words) assert.equal(at, body.at, 'a word has the time at which it was said')
  for (const entry of entries) if (entry.kind === 'figures') assert.equal(entry.at, entry.body.at)
  const again = new Desk(HEAD)
  for (const entry of entries) again.hear(entry)
  const { judgements, now } = { judgements: it.watch.snapshot().components.map(({ judgement }) => judgement), now: it.clock.now() }
  assert.deepEqual(again.snapshot(judgements, now), it.watch.snapshot(), 'whoever reads the record knows what was shown')
  const minutes = (evidence: Iterable<Evidence>) => affectedUserMinutes(evidence, 'messaging', aDay, to)
  assert.ok((minutes(all).affectedShare ?? 0) > 0.2)
  assert.deepEqual(minutes(evidenceOf(it.record.each({ kinds: EVIDENCE_KINDS })).map(newsOf)).minutes.length, minutes(all).minutes.length)
  assert.equal(minutes(evidenceOf(it.record.each({ kinds: EVIDENCE_KINDS })).map(newsOf)).knownMinutes, minutes(all).knownMinutes)
  assert.ok(verifyRecord(it.record).sound)
})

test('[S3] [S5] a person’s statement fails while the record is unwritable; later it comes after the earlier observations', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const speak = () => {
    const text = { ko: '사진이 늦습니다', en: 'Pictures are late' }
    const opening = { id: 'x', title: text, body: text, hits: [], impact: 'minor', startedAt: it.clock.now(), detectedAt: null } as const
    return it.watch.say('incident', (_things, at) => openIncident(opening, { kind: 'person', name: '김' }, at))
  }
  it.shut()
  it.watch.hearFigures(calmFigures)
  it.clock.advance(5_000)
  assert.throws(speak, RecordUnavailable)
  assert.deepEqual([it.told, it.page.open], [[], []], 'what is not written was not said')
  it.open()
  assert.ok('update' in speak())
  assert.deepEqual(
    it.record.read({}).map(({ kind, at }) => [kind, at - aDay]),
    [
      ['figures', 0],
      ['incident', 5_000],
    ],
  )
  assert.equal(it.told.length, 1)
})

test('[O1] [S3] waiting entries are bounded: the oldest observations are dropped, statements never', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  it.shut()
  const basis = { fromSeq: 1, toSeq: 1 }
  const day: DaySummary = {
    day: '2026-11-21',
    timeZone: HEAD.timeZone,
    component: 'messaging',
    affectedShare: 0,
    knownMinutes: 1,
    affectedMinutes: 0,
    basis,
  }
  it.watch.writeDays([day])
  const sample = (accepted: number): FiguresSample => ({ ...calmFigures, accepted })
  const letGo = (): number => it.warned.filter((sentence) => /are dropped/.test(sentence)).length
  let n = 0
  while (n < WATCH_BOUNDS.unwrittenMax - 1) it.watch.hearFigures(sample(++n))
  assert.equal(letGo(), 0, 'so many are kept')
  it.watch.hearFigures(sample(++n))
  assert.equal(letGo(), 1, 'and no more')
  for (const last = n + 2; n < last;) it.watch.hearFigures(sample(++n))
  assert.equal(letGo(), 1, 'it is said once')
  it.open()
  it.watch.hearFigures(sample(++n))
  const entries = it.record.read({})
  assert.deepEqual(
    entries.slice(0, 2).map((entry) => (entry.kind === 'figures' ? entry.body.accepted : entry.kind)),
    ['day', 4],
    'three have gone, the oldest',
  )
  assert.equal(entries.length, WATCH_BOUNDS.unwrittenMax + 1)
})

test('[S3] a program that locks the record blocks the sentinel only a small part of the time', { timeout: 60_000 }, (t) => {
  const it = stage(t, systemClock)
  const other = new DatabaseSync(it.record.file)
  other.exec('BEGIN IMMEDIATE')
  const tookMs = (): number => {
    const from = performance.now()
    it.watch.hearFigures({ ...calmFigures, at: Date.now() })
    return performance.now() - from
  }
  assert.ok(tookMs() > 1_000, 'the first finds out')
  const after = Array.from({ length: 20 }, tookMs)
  assert.ok(Math.max(...after) < 500, after.join())
  other.exec('ROLLBACK')
  other.close()
  assert.equal(it.record.head(), 0)
})

test('[F7] what devices say is recorded and alone opens no incident', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  live(it, calm(aDay, aDay + 60_000))
  for (let second = 0; second < 60; second += 5) {
    it.watch.hearDevices({ at: it.clock.now(), live: 0, notLive: 300 })
    live(it, calm(it.clock.now(), it.clock.now() + 5_000))
  }
  assert.equal(it.record.read({ kinds: ['devices'] }).length, 12)
  assert.deepEqual([it.page.open, it.conditions()[0]], [[], 'operational'])
})

test('[O19] the page warns while any process that still runs could lose messages, also while no process answers and after a restart', (t) => {
  const it = stage(t, createSimulatedClock(aDay))
  const hear = (process: string | null, unsafe: boolean, afterMs = 2_000): boolean => {
    it.clock.advance(afterMs)
    it.watch.hearFigures({ ...calmFigures, process, at: it.clock.now(), ...(unsafe ? { unsafe: true } : {}) })
    return it.watch.snapshot().unsafe
  }
  const told = [hear('p1', false), hear('p2', true), hear('p1', false), hear(null, false), hear(null, false, 3_600_000)]
  assert.deepEqual(told, [false, true, true, true, true])
  const desk = new Desk(HEAD)
  for (const entry of it.record.each({})) desk.hear(entry)
  assert.equal(desk.snapshot([], it.clock.now()).unsafe, true)
  assert.equal(hear('p2', false), false, 'the process says that its setting is safe again')
  assert.equal(hear('p2', true), true)
  assert.deepEqual([hear('p3', false, 60_000), hear('p3', false, 1)], [true, false], 'a process that is gone says nothing for longer than a minute')
})
