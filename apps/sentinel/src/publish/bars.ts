import { html } from 'ghtml'
import type { Condition, Text } from '../vocabulary/incident.ts'
import { conditionNow } from './headline.ts'
import { CONDITION_SIGNS } from './icons.ts'
import { countOf, spanOf } from '../vocabulary/numbers.ts'
import type { ComponentState, Snapshot } from '../present/snapshot.ts'
import { confirmed, say, type View } from './view.ts'
import { COMPONENT_NAMES, CONDITION_NAMES, conditionName, NO_RECORD } from '../vocabulary/words.ts'

/** A day with a larger share of affected user-minutes is flagged as bad. The bound is about three minutes of everybody. */
export const BAD_DAY_SHARE = 0.002

const MINUTE_MS = 60_000

/** One day of a component in minutes. The three parts and what is left (a day that is not over, or began before the record) make the whole day. */
export interface Day {
  /** As 2026-11-22. */
  readonly day: string
  /** Minutes of the whole day: 1,440, and others when clocks are changed. */
  readonly minutes: number
  readonly seen: number
  /** Minutes since the record began in which nothing was known [S16]. */
  readonly unseen: number
  /** Seen minutes in which someone was affected. */
  readonly affected: number
  readonly share: number
}

/** The days of a component that the record can speak of, oldest first. */
export function daysOf(state: ComponentState, { madeAt, timeZone }: Pick<Snapshot, 'madeAt' | 'timeZone'>): readonly Day[] {
  const today = Temporal.Instant.fromEpochMilliseconds(madeAt).toZonedDateTimeISO(timeZone).toPlainDate()
  const count = state.days.length
  // The present day, and one that has just ended, are known up to the last count.
  const countedAt = state.countedAt ?? dayIn(today.toString(), timeZone).start
  return state.days.flatMap((summary, index) => {
    const day = summary?.day ?? today.subtract({ days: count - 1 - index }).toString()
    const { start, minutes } = dayIn(day, summary?.timeZone ?? timeZone)
    const end = start + minutes * MINUTE_MS
    const told = Math.floor((Math.min(countedAt, end) - Math.max(start, state.createdAt)) / MINUTE_MS)
    if (summary === null && told <= 0) return []
    const seen = Math.min(minutes, summary?.knownMinutes ?? 0)
    const unseen = Math.min(minutes - seen, Math.max(0, told - seen))
    return [{ day, minutes, seen, unseen, affected: Math.min(seen, summary?.affectedMinutes ?? 0), share: summary?.affectedShare ?? 0 }]
  })
}

const lengths = new Map<string, { readonly start: number; readonly minutes: number }>()
const LENGTHS_MAX = 400

/** Start and length of a day. The same hundred days are asked for each second. */
function dayIn(day: string, timeZone: string): { readonly start: number; readonly minutes: number } {
  const key = `${day} ${timeZone}`
  const known = lengths.get(key)
  if (known !== undefined) return known
  const zoned = Temporal.PlainDate.from(day).toZonedDateTime(timeZone)
  const found = { start: zoned.epochMilliseconds, minutes: zoned.hoursInDay * 60 }
  if (lengths.size >= LENGTHS_MAX) lengths.clear()
  lengths.set(key, found)
  return found
}

/** Geometry of one bar. The column is the day; a flag above it says how grave it was, in a shape of its own. */
const BAR = { step: 8, width: 6, top: 10, height: 32, least: 2, leastCut: 4 } as const

