// A sequential test on tries that fail or succeed. After each try it decides whether the failures are still usual.

/** Share of tries that may fail in healthy times: the null hypothesis, five times the share of a good day. */
export const USUAL_FAILURES = 0.001

/** Possible effects of a fault on tries: a few percent, a third, everybody. The test is nearly as fast as a test made for the true value. */
const ALTERNATIVES = [0.05, 0.3, 1] as const

const CALM_TRIES_A_YEAR = 365 * 86_400 * (3 + 2 / 5)
const FALSE_ALARMS_A_YEAR = 0.1

/**
 * Score of an alarm. A CUSUM with threshold h raises a false alarm at most once in e^h tries (Lorden 1971). One message, one new connection and one
 * light sign-in a second, and a whole sign-in and a page every 5 s, make 107 million tries a year, each in a test with 3 alternatives. Tries may cause a
 * tenth of a false alarm a year: h = ln(107e6 · 3 / 0.1) = 21.9. A failure scores ln(p1 / p0) = 6.9 when all fail, so four in a row are enough; 5.7 at
 * 30 %, 3.9 at 5 %.
 */
export const ALARM_SCORE = Math.log((CALM_TRIES_A_YEAR * ALTERNATIVES.length) / FALSE_ALARMS_A_YEAR)

export interface SequentialOptions {
  /** Share of failures in healthy times. */
  readonly usual: number
  readonly alarmScore: number
  /** Least time between the start of the first failure and the start of the last: a shorter run is a blip, such as a restart in 3 s. */
  readonly spanMs: number
  /**
   * Failures closer together than this count as one event and score once, unless nothing but failures comes. A blip of 3 s is therefore two events at
   * any rate of tries, and two blips within a minute are no outage.
   */
  readonly spacingMs: number
}

// [seam: failure-test]
export const FAILURE_TEST: SequentialOptions = { usual: USUAL_FAILURES, alarmScore: ALARM_SCORE, spanMs: 3_500, spacingMs: 1_500 }

/** For tries that succeed slowly: one in a hundred may be slow, and neither a spike of 10 s nor two of them in a minute matter. */
export const SLOWNESS_TEST: SequentialOptions = { usual: 0.01, alarmScore: ALARM_SCORE, spanMs: 20_000, spacingMs: 4_000 }

/** Scores stop rising at this multiple of the alarm score, so that long trouble is forgotten soon. */
const SCORE_MAX_FACTOR = 2

interface Score {
  readonly failureScore: number
  readonly successScore: number
  /** Every failure scores, and a success ends the run. */
  readonly all: boolean
  value: number
  firstAt: number
  lastAt: number
}

/**
 * CUSUM on Bernoulli tries (Page 1954): one score for each alternative p1. A failure adds ln(p1 / p0), a success adds ln((1 − p1) / (1 − p0)), and a
 * score never falls below 0. The failure by which a score left 0 is the estimated start. O(1) in time and memory.
 */
export class SequentialTest {
  readonly #options: SequentialOptions
  readonly #scores: readonly Score[]
  /** All scores are 0, so a success changes nothing. */
  #quiet = true
  #alarmedAt: number | null = null
  #lastSuccessAt = Number.NEGATIVE_INFINITY

  constructor(options: SequentialOptions) {
    this.#options = options
    this.#scores = ALTERNATIVES.map((p1) => ({
      failureScore: Math.log(p1 / options.usual),
      successScore: p1 === 1 ? Number.NEGATIVE_INFINITY : Math.log((1 - p1) / (1 - options.usual)),
      all: p1 === 1,
      value: 0,
      firstAt: 0,
      lastAt: Number.NEGATIVE_INFINITY,
    }))
  }

  get quiet(): boolean {
    return this.#quiet
  }

  /** At least half way to an alarm. */
  get suspicious(): boolean {
    return !this.#quiet && this.#scores.some(({ value }) => value >= this.#options.alarmScore / 2)
  }

  /** Start of the trouble by the alternative that explains it best. Null without an alarm. Stays until `reset`. */
  get alarmedSince(): number | null {
    return this.#alarmedAt
  }

  /** @param begunAt start of the try, ms of a clock that never goes back. */
  hear(failed: boolean, begunAt: number): void {
    if (failed) return this.#failure(begunAt)
    if (begunAt > this.#lastSuccessAt) this.#lastSuccessAt = begunAt
    if (!this.#quiet) this.#success()
  }

  reset(): void {
    for (const score of this.#scores) score.value = 0
    this.#quiet = true
    this.#alarmedAt = null
  }

  #success(): void {
    let quiet = true
    for (const score of this.#scores) {
      score.value = Math.max(0, score.value + score.successScore)
      if (score.value > 0) quiet = false
    }
    this.#quiet = quiet
  }

  #failure(begunAt: number): void {
    const { alarmScore, spanMs, spacingMs } = this.#options
    let best: Score | null = null
    let quiet = true
    for (const score of this.#scores) {
      // This failure is known later than a success of a try that started after it: the run had already ended.
      if (score.all && begunAt < this.#lastSuccessAt) continue
      quiet = false
      if (score.value === 0) score.firstAt = begunAt
      else if (!score.all && begunAt - score.lastAt < spacingMs) continue
      // An earlier try may be known later.
      score.firstAt = Math.min(score.firstAt, begunAt)
      score.lastAt = Math.max(score.value === 0 ? begunAt : score.lastAt, begunAt)
      score.value = Math.min(alarmScore * SCORE_MAX_FACTOR, score.value + score.failureScore)
      if (score.value >= alarmScore && score.lastAt - score.firstAt >= spanMs && (best === null || score.value > best.value)) best = score
    }
    this.#quiet &&= quiet
    if (best !== null) this.#alarmedAt ??= best.firstAt
  }
}
