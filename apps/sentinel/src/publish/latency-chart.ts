import { html } from 'ghtml'
import { countOf, latencyOf } from '../vocabulary/numbers.ts'
import type { LatencyPoint } from '../present/snapshot.ts'
import { foldedTable, say, type View } from './view.ts'
import { NO_RECORD } from '../vocabulary/words.ts'

/** The chart covers 10 ms to 10 s in three equal steps, so that both normal and bad values are readable. */
const SCALE = { lowestMs: 10, highestMs: 10_000, steps: ['10 s', '1 s', '100 ms', '10 ms'] } as const
const SIZE = { width: 720, height: 150 } as const
/** Most points that are drawn: a day in steps of ten minutes. */
const POINTS_MAX = 144

/** Vertical position of a latency, from the top. */
export function heightOf(ms: number): number {
  const share = Math.log10(Math.min(SCALE.highestMs, Math.max(SCALE.lowestMs, ms)) / SCALE.lowestMs) / Math.log10(SCALE.highestMs / SCALE.lowestMs)
  return Math.round((1 - share) * SIZE.height * 10) / 10
}

/** Delivery times of the last 24 hours, drawn and in words. */
export function latencySection(view: View): string {
  const points = view.snapshot.latency.slice(-POINTS_MAX)
  const heading = html`<h2>${say(view, { ko: '메시지가 닿기까지', en: 'How long a message takes' })}</h2>`
  if (!points.some(({ p50Ms }) => p50Ms !== null)) {
    return html`<section>
      !${heading}
      <div class="card chart">
        <p class="quiet">${say(view, { ko: '지난 24시간의 측정이 아직 없습니다.', en: 'Nothing was measured in the last 24 hours yet.' })}</p>
      </div>
    </section>`
  }
  const words = summaryOf(view, points)
  const step = SIZE.width / Math.max(1, points.length - 1)
  const x = (index: number): number => Math.round(index * step * 10) / 10
  const failures = points.flatMap(({ failed }, index) =>
    failed === 0 ? [] : [html`<path class="failed" d="M${Math.max(3, x(index))} ${SIZE.height - 12}v12" />`],
  )
  const grid = [1, 2].map((row) => html`<path class="grid" d="M0 ${(row * SIZE.height) / 3}H${SIZE.width}" />`)
  const [first, last] = [points[0] as LatencyPoint, points.at(-1) as LatencyPoint]
  const times = [0, 1, 2, 3].map((quarter) => view.calendar.clock(first.at + ((last.at - first.at) * quarter) / 4))
  return html`<section>
    !${heading}
    <figure class="card chart">
      <p class="legend" aria-hidden="true">
        <span class="p50">${say(view, { ko: '보통', en: 'Usual' })}</span
        ><span class="p99">${say(view, { ko: '100번 가운데 가장 느린 한 번', en: 'Slowest in a hundred' })}</span
        >!${failures.length === 0 ? '' : html`<span class="missed">${say(view, { ko: '실패', en: 'Failed' })}</span>`}
      </p>
      <div class="plot">
        <div class="ticks" aria-hidden="true">!${SCALE.steps.map((tick) => html`<span>${tick}</span>`).join('')}</div>
        <svg role="img" aria-label="${words}" viewBox="0 0 ${SIZE.width} ${SIZE.height}" preserveAspectRatio="none">
          !${grid.join('')}!${line('p99', points, ({ p99Ms }) => p99Ms, x)}!${line('p50', points, ({ p50Ms }) => p50Ms, x)}!${failures.join('')}
        </svg>
        <div class="hours" aria-hidden="true">
          !${times.map((time) => html`<span>${time}</span>`).join('')}<span>${view.calendar.clock(last.at)}</span>
        </div>
      </div>
      <figcaption>${words}</figcaption>
      !${hourly(view, points)}
    </figure>
  </section>`
}

export function triesIn(points: readonly LatencyPoint[]): { readonly tried: number; readonly failed: number } {
  return points.reduce((sum, { tried, failed }) => ({ tried: sum.tried + tried, failed: sum.failed + failed }), { tried: 0, failed: 0 })
}

/** A line with gaps where nothing was measured. A gap is never bridged. */
function line(name: string, points: readonly LatencyPoint[], value: (point: LatencyPoint) => number | null, x: (index: number) => number): string {
  let path = ''
  points.forEach((point, index) => {
    const ms = value(point)
    if (ms === null) return
    const before = index === 0 ? null : value(points[index - 1] as LatencyPoint)
    const after = index === points.length - 1 ? null : value(points[index + 1] as LatencyPoint)
    path += `${before === null ? 'M' : 'L'}${x(index)} ${heightOf(ms)}`
    // A single point makes no line, so it gets a short stroke.
    if (before === null && after === null) path += 'h3'
  })
  return html`<path class="${name}" d="${path}" />`
}

function summaryOf(view: View, points: readonly LatencyPoint[]): string {
  const { language } = view
  const known = points.flatMap(({ p50Ms }) => (p50Ms === null ? [] : [p50Ms])).toSorted((one, other) => one - other)
  const slow = points.flatMap(({ p99Ms }) => (p99Ms === null ? [] : [p99Ms]))
  const usual = latencyOf(known[Math.floor(known.length / 2)] ?? 0, language)
  const slowest = latencyOf(Math.max(0, ...slow), language)
  const { tried, failed } = triesIn(points)
  return say(view, {
    ko: `지난 24시간 동안 ${countOf(tried)}번 보내 보았습니다. 보통 ${usual} 만에 닿았고, 가장 느린 10분에는 100번 가운데 한 번이 ${slowest} 걸렸습니다. 닿지 못한 것은 ${countOf(failed)}번입니다.`,
    en: `In the last 24 hours we sent ${countOf(tried)} test messages. A typical one arrived in ${usual}. In the slowest ten minutes, one in a hundred took ${slowest}. ${countOf(failed)} did not arrive.`,
  })
}

/** The same by the hour, for people who cannot see the drawing. */
function hourly(view: View, points: readonly LatencyPoint[]): string {
  const groups = Map.groupBy(points, ({ at }) => Math.floor(at / 3_600_000))
  const rows = [...groups].toReversed().map(([hour, those]) => {
    const most = (values: readonly (number | null)[]): string => {
      const known = values.filter((value): value is number => value !== null)
      return known.length === 0 ? '–' : latencyOf(Math.max(...known), view.language)
    }
    const { tried, failed } = triesIn(those)
    return html`<tr>
      <th scope="row">${view.calendar.clock(hour * 3_600_000)}</th>
      <td>${most(those.map(({ p50Ms }) => p50Ms))}</td>
      <td>${most(those.map(({ p99Ms }) => p99Ms))}</td>
      <td>${tried === 0 ? say(view, NO_RECORD) : `${countOf(failed)} / ${countOf(tried)}`}</td>
    </tr>`
  })
  const head = [
    { ko: '시각', en: 'Hour' },
    { ko: '보통', en: 'Usual' },
    { ko: '느린 1%', en: 'Slow 1%' },
    { ko: '실패', en: 'Failed' },
  ]
  return foldedTable(view, { ko: '시간마다 보기', en: 'By the hour' }, head, rows)
}
