import { performance } from 'node:perf_hooks'
import type { Clock } from '../../ops/clock.ts'

/** The machine's clocks and timers. Timers do not keep the process alive; only the listening server does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  },
}
