export const BURST_BOUNDS = {
  /** An excess from here on is a burst, until it falls below again. */
  excess: 0.005,
  /** However large they were, what is larger than this is no burst. */
  excessMax: 0.05,
  /** The largest is forgotten with this time constant. */
  rememberMs: 3 * 86_400_000,
} as const

/**
 * Learns how large the bursts of healthy times are: a carriage of people in a tunnel, a break at a school. They come at once, as faults do, and are over in
 * half a minute. In a large town they are a few percent; in a small one a few people are.
 */
export class Bursts {
  #largest = 0
  #growing = 0
  #heardAt: number | null = null

  /** The largest excess of the last days that was not called trouble. */
  get largest(): number {
    return this.#largest
  }

  hear(at: number, excess: number, trouble: boolean): void {
    if (this.#heardAt !== null) this.#largest -= (this.#largest * Math.min(10_000, at - this.#heardAt)) / BURST_BOUNDS.rememberMs
    this.#heardAt = at
    if (trouble) this.#growing = 0
    else if (excess > BURST_BOUNDS.excess) this.#growing = Math.max(this.#growing, excess)
    else if (this.#growing > 0) {
      this.#largest = Math.max(this.#largest, Math.min(BURST_BOUNDS.excessMax, this.#growing))
      this.#growing = 0
    }
  }
}
