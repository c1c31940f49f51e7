import type { Share } from './incident.ts'

export const LANGUAGES = ['ko', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const MINUTE_MS = 60_000

/** A share of people for readers: 80 %, 7.8 %. A share above zero and below a tenth of a percent is written as such. */
export function percentOf(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return '<0.1%'
  return `${percent >= 99.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)}%`
}

const counts = new Intl.NumberFormat('en')

/** A number of people or tries: 4,210. */
export function countOf(count: number): string {
  return counts.format(count)
}

/** An interval of shares: 6.1~9.7 %. One number when both ends are written alike. */
export function intervalOf(low: number, high: number, language: Language): string {
  const [from, to] = [low, high].map((share) => (share > 0 && share < 0.001 ? '<0.1' : (share * 100).toFixed(1)))
  return from === to ? `${from}%` : `${from}${language === 'ko' ? '~' : '–'}${to}%`
}

/** A share with its interval: 7.8% (6.1~9.7%). */
export function estimateOf({ value, low, high }: Pick<Share, 'value' | 'low' | 'high'>, language: Language): string {
  return `${percentOf(value)} (${intervalOf(low, high, language)})`
}

export function finePercentOf(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.0005) return '<0.001%'
  return `${percent.toFixed(3)}%`
}

const UNITS: Readonly<Record<Language, { day: string; hour: string; minute: string; second: string; gap: string }>> = {
  ko: { day: '일', hour: '시간', minute: '분', second: '초', gap: '' },
  en: { day: 'd', hour: 'h', minute: 'min', second: 's', gap: ' ' },
}

/** A duration in its two largest units: 9초, 12분, 1시간 26분. */
export function durationOf(ms: number, language: Language): string {
  const { day, hour, minute, second, gap } = UNITS[language]
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds}${gap}${second}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes}${gap}${minute} ${seconds % 60}${gap}${second}`
  if (minutes < 60) return `${minutes}${gap}${minute}`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours}${gap}${hour}` : `${hours}${gap}${hour} ${minutes % 60}${gap}${minute}`
  return hours % 24 === 0 ? `${Math.floor(hours / 24)}${gap}${day}` : `${Math.floor(hours / 24)}${gap}${day} ${hours % 24}${gap}${hour}`
}

/** Minutes as minutes, hours or days, whichever is whole to read: 43분, 12시간. */
export function spanOf(minutes: number, language: Language): string {
  return durationOf(Math.max(1, Math.round(minutes)) * MINUTE_MS, language)
}

/** Minutes, with one decimal when there are few. */
export function minutesOf(minutes: number, language: Language): string {
  const { minute, gap } = UNITS[language]
  return `${minutes > 0 && minutes < 10 ? minutes.toFixed(1).replace(/\.0$/, '') : countOf(Math.round(minutes))}${gap}${minute}`
}

/** A latency: 48 ms, 1.2초. */
export function latencyOf(ms: number, language: Language): string {
  const { second, gap } = UNITS[language]
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)}${gap}${second}`
}

/** Times and days in the time zone and language of the page. */
export type Calendar = ReturnType<typeof makeCalendar>

const DAY_NAMES_MAX = 400
const calendars = new Map<string, Calendar>()

export function calendarOf(timeZone: string, language: Language): Calendar {
  const key = `${language} ${timeZone}`
  const known = calendars.get(key)
  if (known !== undefined) return known
  const calendar = makeCalendar(timeZone, language)
  calendars.set(key, calendar)
  return calendar
}

function makeCalendar(timeZone: string, language: Language) {
  const locale = language === 'ko' ? 'ko-KR' : 'en-GB'
  const dated = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(locale, { timeZone, ...options })
  // British times have colons in every version of the language data. Korean times have letters in some.
  const time = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...options })
  const [clock, second] = [time({}), time({ second: '2-digit' })]
  const day = dated({ month: 'long', day: 'numeric', weekday: 'short' })
  const year = dated({ year: 'numeric' })
  // Versions of the language data disagree on the place of the weekday in a date with a year. Composed from two parts, the weekday is where it is in
  // the shorter date.
  const full = (at: number): string => (language === 'ko' ? `${year.format(at)} ${day.format(at)}` : `${day.format(at)} ${year.format(at)}`)
  const ofDay = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'long', day: 'numeric', weekday: 'short' })
  const iso = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const offset = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'shortOffset' })
  const isoDay = (at: number): string => iso.format(at)
  // The same hundred days are named three times each second, so the names are cached.
  const names = new Map<string, string>()
  const dayName = (text: string): string => {
    const known = names.get(text)
    if (known !== undefined) return known
    const name = ofDay.format(Date.parse(`${text}T00:00:00Z`))
    if (names.size >= DAY_NAMES_MAX) names.clear()
    names.set(text, name)
    return name
  }
  /** With the day, unless that is the day of `near`. */
  const nearBy =
    (format: Intl.DateTimeFormat) =>
    (at: number, near: number): string =>
      isoDay(at) === isoDay(near) ? format.format(at) : `${day.format(at)} ${format.format(at)}`
  return {
    /** 10:54 */
    clock: (at: number): string => clock.format(at),
    /** 10:54:21 */
    second: (at: number): string => second.format(at),
    /** 11월 22일 (일) 10:54 */
    moment: (at: number): string => `${day.format(at)} ${clock.format(at)}`,
    /** With its year, and to the second. */
    exact: (at: number): string => `${full(at)} ${second.format(at)}`,
    /** Name of a day such as 2026-11-22. */
    dayName,
    near: nearBy(clock),
    nearSecond: nearBy(second),
    /** 2026-11-22, in the time zone of the page. */
    isoDay,
    /** Such as Asia/Seoul (GMT+9). */
    zone: `${timeZone} (${offset.formatToParts(0).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'})`,
  }
}

/** How long ago: in whole seconds, or in whole minutes when it is long. */
export function agoOf(ms: number, language: Language): string {
  if (ms < 1_000) return language === 'ko' ? '방금' : 'just now'
  const step = ms < MINUTE_MS ? 1_000 : MINUTE_MS
  const text = durationOf(Math.floor(ms / step) * step, language)
  return language === 'ko' ? `${text} 전` : `${text} ago`
}
