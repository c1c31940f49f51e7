import { surprise } from './share.ts'

export const USUAL_BOUNDS = {
  /** A larger share is never usual, however long it lasts. */
  shareMax: 0.05,
  /** The first observed share counts as usual up to this: nothing better is known. */
  atFirstMax: 0.03,
  /** Learning takes this long. A small excess means nothing before. */
  learningMs: 60_000,
  /** Time constant with which the level follows healthy times: slower than faults, faster than evening peaks. */
  followMs: 60_000,
  /** Time constant of the level over ten minutes, learned too because a single minute can be lucky, */
  levelMs: 600_000,
  /** and time constants of the dispersion around both levels. */
  dispersionMs: 3_600_000,
  levelDispersionMs: 6 * 3_600_000,
  dispersionMin: 0.3,
  dispersionMax: 4,
  /**
   * With fewer expected people, counts are too few for a dispersion below 1 to describe their tail: the dispersion is at least this over the expected
   * number.
   */
  manyExpected: 6,
  /** An excess this large and this surprising is not learned */
  strangeExcess: 0.005,
  strangeSurprise: 4,
  /** for this long. If it was not declared trouble by then, it is the new normal. */
  strangeMs: 120_000,
  /** Least expected number of affected people: small towns have small counts. */
  expectedMin: 0.5,
} as const

/** One sample compared with what was usual just before it. */
export interface Compared {
  readonly activeUsers: number
  readonly affectedUsers: number
  readonly usual: number
  /** affected / active − usual; can be below 0. */
  readonly excess: number
}

/**
 * Learns which share of active users is affected in healthy times: locked phones, trains, lifts. It follows the last minute and stands still while a
 * sample is strange or `trouble` is true, so that it stays at the level from just before a fault and does not learn the fault. It also learns the
 * dispersion, the variance of counts over that of independent people (quasi-Poisson), around the last minute and around the last ten: samples two
 * seconds apart describe the same people and hardly differ, while ten minutes apart they differ as people do.
 */
export class Usual {
  #share = 0
  #level = 0
  #dispersion = 1
  #levelDispersion = 1
  #heardAt: number | null = null
  #learnedSince = Number.POSITIVE_INFINITY
  #strangeSince: number | null = null

  get share(): number {
    return this.#share
  }

  /** Whether enough was heard to know what is usual. */
  isLearned(at: number): boolean {
    return at - this.#learnedSince >= USUAL_BOUNDS.learningMs
  }

  /** @param at ms of a clock that never goes back. @param trouble people are known to be affected; nothing is learned then. */
  hear(at: number, activeUsers: number, affectedUsers: number, trouble: boolean): Compared {
    if (this.#heardAt === null && activeUsers > 0) {
      this.#share = Math.min(USUAL_BOUNDS.atFirstMax, affectedUsers / activeUsers)
      this.#level = this.#share
      this.#learnedSince = at
    }
    const usual = this.#share
    const excess = activeUsers > 0 ? affectedUsers / activeUsers - usual : 0
    const passedMs = this.#heardAt === null ? 2_000 : Math.min(10_000, at - this.#heardAt)
    if (activeUsers > 0) this.#heardAt = at
    const strange = excess > USUAL_BOUNDS.strangeExcess && this.surprise(affectedUsers, activeUsers) > USUAL_BOUNDS.strangeSurprise
    if (!strange) this.#strangeSince = null
    else this.#strangeSince ??= at
    const waited = this.#strangeSince !== null && at - this.#strangeSince >= USUAL_BOUNDS.strangeMs
    if (activeUsers > 0 && !trouble && (!strange || waited)) this.#learn(activeUsers, affectedUsers, passedMs, at, strange)
    return { activeUsers, affectedUsers, usual, excess }
  }

  /** The most people affected in a healthy minute at present. */
  expected(activeUsers: number): number {
    return Math.max(USUAL_BOUNDS.expectedMin, Math.max(this.#share, this.#level) * activeUsers)
  }

  /** How surprising this many affected people are, given the last minute; see `surprise`, with the dispersion. */
  surprise(affectedUsers: number, activeUsers: number): number {
    const expected = this.expected(activeUsers)
    return surprise(affectedUsers, expected) / Math.max(this.#dispersion, Math.min(1, USUAL_BOUNDS.manyExpected / expected))
  }

  /** The same for a state of the town at any time, regardless of the minute before. */
  surpriseOfState(affectedUsers: number, activeUsers: number): number {
    return surprise(affectedUsers, this.expected(activeUsers)) / Math.max(1, this.#levelDispersion)
  }

  /** Accepts the present share as usual. */
  adopt(share: number): void {
    this.#share = Math.min(USUAL_BOUNDS.shareMax, Math.max(0, share))
    this.#level = this.#share
    this.#strangeSince = null
  }

  #learn(activeUsers: number, affectedUsers: number, passedMs: number, at: number, strange: boolean): void {
    const share = Math.min(USUAL_BOUNDS.shareMax, affectedUsers / activeUsers)
    if (!strange) {
      const { dispersionMs, levelDispersionMs } = USUAL_BOUNDS
      this.#dispersion = strayed(this.#dispersion, affectedUsers, this.#share * activeUsers, passedMs / (dispersionMs + passedMs))
      this.#levelDispersion = strayed(this.#levelDispersion, affectedUsers, this.#level * activeUsers, passedMs / (levelDispersionMs + passedMs))
    }
    // At first the level is the mean of everything heard.
    const heardMs = at - this.#learnedSince
    this.#share += ((share - this.#share) * passedMs) / (Math.min(USUAL_BOUNDS.followMs, heardMs) + passedMs)
    this.#level += ((share - this.#level) * passedMs) / (Math.min(USUAL_BOUNDS.levelMs, heardMs) + passedMs)
  }
}

function strayed(dispersion: number, affectedUsers: number, mean: number, weight: number): number {
  const expected = Math.max(USUAL_BOUNDS.expectedMin, mean)
  const learned = dispersion + ((affectedUsers - expected) ** 2 / expected - dispersion) * weight
  return Math.min(USUAL_BOUNDS.dispersionMax, Math.max(USUAL_BOUNDS.dispersionMin, learned))
}
