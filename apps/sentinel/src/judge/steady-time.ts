export const STEADY_BOUNDS = {
  /** Evidence comes every second. A longer step between two pieces is a jump of the clock or a sleep of the machine. */
  stepMsMax: 15_000,
  /** Length that a jump forward is given: long enough that nothing before it counts as present. */
  jumpMs: 16_000,
  /** Greatest age of a batch on arrival. A batch that seems older comes from a post with another clock. */
  batchMsMax: 5_000,
  /** Greatest age of a try. */
  tryMsMax: 60_000,
} as const

/** Start of the judge's own time: any number above the age of a try. */
const BEGINNING_MS = 86_400_000

/** Time that never goes back and never jumps, made from the epoch times of evidence, whatever happens to the clock. */
export class SteadyTime {
  #now = BEGINNING_MS
  #epoch: number | null = null

  get now(): number {
    return this.#now
  }

  /** @returns whether the clock jumped, so that running tries cannot be placed. */
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
   * Start of a try. The clock of its post may differ, so only differences within the batch are used, unless that clock agrees with ours.
   * @param newest latest time in the batch. @param epoch arrival of the batch, by our clock.
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
