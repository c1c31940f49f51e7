import { surprise } from './share.ts'

export const USUAL_BOUNDS = {
  /** More than this is never usual, however long it lasts. */
  shareMax: 0.05,
  /** What is first seen is taken for usual up to this: nobody can know better. */
  atFirstMax: 0.03,
  /** For so long it is being learned, and a small excess means nothing yet. */
  learningMs: 60_000,
  /** The level follows healthy times with this time constant: evening peaks are slower, faults are faster. */
  followMs: 60_000,
  /** A minute can be luckier than the ten around it, so that these are learned too, */
  levelMs: 600_000,
  /** and how far counts stray from both. */
  dispersionMs: 3_600_000,
  levelDispersionMs: 6 * 3_600_000,
  dispersionMin: 0.3,
  dispersionMax: 4,
  /** Where fewer are expected, counts are too few for a dispersion under 1 to say anything of their tail: it is at least this over the expected. */
  manyExpected: 6,
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
 * It also learns the dispersion, the variance of counts over that of independent people (quasi-Poisson), around the last minute and around the last
 * ten: samples two seconds apart are of the same people, who hardly stray from a minute ago, and in ten minutes they stray as far as people do.
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

  /** Whether it has been heard for long enough to know what is usual. */
  isLearned(at: number): boolean {
    return at - this.#learnedSince >= USUAL_BOUNDS.learningMs
  }

  /** @param at ms of a clock that never goes back. @param trouble it is known that people are affected; then nothing is learned. */
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

  /** How many are affected in a healthy minute of now, at most. */
  expected(activeUsers: number): number {
    return Math.max(USUAL_BOUNDS.expectedMin, Math.max(this.#share, this.#level) * activeUsers)
  }

  /** How surprising it is that so many are affected, when it was as the last minute was; see `surprise`, by the dispersion. */
  surprise(affectedUsers: number, activeUsers: number): number {
    const expected = this.expected(activeUsers)
    return surprise(affectedUsers, expected) / Math.max(this.#dispersion, Math.min(1, USUAL_BOUNDS.manyExpected / expected))
  }

  /** The same, for a state of the town taken at any time, whatever it was a minute ago. */
  surpriseOfState(affectedUsers: number, activeUsers: number): number {
    return surprise(affectedUsers, this.expected(activeUsers)) / Math.max(1, this.#levelDispersion)
  }

  /** What is now is how things are. */
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
    // At first it is the mean of all that was heard.
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
