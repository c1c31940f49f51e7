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

  /** Uses so many tokens, at most the whole burst. @returns 0 on success, else the milliseconds until they are available. */
  spend(nowMs: number, wanted = 1): number {
    const cost = Math.min(wanted, this.#burst)
    this.#level = Math.min(this.#burst, this.#level + Math.max(0, nowMs - this.#at) * this.#ratePerMs)
    // Never back: time that was counted once is not counted again.
    this.#at = Math.max(this.#at, nowMs)
    if (this.#level >= cost) {
      this.#level -= cost
      return 0
    }
    return Math.ceil((cost - this.#level) / this.#ratePerMs)
  }

  /** Gives back tokens that were spent for nothing. */
  giveBack(spent: number): void {
    this.#level = Math.min(this.#burst, this.#level + spent)
  }
}
