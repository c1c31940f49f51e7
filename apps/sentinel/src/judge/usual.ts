import { surprise } from './share.ts'

export const USUAL_BOUNDS = {
  /** More than this is never usual, however long it lasts. */
  shareMax: 0.05,
  /** What is taken for usual until it has been learned. */
  shareAtFirst: 0.01,
  /** The level follows healthy times with this time constant: evening peaks are slower, faults are faster. */
  followMs: 60_000,
  /** How lumpy people are is learned with this one. */
  dispersionMs: 3_600_000,
  dispersionMin: 0.3,
  dispersionMax: 20,
  /** An excess so large and so surprising is not learned from ... */
  strangeExcess: 0.005,
  strangeSurprise: 4,
  /** ... for this long; then, if nobody has called it trouble, it is how things are now. */
  strangeMs: 120_000,
  /** Of fewer people than this share of one nothing is usual: small towns have small counts. */
  expectedMin: 0.5,
} as const

/** One sample beside what was usual just before it. */
export interface Compared {
  readonly activeUsers: number
  readonly affectedUsers: number
  readonly usual: number
  /** affected / active − usual; can be below 0. */
  readonly excess: number
}

/**
 * Learns which share of active users is affected in healthy times: locked phones, trains, lifts. Follows the last minute, and stands still while a
 * sample is strange, or while `trouble` says so; thus it is the level from just before a fault, and a fault is not learned as usual.
 * It also learns the dispersion, the variance of counts over that of independent people (quasi-Poisson): samples two seconds apart are of the same
 * people, and people come in trains, and both make a large count less surprising.
 */
export class Usual {
  #share: number = USUAL_BOUNDS.shareAtFirst
  #dispersion = 1
  #heardAt: number | null = null
  #strangeSince: number | null = null

  get share(): number {
    return this.#share
  }

  /** @param at ms of a clock that never goes back. @param trouble it is known that people are affected; then nothing is learned. */
  hear(at: number, activeUsers: number, affectedUsers: number, trouble: boolean): Compared {
    const usual = this.#share
    const excess = activeUsers > 0 ? affectedUsers / activeUsers - usual : 0
    const passedMs = this.#heardAt === null ? 2_000 : Math.min(10_000, at - this.#heardAt)
    this.#heardAt = at
    const strange = excess > USUAL_BOUNDS.strangeExcess && this.surprise(affectedUsers, activeUsers) > USUAL_BOUNDS.strangeSurprise
    if (!strange) this.#strangeSince = null
    else this.#strangeSince ??= at
    const waited = this.#strangeSince !== null && at - this.#strangeSince >= USUAL_BOUNDS.strangeMs
    if (activeUsers > 0 && !trouble && (!strange || waited)) this.#learn(activeUsers, affectedUsers, excess, passedMs, strange)
    return { activeUsers, affectedUsers, usual, excess }
  }

  /** How surprising it is that so many are affected; see `surprise`, by the dispersion. */
  surprise(affectedUsers: number, activeUsers: number): number {
    return surprise(affectedUsers, Math.max(USUAL_BOUNDS.expectedMin, this.#share * activeUsers)) / this.#dispersion
  }

  /** What is now is how things are. */
  adopt(share: number): void {
    this.#share = Math.min(USUAL_BOUNDS.shareMax, Math.max(0, share))
    this.#strangeSince = null
  }

  #learn(activeUsers: number, affectedUsers: number, excess: number, passedMs: number, strange: boolean): void {
    if (!strange) {
      const expected = Math.max(USUAL_BOUNDS.expectedMin, this.#share * activeUsers)
      const squared = (affectedUsers - expected) ** 2 / expected
      const learned = this.#dispersion + ((squared - this.#dispersion) * passedMs) / (USUAL_BOUNDS.dispersionMs + passedMs)
      this.#dispersion = Math.min(USUAL_BOUNDS.dispersionMax, Math.max(USUAL_BOUNDS.dispersionMin, learned))
    }
    const followed = this.#share + (excess * passedMs) / (USUAL_BOUNDS.followMs + passedMs)
    this.#share = Math.min(USUAL_BOUNDS.shareMax, Math.max(0, followed))
  }
}
