import { surprise } from './share.ts'

/**
 * A pair of windows, after the table in Google's SRE workbook: trouble when the mean excess over both is above burn · (1 − SLO). The short window, a
 * twelfth of the long one, shows that the trouble continues.
 */
export interface BurnPair {
  readonly longMs: number
  readonly shortMs: number
  readonly burn: number
}

/** 2 % of a month's budget in an hour, 5 % in six hours. */
export const BURN_PAIRS: readonly BurnPair[] = [
  { longMs: 3_600_000, shortMs: 300_000, burn: 14.4 },
  { longMs: 6 * 3_600_000, shortMs: 1_800_000, burn: 6 },
]

export const SLO = 0.9999

const BUCKETS_OF_SHORT = 5
const DAY_MS = 86_400_000
/** Time constant for forgetting the worst healthy window: evenings are worse than nights, and weekends worse than weekdays. */
const PEAK_MS = 7 * DAY_MS
/** Time constant for learning the worst healthy window: an evening or two, and too slow to learn creeping trouble. */
const RISE_MS = 6 * 3_600_000
/** Assumed worst window until days have been observed. */
const PEAK_AT_FIRST = 0.02
/** Tolerated factor above the worst healthy window. */
const PEAK_FACTOR = 1.5

/** Samples two minutes apart describe different people. Closer samples describe the same people and add no evidence. */
const INDEPENDENT_MS = 120_000
const EXPECTED_MIN = 0.5

/** Sums of a share over a sliding window, in buckets. O(1), bounded. */
class Sliding {
  readonly #sums: Float64Array
  readonly #counts: Float64Array
  #sum = 0
  #count = 0

  constructor(buckets: number) {
    this.#sums = new Float64Array(buckets)
    this.#counts = new Float64Array(buckets)
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  add(bucket: number, share: number): void {
    const place = bucket % this.#sums.length
    this.#sums[place] = (this.#sums[place] ?? 0) + share
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#sum += share
    this.#count += 1
  }

  /** Clears the place of a bucket that starts. */
  begin(bucket: number): void {
    const place = bucket % this.#sums.length
    this.#sum -= this.#sums[place] ?? 0
    this.#count -= this.#counts[place] ?? 0
    this.#sums[place] = 0
    this.#counts[place] = 0
    if (this.#count === 0) this.#sum = 0
  }
}

/** One pair of windows over the share affected. It learns the highest mean of its long window in healthy times and is quiet below that. */
export class SlowBurn {
  readonly #pair: BurnPair
  readonly #bucketMs: number
  readonly #bucketsMax: number
  readonly #long: Sliding
  readonly #short: Sliding
  #bucket = -1
  #firstBucket = -1
  #peak = PEAK_AT_FIRST
  #burning = false

  constructor(pair: BurnPair) {
    this.#pair = pair
    this.#bucketMs = pair.shortMs / BUCKETS_OF_SHORT
    this.#bucketsMax = Math.round(pair.longMs / this.#bucketMs)
    this.#long = new Sliding(this.#bucketsMax)
    this.#short = new Sliding(BUCKETS_OF_SHORT)
  }

  get burning(): boolean {
    return this.#burning
  }

  /** The worst mean of healthy times. */
  get usual(): number {
    return this.#peak
  }

  /** How surprising the short window is for a town of this size; see `surprise`. */
  surprise(activeUsers: number): number {
    const people = activeUsers * (this.#pair.shortMs / INDEPENDENT_MS)
    return surprise(this.#short.mean * people, Math.max(EXPECTED_MIN, this.#peak * people))
  }

  /** @param at ms of a clock that never goes back, from 0. @param usualMax a share above this is not learned as usual. */
  hear(at: number, share: number, trouble: boolean, usualMax: number): void {
    const bucket = Math.floor(at / this.#bucketMs)
    if (bucket !== this.#bucket) this.#begin(bucket, trouble, usualMax)
    this.#long.add(bucket, share)
    this.#short.add(bucket, share)
  }

  #begin(bucket: number, trouble: boolean, usualMax: number): void {
    const first = Math.max(this.#bucket + 1, bucket - this.#bucketsMax)
    for (let each = first; each <= bucket; each += 1) {
      this.#long.begin(each)
      this.#short.begin(each)
    }
    this.#bucket = bucket
    // A window that is not full says nothing about what is usual.
    if (this.#firstBucket === -1) this.#firstBucket = bucket
    if (bucket - this.#firstBucket < this.#bucketsMax) return
    const mean = Math.min(usualMax, this.#long.mean)
    if (!trouble && !this.#burning) this.#peak += ((mean - this.#peak) * this.#bucketMs) / (mean > this.#peak ? RISE_MS : PEAK_MS)
    const most = this.#peak * PEAK_FACTOR + this.#pair.burn * (1 - SLO)
    this.#burning = this.#long.mean > most && this.#short.mean > most
  }
}
