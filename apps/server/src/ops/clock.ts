/** Time, as a port. Simulated in tests. */
export interface Clock {
  /** Epoch ms. May jump. Shown to people, and never used for order. */
  now(): number
  /** Milliseconds that only rise. For timeouts. */
  monotonic(): number
  /** @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
  every(periodMs: number, run: () => void): () => void
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A fresh UUID, version 7. */
  uuid(): string
}
