import type { Clock } from '../../apps/server/src/ops/clock.ts'

interface Timer {
  at: number
  order: number
  readonly run: () => void
  readonly periodMs: number | null
}

/** Time that passes only when it is told to. */
export interface SimulatedClock extends Clock {
  /** Lets time pass: every timer that falls due runs at its own moment, in order. */
  advance(ms: number): void
  /** Time passes while the process is stopped. What has fallen due runs with the next advance. */
  sleep(ms: number): void
  /** The wall clock jumps; nothing else passes. */
  jump(ms: number): void
}

/** @param start epoch ms of the wall clock; the monotonic one begins at 1,000. */
export function createSimulatedClock(start = 1_760_000_000_000): SimulatedClock {
  let passed = 1_000
  let offset = start - passed
  let order = 0
  const timers = new Set<Timer>()

  function plan(delayMs: number, run: () => void, periodMs: number | null): () => void {
    const timer: Timer = { at: passed + delayMs, order: order++, run, periodMs }
    timers.add(timer)
    return () => timers.delete(timer)
  }

  function nextDue(until: number): Timer | undefined {
    return [...timers].filter((timer) => timer.at <= until).toSorted((one, other) => one.at - other.at || one.order - other.order)[0]
  }

  return {
    now: () => offset + passed,
    monotonic: () => passed,
    after: (delayMs, run) => plan(delayMs, run, null),
    every: (periodMs, run) => plan(periodMs, run, periodMs),
    advance(ms) {
      const until = passed + ms
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        passed = Math.max(passed, due.at)
        if (due.periodMs === null) timers.delete(due)
        else {
          due.at += due.periodMs
          due.order = order++
        }
        due.run()
      }
      passed = until
    },
    sleep(ms) {
      passed += ms
    },
    jump(ms) {
      offset += ms
    },
  }
}