/** One component: its name, its present state, and its last 90 days. */
export function componentRow(view: View, state: ComponentState): string {
  const condition = conditionNow(state, view.snapshot, view.stale)
  const days = daysOf(state, view.snapshot)
  const name = say(view, COMPONENT_NAMES[state.component])
  const sign = (shown: Condition): string =>
    html`<span class="state ${shown}">!${CONDITION_SIGNS[shown]}<span>${say(view, conditionName(state.judgement, shown))}</span></span>`
  const { affected, unseen } = totalsOf(days)
  const seen = days.some((day) => day.seen > 0)
  return html`<li class="comp">
    <div class="name"><b>${name}</b>!${condition === 'unknown' ? sign(condition) : confirmed('span', sign(condition), sign('unknown'))}</div>
    !${state.pin === undefined ? '' : pinNote(view, state.pin)}!${presentNote(view, state)}
    <div class="strip">!${bars(view, state, days, name)}</div>
    <div class="sums">
      !${seen ? html`<b>${affectedWords(view, affected)}</b>` : unseen === 0 ? html`<span>${say(view, NO_RECORD)}</span>` : ''}!${unseen === 0 ? '' : html`<span>${unseenWords(view, unseen)}</span>`}
    </div>
    !${listedDays(view, days)}
  </li>`
}

/** Who set the state, since when, and what is measured meanwhile. */
function pinNote(view: View, { by, at, measured }: NonNullable<ComponentState['pin']>): string {
  const since = view.calendar.near(at, view.snapshot.madeAt)
  return html`<p class="pin">
    ${say(view, {
      ko: `${by} 담당자가 ${since}에 정한 상태입니다. 관측으로는: ${CONDITION_NAMES[measured].ko}`,
      en: `Set by ${by} at ${since}. By measurement: ${CONDITION_NAMES[measured].en}`,
    })}
  </p>`
}

/** What is known of the present besides the state: posts that fail alone [S1], and people who are not heard from [S9]. */
function presentNote(view: View, { component, judgement: { alone, unheard } }: ComponentState): string {
  const notes: Text[] = []
  if (alone !== null)
    notes.push({
      ko: `관측소 ${alone.of}곳 가운데 ${alone.failing}곳만 닿지 못합니다. 메신저의 잘못이라는 뜻은 아닙니다.`,
      en: `Only ${alone.failing} of ${alone.of} posts cannot reach it. That does not accuse the messenger.`,
    })
  if (component === 'messaging' && unheard !== null && unheard > 0)
    notes.push({
      ko: `소식 없음 ${countOf(unheard)}명: 잠든 전화일 수 있어 장애로 세지 않습니다.`,
      en: `Not heard from: ${countOf(unheard)}. They may be sleeping phones, and are not counted as affected.`,
    })
  if (notes.length === 0 || view.stale) return ''
  return html`<p class="pin">!${confirmed('span', notes.map((note) => say(view, note)).join(' '), '')}</p>`
}

function totalsOf(days: readonly Day[]): { readonly affected: number; readonly unseen: number } {
  return { affected: days.reduce((sum, day) => sum + day.affected, 0), unseen: days.reduce((sum, day) => sum + day.unseen, 0) }
}

function affectedWords(view: View, minutes: number): string {
  if (minutes === 0) return say(view, { ko: '영향 없음', en: 'Nobody affected' })
  return say(view, { ko: `영향 ${spanOf(minutes, 'ko')}`, en: `Affected ${spanOf(minutes, 'en')}` })
}

function unseenWords(view: View, minutes: number): string {
  return say(view, { ko: `관측 못 함 ${spanOf(minutes, 'ko')}`, en: `Not seen ${spanOf(minutes, 'en')}` })
}

/** The time that the bars are about: 90 days, or since when there is a record. A young page does not speak of 90 days [S2]. */
export function measuredSpan(view: View): string {
  const { components } = view.snapshot
  const first = components.flatMap((state) => daysOf(state, view.snapshot).slice(0, 1)).toSorted((one, other) => (one.day < other.day ? -1 : 1))[0]
  const count = components[0]?.days.length ?? 0
  if (first === undefined) return say(view, { ko: '기록이 아직 없습니다', en: 'no record yet' })
  const full = components.some((state) => daysOf(state, view.snapshot).length === count)
  if (full) return say(view, { ko: `지난 ${count}일`, en: `last ${count} days` })
  const began = view.calendar.dayName(first.day)
  return say(view, { ko: `${began}부터`, en: `since ${began}` })
}

