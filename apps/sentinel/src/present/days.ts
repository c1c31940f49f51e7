/** The days of the page, in its time zone. */
export interface Calendar {
  /** As 2026-11-22. */
  dayOf(at: number): string
  /** The day that many days earlier. */
  before(day: string, days: number): string
  /** Start of a day, epoch ms. */
  startOf(day: string): number
}

const DAY_MS = 86_400_000

export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const dayOf = (at: number): string => format.format(at)
  return {
    dayOf,
    before: (day, days) => new Date(Date.parse(`${day}T12:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10),
    startOf(day) {
      // A day can start anywhere between the midnights of the farthest zones, and days have 23 to 25 hours where clocks change. A binary search finds
      // the start.
      let low = Date.parse(`${day}T00:00:00Z`) - 15 * 3_600_000
      let high = low + 30 * 3_600_000
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (dayOf(middle) < day) low = middle
        else high = middle
      }
      return high
    },
  }
}
