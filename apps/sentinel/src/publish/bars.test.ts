import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../vocabulary/incident.ts'
import type { DaySummary } from '../record/record.ts'
import { BAD_DAY_SHARE, componentRow, daysOf, dayWords, type Day } from './bars.ts'
import { EXAMPLES, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { conditionNow } from './headline.ts'
import { heightOf } from './latency-chart.ts'
import { createRender } from './render.ts'
import type { ComponentState } from '../present/snapshot.ts'
import { apiComponent } from './statuspage.ts'
import { viewOf } from './view.ts'

const OPTIONS = { subscribeUrl: null } as const
const DAY = 86_400_000

function summary(day: string, knownMinutes: number, affectedShare = 0, affectedMinutes = 0, timeZone = 'Asia/Seoul'): DaySummary {
  return { day, timeZone, component: 'messaging', affectedShare, knownMinutes, affectedMinutes, basis: { fromSeq: 1, toSeq: 2 } }
}

const day = (change: Partial<Day> = {}): Day => ({ day: '2026-11-13', minutes: 1_440, seen: 1_440, unseen: 0, affected: 0, share: 0, ...change })

/** The first component with these last days, measured since some days ago. */
function stateWith(last: readonly (DaySummary | null)[], createdAt: number, countedAt: number | null = NOW): ComponentState {
  const [state] = EXAMPLES.well().components
  assert.ok(state !== undefined)
  return { ...state, days: [...state.days.map(() => null), ...last].slice(-90), createdAt, countedAt }
}

const row = (state: ComponentState, language: 'ko' | 'en' = 'ko'): string =>
  componentRow(viewOf({ ...EXAMPLES.well(), components: [state] }, OPTIONS, language, false, 0), state)

test('[S16] blind minutes of a day are told and drawn as not seen, and are no part of what is well', () => {
  const state = stateWith([summary('2026-11-21', 1_435), summary('2026-11-22', 666)], NOW - 2 * DAY - 3 * 3_600_000)
  const days = daysOf(state, EXAMPLES.well())
  assert.deepEqual(
    days.map(({ day: name, seen, unseen }) => [name, seen, unseen]),
    [
      ['2026-11-20', 0, 953],
      ['2026-11-21', 1_435, 5],
      ['2026-11-22', 666, 0],
    ],
    'a day without any record since the first entry was not seen at all, and the present day goes up to its last count',
  )
  const text = row(state)
  assert.match(text, /11월 21일 \(토\): 관측한 동안 정상, 관측 못 함 5분/)
  assert.match(text, /11월 20일 \(금\): 관측 못 함</)
  assert.match(text, /11월 22일 \(일\): 모두 정상</)
  assert.match(text, /<b>영향 없음<\/b><span>관측 못 함 15시간 58분<\/span>/)
  assert.equal(text.match(/class="unseen"/g)?.length, 2)
  assert.equal(text.match(/class="ok"/g)?.length, 2)
  assert.doesNotMatch(text, /\d%/, 'never a percentage with nines')
})

test('[S16] a day is as long as its clocks make it, and begins with the record', () => {
  const zoned = { madeAt: Date.UTC(2026, 10, 2, 12), timeZone: 'America/New_York' }
  // 1 November 2026 has 25 hours in New York.
  const whole = stateWith([summary('2026-11-01', 1_500, 0, 0, zoned.timeZone), null], Date.UTC(2026, 9, 1), zoned.madeAt)
  assert.deepEqual(
    daysOf(whole, zoned)
      .slice(-2)
      .map(({ minutes, unseen }) => [minutes, unseen]),
    [
      [1_500, 0],
      [1_440, 420],
    ],
  )
  const young = stateWith([summary('2026-11-22', 21)], NOW - 21 * 60_000)
  assert.deepEqual(
    daysOf(young, EXAMPLES.well()).map(({ seen, unseen }) => [seen, unseen]),
    [[21, 0]],
  )
  assert.deepEqual(daysOf(stateWith([], NOW, null), EXAMPLES.well()), [], 'nothing was measured, and nothing missed')
})

test('[S16] affected time is cut out and flagged by its weight, at least so high that it can be seen', () => {
  for (const [share, kind] of [
    [BAD_DAY_SHARE, 'some'],
    [BAD_DAY_SHARE + 1e-9, 'bad'],
  ] as const) {
    const text = row(stateWith([summary('2026-11-22', 666, share, 1)], NOW - DAY))
    assert.match(text, new RegExp(`class="${kind}" d="M\\d+ [\\d.]+h6v4h-6z"`))
    assert.equal(text.match(new RegExp(`class="${kind}"`, 'g'))?.length, 2, 'the cut and its flag')
  }
})

test('[S15] what a person set is shown with the name, and is not called well from old data', () => {
  const state = { ...stateWith([], NOW), pin: { by: '김봉화', at: NOW - 60_000, measured: 'operational' as const } }
  const set = (condition: Condition): ComponentState => ({ ...state, judgement: { ...state.judgement, condition } })
  assert.match(row(set('partial_outage')), /김봉화 담당자가 11:05에 정한 상태입니다\. 관측으로는: 정상/)
  const [snapshot, source] = [EXAMPLES.well(), { snapshot: EXAMPLES.well(), stale: true, language: 'ko' as const }]
  for (const [condition, shown, status] of [
    ['partial_outage', 'partial_outage', 'partial_outage'],
    ['operational', 'unknown', 'degraded_performance'],
  ] as const) {
    assert.equal(conditionNow(set(condition), snapshot, true), shown)
    assert.equal(apiComponent(source, set(condition)).status, status)
  }
})

test('[S2] a young page says since when it measures, and speaks of 90 days only when it has them', () => {
  const page = (known: number, language: 'ko' | 'en'): string => {
    const snapshot = EXAMPLES.well()
    const components = snapshot.components.map((state) => ({
      ...state,
      days: state.days.map((each, index) => (index >= 90 - known ? each : null)),
      createdAt: NOW - (known - 1) * DAY,
    }))
    const html = createRender({ ...OPTIONS, apiLanguage: 'ko' })({ ...snapshot, components }, false)
    return new TextDecoder().decode(html.get(language === 'ko' ? 'index.html' : 'en/index.html')?.body)
  }
  assert.match(page(1, 'ko'), /구성 요소, 11월 22일 \(일\)부터/)
  assert.match(page(1, 'en'), /Components, since Sun,? 22 November/)
  assert.match(page(89, 'ko'), /구성 요소, 8월 26일/)
  assert.match(page(90, 'ko'), /구성 요소, 지난 90일/)
})

test('[S2] of time without a record nothing is said, neither to the eye nor to a screen reader', () => {
  const young = row(stateWith([], NOW))
  assert.match(young, /aria-label="메시지 보내기·받기: 기록 없음"/)
  assert.match(young, /<span>기록 없음<\/span>/)
  assert.doesNotMatch(young, /영향 없음|모두 관측함/)
  const unseen = row(stateWith([null], NOW - 60 * 60_000), 'en')
  assert.match(unseen, /aria-label="Sending and receiving messages: Not seen 1 h/)
  const view = viewOf(EXAMPLES.well(), OPTIONS, 'ko', false, 0)
  assert.match(dayWords(view, day({ seen: 0 })), /: 기록 없음$/)
  const state = stateWith([summary('2026-11-21', 0)], NOW - DAY)
  const none = { p50Ms: null, p99Ms: null, tried: 0, failed: 0 }
  const latency = EXAMPLES.well().latency.map((point, index) => (index < 12 ? { ...point, ...none } : point))
  const files = createRender({ ...OPTIONS, apiLanguage: 'ko' })({ ...EXAMPLES.well(), components: [state], latency }, false)
  const text = (path: string): string => new TextDecoder().decode(files.get(path)?.body).replaceAll(/\s+/g, ' ')
  assert.match(text('uptime.html'), /11-21<\/th> <td>기록 없음<\/td>/)
  assert.match(text('index.html'), /<td>기록 없음<\/td>/)
  assert.doesNotMatch(text('index.html'), /<td>0 \/ 0<\/td>/)
})

test('[S1, S9] the page says how many posts fail alone, and how many people are not heard from', () => {
  const state = stateWith([], NOW)
  const judged = (judgement: Partial<ComponentState['judgement']>): string => row({ ...state, judgement: { ...state.judgement, ...judgement } }, 'en')
  assert.match(judged({ alone: { failing: 1, of: 3 } }), /Only 1 of 3 posts cannot reach it\. That does not accuse the messenger\./)
  assert.match(judged({ unheard: 12 }), /Not heard from: 12\./)
  assert.doesNotMatch(judged({ unheard: 0 }) + judged({ unheard: null }), /Not heard from/)
})

test('[A11Y] every day has a text under the pointer, a screen reader hears one sentence, and days with problems are listed', () => {
  const snapshot = EXAMPLES.well()
  const view = viewOf(snapshot, OPTIONS, 'ko', false, 0)
  assert.equal(dayWords(view, day({ affected: 54, share: 0.0036 })), '11월 13일 (금): 영향 54분')
  assert.equal(dayWords(view, day({ seen: 0, unseen: 1_440 })), '11월 13일 (금): 관측 못 함')
  const html = new TextDecoder().decode(createRender({ ...OPTIONS, apiLanguage: 'ko' })(snapshot, false).get('index.html')?.body)
  const labels = [...html.matchAll(/<title>([^<]+)<\/title>/g)].slice(1)
  assert.equal(labels.length, 3 * 90)
  assert.ok(labels.every(([, title]) => /: /.test(title ?? '')))
  assert.match(html, /aria-label="[^"]*, 지난 90일: 영향 \d+분, 모두 관측함"/)
  assert.match(html, /정상이 아니거나 관측 못 한 날 2일/)
})

test('the latency scale is bounded, and nothing is drawn outside', () => {
  assert.deepEqual([1, 10, 100, 1_000, 10_000, 99_999].map(heightOf), [150, 150, 100, 50, 0, 0])
})

test('[A11Y] the chart has a text version, and a gap in the measurements stays a gap', () => {
  const html = new TextDecoder().decode(createRender({ ...OPTIONS, apiLanguage: 'ko' })(EXAMPLES.well(), false).get('index.html')?.body)
  assert.match(html, /보통 \d+ ms 만에 닿았고/)
  const path = /<path class="p50" d="([^"]+)"/.exec(html)?.[1] ?? ''
  assert.equal(path.match(/M/g)?.length, 2)
})
