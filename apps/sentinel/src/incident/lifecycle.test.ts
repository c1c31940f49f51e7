import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Judgement } from '../judge/judgement.ts'
import type { Condition, Incident, IncidentUpdate, Share, Span, Trouble } from '../vocabulary/incident.ts'
import { LIFECYCLE_BOUNDS, react, type Measured, type Situation } from './lifecycle.ts'
import { foldIncidents, NEXT_UPDATE_MS, nextUpdate, openIncident } from './updates.ts'

const T = Date.UTC(2024, 6, 18, 1, 54)
const SHARE: Share = { kind: 'affected', source: 'server', value: 0.8, low: 0.75, high: 0.85, affected: 80, total: 100 }

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
        trouble: well ? null : condition === 'degraded_performance' ? 'slow' : 'failing',
        startedAt: well ? null : now - 6_000,
        share: null,
        silent: null,
        cohort: null,
        unheard: null,
        alone: null,
        unsure: false,
      }
    }),
    incidents: foldIncidents(updates),
    underMaintenance: new Set(),
    suspicion: 'unknown',
    measure: () => ({ share: null, beside: null, basis: { fromSeq: 1, toSeq: 2 } }),
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
  const opened = at(T + 9_000, { messaging: 'major_outage' }, { measure: () => ({ share: SHARE, beside: null, basis: null }) })
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
  assert.equal(better?.impact, 'minor', 'while it lasts, the impact is the present one')
  assert.equal(at(T + 90_000, {})?.impact, 'critical', 'in the end it is the worst')
})

