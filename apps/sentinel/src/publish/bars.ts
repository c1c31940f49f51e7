import { html } from 'ghtml'
import { CONDITION_SIGNS } from './icons.ts'
import { conditionNow } from './headline.ts'
import { finePercentOf, minutesOf, type Language } from './numbers.ts'
import type { ComponentState } from './snapshot.ts'
import type { DaySummary } from '../record/record.ts'
import { say, type View } from './view.ts'
import { COMPONENT_NAMES, CONDITION_NAMES } from './words.ts'

/** A day with a larger share of affected user-minutes is drawn as bad. The bound is about three minutes of everybody. */
export const BAD_DAY_SHARE = 0.002

export type DayKind = 'ok' | 'some' | 'bad' | 'none'

export function dayKindOf(day: DaySummary | null): DayKind {
  if (day === null || day.knownMinutes === 0) return 'none'
  if (day.affectedShare <= 0) return 'ok'
  return day.affectedShare > BAD_DAY_SHARE ? 'bad' : 'some'
}

/** Geometry of one bar, in units of the drawing. Kinds also differ in height, so that they can be told apart without colour. */
const BAR = { step: 10, width: 7, height: 40 } as const
const SHAPES: Readonly<Record<DayKind, { readonly y: number; readonly height: number }>> = {
  ok: { y: 8, height: 32 },
  some: { y: 4, height: 36 },
  bad: { y: 0, height: 40 },
  none: { y: 34, height: 6 },
}

/** One component: its name, its present state, and its last 90 days. */
export function componentCard(view: View, state: ComponentState): string {
  const condition = conditionNow(state, view.snapshot, view.stale)
  const name = say(view, COMPONENT_NAMES[state.component])
  const unknown = say(view, CONDITION_NAMES.unknown)
  const total =
    state.affectedShare === null
      ? say(view, { ko: '아직 기록이 없습니다', en: 'no record yet' })
      : say(view, {
          ko: `${state.days.length}일 동안 영향 ${finePercentOf(state.affectedShare)}`,
          en: `${finePercentOf(state.affectedShare)} affected in ${state.days.length} days`,
        })
  const ago = (days: number): string => say(view, { ko: `${days}일 전`, en: `${days} days ago` })
  return html`<article class="card part">
    <h3>
      ${name}<span class="state ${condition}" data-unknown="${unknown}"
        >!${CONDITION_SIGNS[condition]}<span>${say(view, CONDITION_NAMES[condition])}</span></span
      >
    </h3>
    !${bars(view, state, name)}
    <p class="scale">
      <span class="whole">${ago(state.days.length)}</span><span class="half">${ago(Math.round(state.days.length / 2))}</span><b>${total}</b
      ><span>${say(view, { ko: '오늘', en: 'today' })}</span>
    </p>
    !${badDays(view, state)}
  </article>`
}

function bars(view: View, state: ComponentState, name: string): string {
  const width = state.days.length * BAR.step
  const marks = state.days.map((day, index) => {
    const kind = dayKindOf(day)
    const { y, height } = SHAPES[kind]
    const words = dayWords(view, day, index, state.days.length)
    const area = `M${index * BAR.step} 0h${BAR.step}v${BAR.height}h-${BAR.step}z`
    const bar = `M${index * BAR.step + 1} ${y}h${BAR.width}v${height}h-${BAR.width}z`
    return html`<g role="listitem"><title>${words}</title><path class="hit" d="${area}" /><path class="${kind}" d="${bar}" /></g>`
  })
  const label = say(view, { ko: `${name}: 날마다의 기록 ${state.days.length}일`, en: `${name}: record of ${state.days.length} days` })
  return html`<div class="strip">
    <svg class="bars" role="list" aria-label="${label}" viewBox="0 0 ${width} ${BAR.height}" preserveAspectRatio="none">!${marks.join('')}</svg>
  </div>`
}

/** The words about one day: the title on the screen, also read by screen readers. */
export function dayWords(view: View, day: DaySummary | null, index: number, days: number): string {
  const { language, calendar, snapshot } = view
  // A day without a record has no date of its own. Its date is counted back from today.
  const name = day === null ? calendar.day(snapshot.madeAt - (days - 1 - index) * 86_400_000) : calendar.dayName(day.day)
  if (day === null || day.knownMinutes === 0) return `${name}: ${say(view, { ko: '알 수 없음', en: 'not known' })}`
  if (day.affectedShare <= 0) return `${name}: ${say(view, { ko: '모두 정상', en: 'all well' })}`
  return `${name}: ${affectedWords(day, language)}`
}

function affectedWords(day: DaySummary, language: Language): string {
  const [share, minutes] = [finePercentOf(day.affectedShare), minutesOf(day.affectedMinutes, language)]
  return language === 'ko' ? `${minutes} 동안 일부 또는 전체가 영향, 하루의 ${share}` : `some or all affected for ${minutes}, ${share} of the day`
}

/** The days on which someone was affected, in words: bars of three pixels are too small to read on a phone. */
function badDays(view: View, state: ComponentState): string {
  const days = state.days.filter((day): day is DaySummary => day !== null && day.affectedShare > 0).toReversed()
  if (days.length === 0) return ''
  const rows = days.map((day) => html`<li><b>${view.calendar.dayName(day.day)}</b> ${affectedWords(day, view.language)}</li>`)
  return html`<details class="days">
    <summary>
      ${say(view, { ko: `영향이 있던 날 ${days.length}일`, en: days.length === 1 ? '1 day with problems' : `${days.length} days with trouble` })}
    </summary>
    <ul>
      !${rows.join('')}
    </ul>
  </details>`
}
