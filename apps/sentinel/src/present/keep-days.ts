import type { Clock } from '../clock.ts'
import type { DaySummary } from '../record/record.ts'
import type { DayCounter } from './day-counter.ts'
import { createCalendar } from './days.ts'
import type { Desk } from './desk.ts'

export const DAYS_BOUNDS = {
  /** Today's bar is counted anew so often. */
  everyMs: 10 * 60_000,
  /** Days that were not counted, because the sentinel was away at midnight, are looked for so far back. */
  backDays: 7,
  /** A day is closed so long after its end: what was seen last is in the record then. */
  settleMs: 60_000,
} as const

interface DaysParts {
  readonly clock: Clock
  readonly desk: Desk
  readonly counter: DayCounter
  readonly timeZone: string
  /** Whether all that was seen stands in the record: what waits for the disk would be missing from a day, and for good. */
  readonly complete: () => boolean
  /** Into the record: the day is over. */
  readonly write: (summaries: readonly DaySummary[]) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}

/** Keeps the bars: today's is counted again and again, a day that is over once, and for good. */
export function keepDays({ clock, desk, counter, timeZone, complete, write, warn }: DaysParts): { stop(): void } {
  const calendar = createCalendar(timeZone)
  /** Days that were found to hold nothing, or are written. */
  const closed = new Set<string>()
  let counting = false

  async function count(): Promise<void> {
    if (counting || !complete()) return
    counting = true
    try {
      const now = clock.now()
      const today = calendar.dayOf(now)
      for (let back = DAYS_BOUNDS.backDays; back >= 1; back--) {
        const day = calendar.before(today, back)
        if (closed.has(day) || now < calendar.startOf(calendar.before(day, -1)) + DAYS_BOUNDS.settleMs) continue
        if (!desk.hasClosed(day)) write(await counter.count(day, timeZone, now))
        closed.add(day)
      }
      for (const summary of await counter.count(today, timeZone, now)) desk.setToday(summary)
    } catch (cause) {
      warn('The days could not be counted.', cause)
    } finally {
      counting = false
    }
  }

  const stop = clock.every(DAYS_BOUNDS.everyMs, () => void count())
  const soon = clock.after(5_000, () => void count())
  return {
    stop() {
      stop()
      soon()
    },
  }
}
