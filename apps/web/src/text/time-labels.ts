import type { Language } from './language.ts'

/** Formatters are slow to create and fast to use, so there is one set for each language. */
function formattersOf(locale: string) {
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }),
    monthDay: new Intl.DateTimeFormat(locale, { month: 'long', day: 'numeric' }),
    // Digits only in a language whose readers agree on their order.
    short: new Intl.DateTimeFormat(locale, { year: 'numeric', month: locale === 'ko-KR' ? '2-digit' : 'short', day: '2-digit' }),
    date: new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric' }),
    fullDay: new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }),
    stamp: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    exact: new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  }
}

const formatters = { ko: formattersOf('ko-KR'), en: formattersOf('en-US') } as const

/** Changes only at midnight of this device. */
export function dayKey(time: number): number {
  const date = new Date(time)
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate()
}

/** 오전 11:42 */
export function clockLabel(time: number, language: Language): string {
  return formatters[language].clock.format(time)
}

/** 2024년 7월 18일 목요일 */
export function dayLabel(time: number, language: Language): string {
  return formatters[language].fullDay.format(time)
}

/** For copied messages: 2024. 7. 18. 오전 11:42 */
export function stampLabel(time: number, language: Language): string {
  return formatters[language].stamp.format(time)
}

/** To the second: 2024년 7월 18일 목요일 오전 11:42:05 */
export function exactLabel(time: number, language: Language): string {
  return formatters[language].exact.format(time)
}

/** Within a sentence: 7월 18일 this year, 2023년 7월 18일 in another year. */
export function dateLabel(time: number, now: number, language: Language): string {
  return formatters[language][isSameYear(time, now) ? 'monthDay' : 'date'].format(time)
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
    const word = formatters[language].relative.format(-1, 'day')
    return word.charAt(0).toUpperCase() + word.slice(1)
  }
  return formatters[language][isSameYear(time, now) ? 'monthDay' : 'short'].format(time)
}
