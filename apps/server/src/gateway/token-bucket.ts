/** Allows `ratePerSecond` on average and `burst` at once. It holds two numbers and needs no timer. */
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

  /** Uses one token. @returns 0 on success, else the milliseconds until one is available. */
  spend(nowMs: number): number {
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
