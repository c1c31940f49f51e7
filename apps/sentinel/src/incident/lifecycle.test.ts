import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Judgement } from '../judge/judgement.ts'
import type { Condition, IncidentUpdate, Share } from './incident.ts'
import { react, type Measured, type Situation } from './lifecycle.ts'
import { foldIncidents, openIncident } from './updates.ts'

const T = Date.UTC(2024, 6, 18, 1, 54)
const SHARE: Share = { value: 0.8, low: 0.75, high: 0.85, affected: 80, total: 100, source: 'figures' }

/** A sentinel's own time: each call passes the judge's verdict and keeps what is said. */
function story() {
  const updates: IncidentUpdate[] = []
  const situation = (now: number, conditions: Partial<Record<'messaging' | 'sign-in' | 'web', Condition>>): Situation => ({
    now,
    judgements: (['messaging', 'sign-in', 'web'] as const).map((component): Judgement => {
      const condition = conditions[component] ?? 'operational'
      const well = condition === 'operational' || condition === 'unknown'
      return {
        component,
        condition,
        profiles: well ? [] : ['pc', 'phone'],
        since: now,
        startedAt: well ? null : now - 6_000,
        share: null,
        failed: 0,
        tried: 0,
      }
    }),
    incidents: foldIncidents(updates),
    underMaintenance: new Set(),
    suspicion: 'unknown',
    measure: () => ({ share: null, basis: { fromSeq: 1, toSeq: 2 } }),
    mayMeasure: true,
    mayEnd: () => true,
    endedAt: null,
    contact: '02-000-0000',
    timeZone: 'Asia/Seoul',
    newId: () => `incident-${updates.length}`,
  })
  return {
    updates,
    incident: () => foldIncidents(updates)[0],
    at: (
      now: number,
      conditions: Parameters<typeof situation>[1],
      more: Partial<Situation> | ((situation: Situation) => Partial<Situation>) = {},
    ): IncidentUpdate | null => {
      const plain = situation(now, conditions)
      const update = react({ ...plain, ...(typeof more === 'function' ? more(plain) : more) })
      if (update !== null) updates.push(update)
      return update
    },
  }
}

test('[S1] a detected fault is announced at once, with the four things the law asks for', () => {
  const { at } = story()
  assert.equal(at(T, {}), null)
  const opened = at(T + 9_000, { messaging: 'major_outage' }, { measure: () => ({ share: SHARE, basis: null }) })
  assert.ok(opened)
  assert.equal(opened.number, 1)
  assert.equal(opened.status, 'investigating')
  assert.equal(opened.impact, 'critical')
  assert.equal(opened.startedAt, T + 3_000)
  assert.equal(opened.detectedAt, T + 9_000)
  assert.equal(opened.notify, true)
  for (const word of ['사실', '원인', '대응', '문의: 02-000-0000', '80%']) assert.ok(opened.body.ko.includes(word), word)
  for (const word of ['What', 'Cause', 'Response', 'Contact']) assert.ok(opened.body.en.includes(word), word)
  assert.equal(at(T + 10_000, { messaging: 'major_outage' }), null, 'it is said once')
})

test('[S1] a sign-in fault is announced as such, together with working messages', () => {
  const { at } = story()
  const opened = at(T, { 'sign-in': 'major_outage' })
  assert.ok(opened)
  assert.equal(opened.title.ko, '로그인이 되지 않습니다')
  assert.ok(opened.body.ko.includes('메시지는 정상으로 오갑니다'))
  assert.deepEqual(
    opened.hits.map(({ component }) => component),
    ['sign-in'],
  )
})

