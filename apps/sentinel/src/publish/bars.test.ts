import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DaySummary } from '../record/record.ts'
import { BAD_DAY_SHARE, dayKindOf, dayWords } from './bars.ts'
import { EXAMPLES } from './example-snapshots.ts'
import { heightOf } from './latency-chart.ts'
import { createRender } from './render.ts'
import { viewOf } from './view.ts'

const OPTIONS = { subscribeUrl: null, webhookUrl: null } as const

function day(affectedShare: number, knownMinutes = 1_440): DaySummary {
  return {
    day: '2026-11-13',
    timeZone: 'Asia/Seoul',
    component: 'messaging',
    affectedShare,
    knownMinutes,
    affectedMinutes: 54,
    basis: { fromSeq: 1, toSeq: 2 },
  }
}

test('[S2] an unknown day is never drawn as good', () => {
  assert.equal(dayKindOf(null), 'none')
  assert.equal(dayKindOf(day(0, 0)), 'none')
  assert.equal(dayKindOf(day(0)), 'ok')
  assert.equal(dayKindOf(day(Number.EPSILON)), 'some')
  assert.equal(dayKindOf(day(BAD_DAY_SHARE)), 'some')
  assert.equal(dayKindOf(day(BAD_DAY_SHARE + 1e-9)), 'bad')
})

test('[A11Y] every day has a text, and the days with problems are listed as text', () => {
  const snapshot = EXAMPLES.well()
  const view = viewOf(snapshot, OPTIONS, 'ko', false, 0)
  assert.equal(dayWords(view, day(0.0036), 0, 90), '11월 13일 (금): 54분 동안 일부 또는 전체가 영향, 하루의 0.360%')
  assert.equal(dayWords(view, null, 88, 90), '11월 21일 (토): 알 수 없음')
  const html = new TextDecoder().decode(createRender({ ...OPTIONS, apiLanguage: 'ko' })(snapshot, false).get('index.html')?.body)
  const labels = [...html.matchAll(/<g role="listitem"><title>([^<]+)<\/title>/g)]
  assert.equal(labels.length, 3 * 90)
  assert.ok(labels.every(([, title]) => /: /.test(title ?? '')))
  assert.match(html, /영향이 있던 날 2일/)
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
