export const STEADY_BOUNDS = {
  /** A longer step between two pieces of evidence, which come every second, is a jump of the clock, or a sleep of the whole machine. */
  stepMsMax: 15_000,
  /** As what a jump forward is taken: long enough that nothing seen before it counts as seen now. */
  jumpMs: 16_000,
  /** A batch may be so old when it is heard; where it seems older, the clock of its post is another one. */
  batchMsMax: 5_000,
  /** A try is not older than this. */
  tryMsMax: 60_000,
} as const

/** Where the judge's own time begins; any number above a try's age will do. */
const BEGINNING_MS = 86_400_000

/** Time that never goes back and never leaps, made of the epoch times of evidence, whatever is done to the clock. */
export class SteadyTime {
  #now = BEGINNING_MS
  #epoch: number | null = null

  get now(): number {
    return this.#now
  }

  /** @returns whether the clock jumped, so that what is under way cannot be placed. */
  advance(epoch: number): 'went on' | 'jumped' {
    const step = this.#epoch === null ? 0 : epoch - this.#epoch
    this.#epoch = epoch
    if (step >= 0 && step <= STEADY_BOUNDS.stepMsMax) {
      this.#now += step
      return 'went on'
    }
    if (step > 0) this.#now += STEADY_BOUNDS.jumpMs
    return step > 0 ? 'jumped' : 'went on'
  }

  /**
   * When a try began. The clock of its post may be another one, so that only differences inside its batch are believed, unless it agrees with ours.
   * @param newest of what is known of its batch. @param epoch when the batch was heard, by our clock.
   */
  beganAt(at: number, newest: number, epoch: number): number {
    const agrees = epoch >= newest && epoch - newest <= STEADY_BOUNDS.batchMsMax
    const agoMs = (agrees ? epoch : newest) - at
    return this.#now - Math.min(STEADY_BOUNDS.tryMsMax, Math.max(0, agoMs))
  }

  epochOf(time: number): number {
    return (this.#epoch ?? 0) - (this.#now - time)
  }
}
