export const BURST_BOUNDS = {
  /** An excess above this is a burst until it falls below again. */
  excess: 0.005,
  /** A larger excess is never a burst, however large earlier bursts were. */
  excessMax: 0.05,
  /** Time constant for forgetting the largest burst. */
  rememberMs: 3 * 86_400_000,
} as const

/**
 * Learns the size of bursts in healthy times: a train in a tunnel, a break at a school. Bursts start suddenly, as faults do, and end within half a
 * minute. In a large town they are a few percent, in a small one a few people.
 */
export class Bursts {
  #largest = 0
  #growing = 0
  #heardAt: number | null = null

  /** The largest excess of the last days that was not declared trouble. */
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