test('trouble of less than six seconds is no incident', () => {
  const { at, incident } = story()
  const failing =
    (startedAt: number) =>
    (situation: Situation): Partial<Situation> => ({
      judgements: situation.judgements.map((each) => (each.condition === 'operational' ? each : { ...each, startedAt })),
    })
  assert.equal(at(T + 4_900, { messaging: 'major_outage' }, failing(T)), null)
  assert.equal(at(T + 5_000, {}), null)
  assert.equal(at(T + 15_999, { messaging: 'major_outage' }, failing(T + 10_000)), null)
  assert.equal(at(T + 16_000, { messaging: 'major_outage' }, failing(T + 10_000))?.startedAt, T + 10_000)
  assert.equal(incident()?.updates.length, 1)
})

test('each next update comes within the promised 15 minutes', () => {
  const { at, updates } = story()
  at(T, { messaging: 'major_outage' })
  for (let now = T; now < T + 3_600_000; now += 1_000) at(now, { messaging: 'major_outage' })
  const gaps = updates.slice(1).map((update, index) => update.at - (updates[index] as IncidentUpdate).at)
  assert.equal(updates.length, 5)
  assert.ok(
    gaps.every((gap) => gap <= 15 * 60_000),
    String(gaps),
  )
})

test('a worsening is announced at once, an improvement after a while', () => {
  const { at } = story()
  at(T, { messaging: 'partial_outage' })
  const worse = at(T + 1_000, { messaging: 'major_outage' })
  assert.equal(worse?.impact, 'critical')
  assert.equal(at(T + 2_000, { messaging: 'degraded_performance' }), null)
  assert.equal(at(T + 32_000, { messaging: 'degraded_performance' }), null, 'it has been better for no time yet')
  const stays = (situation: Situation): Partial<Situation> => ({ judgements: situation.judgements.map((each) => ({ ...each, since: T + 2_000 })) })
  const better = at(T + 32_000, { messaging: 'degraded_performance' }, stays)
  assert.equal(better?.hits[0]?.condition, 'degraded_performance')
  assert.equal(better?.impact, 'critical', 'the impact of an incident is its worst')
})

test('start, detection and end are separate times, and the end has the share and its basis', () => {
  const { at, incident } = story()
  at(T + 9_000, { messaging: 'major_outage' })
  let span: readonly number[] = []
  const measure = (_hits: unknown, from: number, to: number): Measured => {
    span = [from, to]
    return { share: SHARE, basis: { fromSeq: 3, toSeq: 90 } }
  }
  const ended = at(T + 120_000, {}, { endedAt: T + 90_000, measure })
  assert.deepEqual(span, [T + 3_000, T + 90_000], 'what is published is of the whole time')
  assert.equal(ended?.status, 'resolved')
  const { startedAt, detectedAt, endedAt, share } = incident() ?? assert.fail()
  assert.deepEqual([startedAt, detectedAt, endedAt], [T + 3_000, T + 9_000, T + 90_000])
  assert.deepEqual(share, SHARE)
  assert.deepEqual(ended?.basis, { fromSeq: 3, toSeq: 90 })
  assert.equal(at(T + 121_000, {}), null)
})

test('a fault that returns within ten minutes is the same incident, later a new one', () => {
  const { at, updates } = story()
  at(T, { messaging: 'major_outage' })
  at(T + 60_000, {}, { endedAt: T + 50_000 })
  const again = at(T + 300_000, { messaging: 'major_outage' })
  assert.equal(again?.incidentId, updates[0]?.incidentId)
  assert.equal(again?.endedAt, null)
  assert.ok(again?.body.ko.includes('다시 나타났습니다'))
  at(T + 360_000, {}, { endedAt: T + 350_000 })
  const another = at(T + 360_000 + 700_000, { messaging: 'major_outage' })
  assert.notEqual(another?.incidentId, updates[0]?.incidentId)
})

