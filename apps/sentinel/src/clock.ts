/** Time, as a port. Tests and replays bring their own. */
export interface Clock {
  /** Epoch ms. May jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number
  /** @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
  /** @returns a function that stops the repetition. */
  every(intervalMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs)
    return () => clearInterval(timer)
  },
}

/**
 * A clock that never goes back. When the machine's clock is set back, the monotonic clock carries on until the machine's clock has caught up.
 * Everything judged and recorded has one order of time, and a jump of the clock must not blind the sentinel.
 * @param notBefore epoch ms that is already in use, such as the time of the newest record entry.
 */
export function steadyClock(base: Clock, notBefore: number): Clock {
  let last = { at: notBefore, monotonic: base.monotonic() }
  return {
    ...base,
    now() {
      const monotonic = base.monotonic()
      last = { at: Math.max(base.now(), Math.floor(last.at + (monotonic - last.monotonic))), monotonic }
      return last.at
    },
  }
}
