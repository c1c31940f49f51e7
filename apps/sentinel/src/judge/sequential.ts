// A sequential test on tries that either fail or not: after each try it is asked anew whether the failures are still what they always are.

/** Share of tries that may fail in healthy times: the null hypothesis, five times what a good day shows. */
export const USUAL_FAILURES = 0.001

/** What a fault may do to tries: a few percent of people, a third, everybody. The test is as fast as one made for the true one of them, less a little. */
const ALTERNATIVES = [0.05, 0.3, 1] as const

const CALM_TRIES_A_YEAR = 365 * 86_400 * (1 + 1 / 5 + 1 / 5)
/** Each try is heard by the test of its component and by that of its profile. */
const TESTS_OF_A_TRY = 2
const FALSE_ALARMS_A_YEAR = 0.1

/**
 * The score at which it is called. CUSUM with threshold h raises a false alarm not more often than once in e^h tries (Lorden 1971). With one message a
 * second, a sign-in and a page every 5 s there are 44 million tries a year, each heard by 2 tests with 3 alternatives; a tenth of a false alarm a year is
 * what the tries may use of the budget of one: h = ln(44.2e6 · 2 · 3 / 0.1) = 21.7. A failure scores ln(p1 / p0) = 6.9 when all fail, so four in a row
 * are enough; 5.7 at 30 %, 3.9 at 5 %.
 */
export const ALARM_SCORE = Math.log((CALM_TRIES_A_YEAR * TESTS_OF_A_TRY * ALTERNATIVES.length) / FALSE_ALARMS_A_YEAR)

export interface SequentialOptions {
  /** Share that fails in healthy times. */
  readonly usual: number
  readonly alarmScore: number
  /** From the beginning of the first failure to that of the last there must be so much: shorter is a blip, such as a restart in 3 s. */
  readonly spanMs: number
  /**
   * Failures closer together than this are one event with one cause, and score once, except where nothing but failures come. A blip of 3 s is thus
   * two events, whatever the rhythm of the tries, and two blips within a minute are no outage.
   */
  readonly spacingMs: number
}

export const FAILURE_TEST: SequentialOptions = { usual: USUAL_FAILURES, alarmScore: ALARM_SCORE, spanMs: 3_500, spacingMs: 1_500 }

/** For tries that succeed, but slowly: one in a hundred may, and a spike of 10 s is none of note, nor are two of them in a minute. */
export const SLOWNESS_TEST: SequentialOptions = { usual: 0.01, alarmScore: ALARM_SCORE, spanMs: 20_000, spacingMs: 4_000 }

/** Scores stop rising here, so that long trouble does not take long to forget. */
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
 * CUSUM on Bernoulli tries (Page 1954): one score for each alternative p1; a failure adds ln(p1 / p0), a success ln((1 − p1) / (1 − p0)), and a
 * score never falls below 0. The failure by which a score left 0 is the estimate of when it began. O(1) in time and memory.
 */
export class SequentialTest {
  readonly #options: SequentialOptions
  readonly #scores: readonly Score[]
  /** All scores are 0, and a success changes nothing. */
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

  /** Half way to an alarm, or further. */
  get suspicious(): boolean {
    return !this.#quiet && this.#scores.some(({ value }) => value >= this.#options.alarmScore / 2)
  }

  /** When it began, by the alternative that explains it best; null while there is no alarm. Stays until `reset`. */
  get alarmedSince(): number | null {
    return this.#alarmedAt
  }

  /** @param begunAt when the try began, ms of a clock that never goes back. */
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
      // It is known later than a success of a try that began after it: the run was over before it was seen.
      if (score.all && begunAt < this.#lastSuccessAt) continue
      quiet = false
      if (score.value === 0) score.firstAt = begunAt
      else if (!score.all && begunAt - score.lastAt < spacingMs) continue
      // What began earlier may be known later.
      score.firstAt = Math.min(score.firstAt, begunAt)
      score.lastAt = Math.max(score.value === 0 ? begunAt : score.lastAt, begunAt)
      score.value = Math.min(alarmScore * SCORE_MAX_FACTOR, score.value + score.failureScore)
      if (score.value >= alarmScore && score.lastAt - score.firstAt >= spanMs && (best === null || score.value > best.value)) best = score
    }
    this.#quiet &&= quiet
    if (best !== null) this.#alarmedAt ??= best.firstAt
  }
}