test('a wrong share is updated without mail, and not for every percentage point', () => {
  const { at } = story()
  const held =
    (share: Share) =>
    (situation: Situation): Partial<Situation> => ({
      judgements: situation.judgements.map((each) => (each.startedAt === null ? each : { ...each, share })),
      measure: () => ({ share, basis: null }),
    })
  at(T, { messaging: 'partial_outage' }, held({ ...SHARE, value: 0.02 }))
  assert.equal(at(T + 19_000, { messaging: 'partial_outage' }, held({ ...SHARE, value: 0.08 })), null, 'not so soon')
  const better = at(T + 20_000, { messaging: 'partial_outage' }, held({ ...SHARE, value: 0.08 }))
  assert.deepEqual([better?.share?.value, better?.notify], [0.08, false])
  assert.equal(at(T + 60_000, { messaging: 'partial_outage' }, held({ ...SHARE, value: 0.095 })), null, 'not for every point')
})

test('[S2] without evidence nothing is opened, and an open incident is neither ended nor left without updates', () => {
  const { at } = story()
  const blind = { messaging: 'unknown', 'sign-in': 'unknown', web: 'unknown' } as const
  assert.equal(at(T, blind), null)
  at(T + 1_000, { messaging: 'major_outage' })
  const said = at(T + 2_000, blind)
  assert.ok(said?.body.ko.includes('상태를 알 수 없습니다'))
  assert.equal(at(T + 3_000, blind), null)
  assert.equal(at(T + 4_000, { messaging: 'major_outage' })?.hits[0]?.condition, 'major_outage')
  assert.equal(at(T + 5_000, { messaging: 'operational', 'sign-in': 'unknown' }), null, 'half a view ends nothing')
})

test('[S3] the sentinel does not end a person’s incident, but keeps its promised update', () => {
  const { at, updates } = story()
  updates.push(
    openIncident(
      { id: 'x', title: { ko: '사진', en: 'Pictures' }, body: { ko: '느림', en: 'slow' }, hits: [], impact: 'minor', startedAt: T, detectedAt: null },
      { kind: 'person', name: '김' },
      T,
    ),
  )
  assert.equal(at(T + 1_000, {}), null)
  const kept = at(T + 14.6 * 60_000, {})
  assert.equal(kept?.status, 'investigating')
  assert.ok(kept?.body.ko.includes('담당자가 계속') && kept.body.ko.endsWith('느림'), 'of what is not measured nothing is claimed')
  const again = at(T + 30 * 60_000, {})
  assert.equal(again?.body.ko, kept?.body.ko, 'it does not grow')
  const tomorrow = at(T + 20 * 3_600_000, {})
  assert.ok(tomorrow?.body.ko.endsWith('내용(7월 18일 10:54:00): 느림'), tomorrow?.body.ko ?? 'nothing is said')
  const own = at(T + 31 * 60_000, { messaging: 'major_outage' })
  assert.notEqual(own?.incidentId, 'x', 'an outage beside it has an incident of its own')
  assert.equal(own?.impact, 'critical')
})

test('a failure under announced maintenance opens no incident', () => {
  const { at } = story()
  assert.equal(at(T, { messaging: 'major_outage' }, { underMaintenance: new Set(['messaging']) }), null)
})

test('[S2] only components known to work are called working', () => {
  const opened = story().at(T, { web: 'major_outage', messaging: 'unknown' })
  assert.ok(opened)
  assert.equal(opened.body.ko.includes('메시지는 정상'), false)
  const signIn = story().at(T, { 'sign-in': 'major_outage', web: 'major_outage' })
  assert.equal(signIn?.body.ko.includes('이미 로그인한'), false)
})

test('[O1] measurements respect their rate, and an end waits for devices’ reports', () => {
  const { at } = story()
  let measured = 0
  const more = { mayMeasure: false, mayEnd: () => false, measure: (): Measured => ({ share: measured++ < 0 ? null : SHARE, basis: null }) }
  at(T, { messaging: 'major_outage' })
  for (let second = 1; second < 600; second++) at(T + second * 1_000, { messaging: 'major_outage' }, more)
  assert.equal(measured, 0)
  assert.equal(at(T + 600_000, {}, more), null)
  assert.equal(measured, 0)
})
