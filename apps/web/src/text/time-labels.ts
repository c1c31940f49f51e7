import type { Language } from './texts.ts'

/** Formatters are slow to make and cheap to use, so each is made once for a language. */
function formattersOf(locale: string) {
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }),
    monthDay: new Intl.DateTimeFormat(locale, { month: 'long', day: 'numeric' }),
    numeric: new Intl.DateTimeFormat(locale, { year: 'numeric', month: '2-digit', day: '2-digit' }),
    fullDay: new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  }
}

const formatters = { ko: formattersOf('ko-KR'), en: formattersOf('en-US') } as const

/** Changes at midnight of this device, and only then. */
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

/** 2024. 07. 18. */
export function dateLabel(time: number, language: Language): string {
  return formatters[language].numeric.format(time)
}

/** As the chat list says it: the clock today, 어제, 7월 16일 this year, 2023. 12. 31. before. */
export function listLabel(time: number, now: number, language: Language): string {
  const today = new Date(now)
  if (dayKey(time) === dayKey(now)) return clockLabel(time, language)
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (dayKey(time) === dayKey(yesterday.getTime())) {
    const word = formatters[language].relative.format(-1, 'day')
    return word.charAt(0).toUpperCase() + word.slice(1)
  }
  return new Date(time).getFullYear() === today.getFullYear() ? formatters[language].monthDay.format(time) : dateLabel(time, language)
}
