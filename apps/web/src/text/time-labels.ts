import type { Language } from './language.ts'

const locales = { ko: 'ko-KR', en: 'en-US' } as const

const options = {
  clock: () => ({ hour: 'numeric', minute: '2-digit' }),
  monthDay: () => ({ month: 'long', day: 'numeric' }),
  // Digits only in a language whose readers agree on their order.
  short: (language) => ({ year: 'numeric', month: language === 'ko' ? '2-digit' : 'short', day: '2-digit' }),
  date: () => ({ year: 'numeric', month: 'long', day: 'numeric' }),
  fullDay: () => ({ year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }),
  stamp: () => ({ dateStyle: 'medium', timeStyle: 'short' }),
  exact: () => ({ dateStyle: 'full', timeStyle: 'medium' }),
} as const satisfies Record<string, (language: Language) => Intl.DateTimeFormatOptions>

/** Formatters are slow to create and fast to use, so each is created once, at its first use. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function format(name: keyof typeof options, time: number, language: Language): string {
  const key = `${name} ${language}`
  let formatter = formatters.get(key)
  if (formatter === undefined) formatters.set(key, (formatter = new Intl.DateTimeFormat(locales[language], options[name](language))))
  return formatter.format(time)
}

/** Changes only at midnight of this device. */
export function dayKey(time: number): number {
  const date = new Date(time)
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate()
}

/** 오전 11:42 */
export function clockLabel(time: number, language: Language): string {
  return format('clock', time, language)
}

/** 2024년 7월 18일 목요일 */
export function dayLabel(time: number, language: Language): string {
  return format('fullDay', time, language)
}

/** For copied messages: 2024. 7. 18. 오전 11:42 */
export function stampLabel(time: number, language: Language): string {
  return format('stamp', time, language)
}

/** To the second: 2024년 7월 18일 목요일 오전 11:42:05 */
export function exactLabel(time: number, language: Language): string {
  return format('exact', time, language)
}

/** Within a sentence: 7월 18일 this year, 2023년 7월 18일 in another year. */
export function dateLabel(time: number, now: number, language: Language): string {
  return format(isSameYear(time, now) ? 'monthDay' : 'date', time, language)
}

function isSameYear(time: number, now: number): boolean {
  return new Date(time).getFullYear() === new Date(now).getFullYear()
}

/** In the chat list: the clock today, 어제, 7월 16일 this year, 2023. 12. 31. before. */
export function listLabel(time: number, now: number, language: Language): string {
  const today = new Date(now)
  if (dayKey(time) === dayKey(now)) return clockLabel(time, language)
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (dayKey(time) === dayKey(yesterday.getTime())) {
    const word = new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto' }).format(-1, 'day')
    return word.charAt(0).toUpperCase() + word.slice(1)
  }
  return format(isSameYear(time, now) ? 'monthDay' : 'short', time, language)
}
