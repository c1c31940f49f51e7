/** Allows `ratePerSecond` on average and `burst` at once. Two numbers for each use, no timer. */
export class TokenBucket {
  readonly #ratePerMs: number
  readonly #burst: number
  #level: number
  #at: number

  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerMs = ratePerSecond / 1_000
    this.#burst = burst
    this.#level = burst
    this.#at = nowMs
  }

  /** @returns 0 when it was taken, else the milliseconds until it can be. */
  take(nowMs: number): number {
    this.#level = Math.min(this.#burst, this.#level + Math.max(0, nowMs - this.#at) * this.#ratePerMs)
    // Never back: time that was counted once is not counted again.
    this.#at = Math.max(this.#at, nowMs)
    if (this.#level >= 1) {
      this.#level -= 1
      return 0
    }
    return Math.ceil((1 - this.#level) / this.#ratePerMs)
  }
}