/** The days in one sentence, for a screen reader: 90 items, most of them alike, would hide the rest of the page. */
function barsWords(view: View, days: readonly Day[], name: string): string {
  const { affected, unseen } = totalsOf(days)
  if (days.every((day) => day.seen === 0)) return `${name}: ${unseen === 0 ? say(view, NO_RECORD) : unseenWords(view, unseen)}`
  return `${name}, ${measuredSpan(view)}: ${affectedWords(view, affected)}, ${unseen === 0 ? say(view, { ko: '모두 관측함', en: 'all of it seen' }) : unseenWords(view, unseen)}`
}

/** Seen time is filled, unseen time is hollow, and affected time is cut out of the seen time and flagged [S16]. */
function bars(view: View, state: ComponentState, days: readonly Day[], name: string): string {
  const count = state.days.length
  const marks = days.map((day, index) => {
    const x = (count - days.length + index) * BAR.step + 1
    const scale = BAR.height / day.minutes
    const cut = day.affected === 0 ? 0 : Math.max(BAR.leastCut, day.affected * scale)
    const hollow = day.unseen === 0 ? 0 : Math.max(BAR.least, day.unseen * scale)
    const whole = Math.max(BAR.least, cut + 1, (day.seen + day.unseen) * scale)
    const filled = Math.max(0, whole - hollow - cut - (cut > 0 ? 1 : 0))
    const bottom = BAR.top + BAR.height
    const box = (kind: string, y: number, height: number): string =>
      height <= 0 ? '' : `<path class="${kind}" d="M${x} ${round(y)}h${BAR.width}v${round(height)}h-${BAR.width}z"/>`
    const kind = day.share > BAD_DAY_SHARE ? 'bad' : 'some'
    const flag = cut === 0 ? '' : `<path class="${kind}" d="${kind === 'bad' ? `M${x} 1h6v6h-6z` : `M${x - 1} 7h8l-4-7z`}"/>`
    const parts =
      box('ok', bottom - filled, filled) + box(kind, bottom - filled - 1 - cut, cut) + box('unseen', bottom - whole, hollow > 0 ? hollow - 0.8 : 0)
    return html`<g><title>${dayWords(view, day)}</title><path class="hit" d="M${x - 1} 0h${BAR.step}v${bottom}h-${BAR.step}z" />!${parts}!${flag}</g>`
  })
  return html`<svg
    class="bars"
    role="img"
    aria-label="${barsWords(view, days, name)}"
    viewBox="0 0 ${count * BAR.step} 44"
    preserveAspectRatio="none"
  >
    !${marks.join('')}
  </svg>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** The words about one day, under the pointer. */
export function dayWords(view: View, day: Day): string {
  const name = view.calendar.dayName(day.day)
  if (day.seen === 0) return `${name}: ${say(view, day.unseen === 0 ? NO_RECORD : { ko: '관측 못 함', en: 'not seen' })}`
  const words =
    day.affected > 0
      ? affectedWords(view, day.affected)
      : day.unseen === 0
        ? say(view, { ko: '모두 정상', en: 'all well' })
        : say(view, { ko: '관측한 동안 정상', en: 'well while seen' })
  return `${name}: ${words}${day.unseen === 0 ? '' : `, ${unseenWords(view, day.unseen)}`}`
}

/** The days on which someone was affected or nothing was seen, in words: bars of three pixels are too small to read on a phone. */
function listedDays(view: View, days: readonly Day[]): string {
  const told = days.filter(({ affected, unseen }) => affected > 0 || unseen > 0).toReversed()
  if (told.length === 0) return ''
  const rows = told.map((day) => html`<li>${dayWords(view, day)}</li>`)
  return html`<details class="days">
    <summary>
      ${say(view, { ko: `정상이 아니거나 관측 못 한 날 ${told.length}일`, en: told.length === 1 ? '1 day affected or not all seen' : `${told.length} days affected or not all seen` })}
    </summary>
    <ul>
      !${rows.join('')}
    </ul>
  </details>`
}
