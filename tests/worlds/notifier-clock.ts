import type { Clock } from '../../apps/sentinel/src/clock.ts'

/** A clock moved by a test. */
export interface TestClock extends Clock {
  /** Advances the time and runs all due timers in order. Work started by each one gets its turn before the next. */
  pass(ms: number): Promise<void>
  /** Sets the clock of the machine. */
  set(now: number): void
}

export function createTestClock(startedAt: number): TestClock {
  let wall = startedAt
  let steady = 0
  let next = 1
  const timers = new Map<number, { at: number; readonly run: () => void; readonly every: number | null }>()
  const add = (delayMs: number, run: () => void, every: number | null): (() => void) => {
    const id = next++
    timers.set(id, { at: steady + delayMs, run, every })
    return () => void timers.delete(id)
  }
  return {
    now: () => wall,
    monotonic: () => steady,
    after: (delayMs, run) => add(delayMs, run, null),
    every: (intervalMs, run) => add(intervalMs, run, intervalMs),
    set: (now) => void (wall = now),
    async pass(ms) {
      const end = steady + ms
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        const [due] = [...timers].filter(([, { at }]) => at <= end).toSorted(([, one], [, other]) => one.at - other.at)
        if (due === undefined) break
        const [id, timer] = due
        wall += timer.at - steady
        steady = timer.at
        if (timer.every === null) timers.delete(id)
        else timer.at += timer.every
        timer.run()
      }
      wall += end - steady
      steady = end
    },
  }
}
