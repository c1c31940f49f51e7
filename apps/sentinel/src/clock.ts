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
