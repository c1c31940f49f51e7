import type { Clock } from '../clock.ts'
import type { DaySummary } from '../record/record.ts'
import type { DayCounter } from './day-counter.ts'
import { dayBefore, dayOf, startOf } from '../days.ts'
import type { Desk } from './desk.ts'

export const DAYS_BOUNDS = {
  /** Time between two counts of the current day. */
  everyMs: 10 * 60_000,
  /** Days to look back for summaries that are missing because the sentinel was down at midnight. */
  backDays: 7,
  /** Wait after the end of a day before it is closed, so that its last observations are in the record. */
  settleMs: 60_000,
} as const

interface DaysParts {
  readonly clock: Clock
  readonly desk: Desk
  readonly counter: DayCounter
  readonly timeZone: string
  /** Whether every observation is in the record. A day counted while observations wait for the disk would lack them for ever. */
  readonly complete: () => boolean
  /** Writes the summaries of a finished day into the record. */
  readonly write: (summaries: readonly DaySummary[]) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}

/** Keeps the bars up to date: the current day is recounted repeatedly, a finished day is counted once. */
export function keepDays({ clock, desk, counter, timeZone, complete, write, warn }: DaysParts): { stop(): void } {
  /** Days that are written, or were found to hold nothing. */
  const closed = new Set<string>()
  let counting = false

  async function count(): Promise<void> {
    if (counting || !complete()) return
    counting = true
    try {
      const now = clock.now()
      const today = dayOf(now, timeZone)
      for (let back = DAYS_BOUNDS.backDays; back >= 1; back--) {
        const day = dayBefore(today, back)
        if (closed.has(day) || now < startOf(dayBefore(day, -1), timeZone) + DAYS_BOUNDS.settleMs) continue
        if (!desk.hasClosed(day)) write(await counter.count({ day, timeZone, now }))
        closed.add(day)
      }
      for (const summary of await counter.count({ day: today, timeZone, now })) desk.setToday(summary, now)
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