test('start, detection and end are separate times, and the end has the share and its basis', () => {
  const { at, incident } = story()
  at(T + 9_000, { messaging: 'major_outage' })
  let span: readonly Span[] = []
  const measure = (_hits: unknown, spans: readonly Span[]): Measured => {
    span = spans
    return { share: SHARE, beside: null, basis: { fromSeq: 3, toSeq: 90 } }
  }
  const ended = at(T + 120_000, {}, { endedAt: T + 90_000, measure })
  assert.deepEqual(span, [{ from: T + 3_000, to: T + 90_000 }], 'what is published is of the whole time')
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

/** What is measured while messaging fails. */
const told = (share: Share | null, beside: Share | null = null): Partial<Situation> => ({ measure: () => ({ share, beside, basis: null }) })
const about = (value: number, low: number, high: number): Share => ({ ...SHARE, value, low, high })

test('[S9] an incident opens without a share when none is known, and the first figure goes to whoever was told the opening', () => {
  const { at } = story()
  const opened = at(T, { messaging: 'partial_outage' })
  assert.equal(opened?.share, null)
  assert.ok(opened?.body.ko.includes('재고 있습니다') && !opened.body.ko.includes('%'))
  assert.equal(at(T + 9_000, { messaging: 'partial_outage' }, told(about(0.3, 0.2, 0.4))), null, 'not so soon')
  const first = at(T + 10_000, { messaging: 'partial_outage' }, told(about(0.3, 0.2, 0.4)))
  assert.deepEqual([first?.share?.value, first?.notify, first?.correction], [0.3, true, null])
})

test('[S9] a first figure that was wrong is corrected, and whoever was told it is told the better one', () => {
  const { at } = story()
  const messaging = 'partial_outage'
  at(T, { messaging }, told(about(0.6, 0.3, 0.85)))
  assert.equal(at(T + 20_000, { messaging }, told(about(0.55, 0.3, 0.8))), null, 'as good as before')
  assert.equal(at(T + 30_000, { messaging }, told(about(0.61, 0.55, 0.66))), null, 'a value that held is not repeated')
  const better = at(T + 40_000, { messaging }, told(about(0.3, 0.25, 0.35)))
  assert.deepEqual([better?.share?.value, better?.notify], [0.3, true])
  assert.match(better?.correction?.ko ?? '', /앞서 알린 값: 60%/)
  assert.equal(at(T + 60_000, { messaging }, told(about(0.315, 0.3, 0.33))), null, 'not for every point')
})

test('[S9] nothing is known in the end: the last known share stays, and 0 % is never said', () => {
  const { at } = story()
  at(T, { messaging: 'partial_outage' }, told(about(0.3, 0.25, 0.35)))
  const ended = at(T + 60_000, {}, told(null))
  assert.deepEqual([ended?.status, ended?.share?.value], ['resolved', 0.3])
  assert.doesNotMatch(ended?.body.ko ?? '', /[^\d]0%/)
})

test('[S9] two estimates that disagree are both told, with the disagreement', () => {
  const { at } = story()
  const tries: Share = { ...about(0.9, 0.85, 0.95), source: 'tries' }
  const opened = at(T, { messaging: 'partial_outage' }, told(about(0.3, 0.25, 0.35), tries))
  assert.deepEqual([opened?.share?.source, opened?.beside?.source], ['server', 'tries'])
  assert.match(opened?.body.ko ?? '', /이용자의 30%.*관측 시도의 90%.*어긋나/)
  assert.match(opened?.body.en ?? '', /30% of active people.*90% of our tests.*disagree/)
})

/** A judgement of messaging with this trouble. */
const withTrouble =
  (trouble: Trouble | null, condition: Condition = 'partial_outage') =>
  (situation: Situation): Partial<Situation> => ({
    judgements: situation.judgements.map((each) => (each.component === 'messaging' && trouble !== null ? { ...each, trouble, condition } : each)),
  })

test('[S9] people who fell silent: minor, under investigation, never cannot; then affected at once when devices tell', () => {
  const { at } = story()
  const silent: Share = { ...about(0.3, 0.22, 0.4), kind: 'silent', affected: 30, stillOut: 30 }
  const opened = at(T, { messaging: 'partial_outage' }, (situation) => ({ ...withTrouble('silent')(situation), ...told(silent) }))
  assert.deepEqual([opened?.impact, opened?.status, opened?.hits[0]?.trouble, opened?.share?.kind], ['minor', 'investigating', 'silent', 'silent'])
  assert.match(opened?.body.ko ?? '', /한꺼번에 끊겼습니다.*보내고 받을 수 있습니다.*알아보고 있습니다.*30%\(30명\)/)
  assert.doesNotMatch(`${opened?.title.ko}${opened?.body.ko}`, /수 없습니다|못합니다/)
  const affected = at(T + 2_000, { messaging: 'partial_outage' }, told(about(0.3, 0.1, 0.4)))
  assert.deepEqual([affected?.impact, affected?.hits[0]?.trouble, affected?.share?.kind], ['major', 'failing', 'affected'])
})

test('[S9] a silence that ended by itself: 0 affected, so many not heard from', () => {
  const { at } = story()
  const silent: Share = { ...about(0.4, 0.3, 0.5), kind: 'silent', affected: 40, stillOut: 40 }
  at(T, { messaging: 'partial_outage' }, (situation) => ({ ...withTrouble('silent')(situation), ...told(silent) }))
  const ended = at(T + 560_000, {}, { ...told(silent), endedAt: T + 550_000 })
  assert.deepEqual([ended?.status, ended?.impact], ['resolved', 'minor'])
  assert.match(ended?.body.ko ?? '', /메신저는 정상이었습니다.*\(0명\).*40명의 소식은 아직 없습니다/)
  assert.match(ended?.body.en ?? '', /affected \(0\), and 40 have not been heard from/)
})

test('[S1] what cannot be reached from here: minor, without a share, without accusation', () => {
  const { at } = story()
  const opened = at(T, { messaging: 'partial_outage' }, withTrouble('from-here'))
  assert.deepEqual([opened?.impact, opened?.share], ['minor', null])
  assert.match(opened?.title.ko ?? '', /관측소에서 메신저에 닿지 않습니다/)
  assert.doesNotMatch(opened?.body.ko ?? '', /주고받을 수 없습니다|재고 있습니다/)
  const failing = at(T + 1_000, { messaging: 'major_outage' })
  assert.equal(failing?.impact, 'critical')
})

test('[S1] late is told as late, slow as slow', () => {
  for (const [trouble, words] of [
    ['late', /제때 도착하지 않습니다/],
    ['slow', /느리게 도착합니다/],
  ] as const) {
    const opened = story().at(T, { messaging: 'degraded_performance' }, withTrouble(trouble, 'degraded_performance'))
    assert.equal(opened?.impact, 'minor')
    assert.match(opened?.title.ko ?? '', words)
    assert.doesNotMatch(opened?.body.ko ?? '', /수 없습니다|못합니다/)
  }
})

test('[S1] an incident that returned lists its spans, and claims no time between them', () => {
  const { at, incident } = story()
  at(T + 6_000, { messaging: 'major_outage' })
  at(T + 70_000, {}, { endedAt: T + 45_000 })
  at(T + 206_000, { messaging: 'major_outage' })
  const ended = at(T + 300_000, {}, { endedAt: T + 245_000 })
  const spans = [
    { from: T, to: T + 45_000 },
    { from: T + 200_000, to: T + 245_000 },
  ]
  assert.deepEqual([ended?.spans, incident()?.spans], [spans, spans])
  assert.deepEqual([incident()?.startedAt, incident()?.endedAt], [T, T + 245_000])
  assert.match(ended?.body.ko ?? '', /10:54:00부터 10:54:45까지, 10:57:20부터 10:58:05까지 모두 90초/)
  assert.match(ended?.body.en ?? '', /90 seconds in all/)
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

test('[S8] that nothing can be observed is said once, whatever a person says or lifts before or after', () => {
  const blind = { messaging: 'unknown', 'sign-in': 'unknown', web: 'unknown' } as const
  const pin = { component: 'messaging', condition: 'degraded_performance', profiles: ['pc', 'phone'] } as const
  for (const lifted of [[], [pin]])
    for (const before of [true, false]) {
      const { at, updates, incident } = story()
      const say = (hits: IncidentUpdate['hits'], now: number): void => {
        const body = { ko: '확인하고 있습니다.', en: 'We are looking.' }
        updates.push(nextUpdate(incident() as Incident, { body, hits }, { kind: 'person', name: '김' }, now))
      }
      at(T, { messaging: 'major_outage' })
      if (before) {
        say([pin], T + 1_000)
        say(lifted, T + 2_000)
      }
      assert.ok(at(T + 3_000, blind)?.body.en.includes('cannot observe'))
      if (!before) say(lifted, T + 4_000)
      for (let second = 5; second < 60; second++) assert.equal(at(T + second * 1_000, blind), null)
      const due = at(T + 20 * 60_000, blind)
      assert.deepEqual(
        due?.hits.map(({ component }) => component),
        ['messaging'],
      )
      assert.equal(at(T + 20 * 60_000 + 1_000, blind), null)
    }
})

test('[S1] announced maintenance during an incident is told as that, and not as lost sight', () => {
  const { at } = story()
  at(T, { messaging: 'major_outage' })
  const planned = { underMaintenance: new Set(['messaging']) }
  assert.equal(at(T + 60_000, { messaging: 'major_outage' }, planned), null)
  const said = at(T + 15 * 60_000, { messaging: 'major_outage' }, planned)
  assert.match(said?.body.ko ?? '', /메시지 보내기·받기: 예고한 점검 중입니다/)
  assert.match(said?.body.en ?? '', /under announced maintenance/)
  assert.doesNotMatch(`${said?.body.ko}${said?.body.en}`, /관측이 닿지 않아|cannot observe/)
  assert.equal(said?.hits[0]?.condition, 'major_outage')
  assert.equal(at(T + 16 * 60_000, {})?.status, 'resolved')
})

test('[S2] a component that stays unobserved keeps no incident open for ever, and its end says so', () => {
  for (const hit of ['messaging', 'web'] as const) {
    const { at } = story()
    at(T, { [hit]: 'major_outage' })
    const since = T + 60_000
    const web = (situation: Situation): Partial<Situation> => ({ judgements: situation.judgements.map((each) => ({ ...each, since })) })
    assert.equal(at(since + LIFECYCLE_BOUNDS.unseenMs - 60_000, { web: 'unknown' }, web)?.status, 'investigating')
    assert.equal(at(since + LIFECYCLE_BOUNDS.unseenMs - 1, { web: 'unknown' }, web), null)
    const ended = at(since + LIFECYCLE_BOUNDS.unseenMs, { web: 'unknown' }, web)
    assert.equal(ended?.status, 'resolved')
    assert.match(ended?.body.ko ?? '', /관측되는 것은 다시 정상입니다\. 앱 불러오기: 한동안 관측되지 않아/)
    assert.match(ended?.body.en ?? '', /Loading the app: not observed for some time/)
    if (hit === 'web') assert.equal(ended?.endedAt, since, 'its end is unknown, and nothing is claimed after it was lost from sight')
  }
})

test('[S6] a share is of the hits that are said with it', () => {
  const { at } = story()
  const measure = (hits: readonly { readonly component: string }[]): Measured => ({
    share: about(hits.some(({ component }) => component === 'messaging') ? 0.9 : 0.2, 0.1, 0.95),
    beside: null,
    basis: { fromSeq: 1, toSeq: 2 },
  })
  at(T, { messaging: 'major_outage', web: 'major_outage' })
  const better = at(T + 20_000, { web: 'major_outage' }, { measure })
  assert.deepEqual([better?.hits[0]?.component, better?.share?.value], ['messaging', 0.9])
  const none = (): Measured => ({ share: null, beside: null, basis: null })
  const due = at(T + 16 * 60_000, { web: 'major_outage' }, { measure })
  assert.deepEqual([due?.hits.map(({ component }) => component), due?.share?.value], [['web'], 0.2])
  const other = at(T + 17 * 60_000, { 'sign-in': 'major_outage' }, { measure: none })
  assert.deepEqual([other?.hits[0]?.component, other?.share], ['sign-in', null], 'the share of another component is not kept')
})

test('[S14] the sentinel does not end what it opened while a person’s state stands, and repeats the person’s words', () => {
  const { at, updates, incident } = story()
  at(T, { messaging: 'major_outage' })
  const say = (hits: IncidentUpdate['hits'], now: number): void => {
    const body = { ko: '사진만 늦습니다.', en: 'Only pictures are late.' }
    updates.push(nextUpdate(incident() as Incident, { body, hits }, { kind: 'person', name: '김' }, now))
  }
  say([{ component: 'messaging', condition: 'degraded_performance', profiles: ['pc', 'phone'] }], T + 60_000)
  assert.equal(at(T + 120_000, {}), null)
  const repeated = at(T + 60_000 + NEXT_UPDATE_MS, {})
  assert.equal(repeated?.status, 'investigating')
  assert.ok(repeated.body.en.endsWith('Only pictures are late.'), repeated.body.en)
  say([], T + 2_000_000)
  assert.equal(at(T + 2_001_000, {})?.status, 'resolved', 'the state was lifted')
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
  const more = {
    mayMeasure: false,
    mayEnd: () => false,
    measure: (): Measured => ({ share: measured++ < 0 ? null : SHARE, beside: null, basis: null }),
  }
  at(T, { messaging: 'major_outage' })
  for (let second = 1; second < 600; second++) at(T + second * 1_000, { messaging: 'major_outage' }, more)
  assert.equal(measured, 0)
  assert.equal(at(T + 600_000, {}, more), null)
  assert.equal(measured, 0)
})
