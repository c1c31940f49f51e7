/** Time, as a port: tests and replays have their own. */
export interface Clock {
  /** Epoch ms. May jump when the machine's clock is set. */
  now(): number
  /** Ms from an unknown beginning; never goes back. */
  monotonic(): number
  /** @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
  /** @returns a function that ends it. */
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
 * A clock that never goes back: where the machine's was set back, it goes on by the other one until the machine's has caught up. Whatever is judged and
 * written down has one order of time; a sentinel whose clock jumps must not be blind for as long as it jumped.
 * @param notBefore epoch ms that has been used already, such as that of the newest entry of a record.
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
