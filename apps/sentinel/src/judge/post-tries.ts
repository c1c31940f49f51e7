import type { Component, Observation, Profile } from '../vocabulary/observation.ts'
import { FAILURE_TEST, SequentialTest, SLOWNESS_TEST, type SequentialOptions } from './sequential.ts'
import { SAYS, wilson, type Interval, type Tally } from './share.ts'

/** Duration from which a successful try counts as slow, as a user would say: to the arrival of the message, to a token, to the whole page. */
export const SLOW_MS: Readonly<Record<Component, number>> = { messaging: 1_500, 'sign-in': 2_000, web: 2_500 }

/** Longest time until the outcome of a try is known. Younger tries are not counted: their successes are known sooner than their failures. */
export const SETTLED_MS = 5_000

export const POST_BOUNDS = {
  /** Clean time before trouble is over: the slowest cadence in trouble gives 25 tries in it. */
  cleanMs: 25_000,
  /** The clean time doubles each time the trouble returns within `flapMs`, up to `cleanMsMax`. */
  flapMs: 10 * 60_000,
  cleanMsMax: 300_000,
  /** In addition, the good tries must be too many to be luck: chance below this. This is awaited for at most twice the clean time. */
  luck: 1e-4,
  /** Greatest age of the newest good try: the calm cadence is 5 s, and a try takes up to 3 s. */
  goodMs: 8_000,
  /** The present share counts the tries of this time. At 20 tries a second it is known to ±3 points. */
  windowMs: 60_000,
  /** Most tries that are kept: more than twice those of the window. */
  triesMax: 4_000,
  /** From this many tries after the alarm on, only those are counted: the tries that raised it are biased. Their interval is then ±20 points. */
  afterAlarmMin: 20,
  /** After this time without a late arrival, what did not come in time counts as failing, not as late: 5 s each way are 10 s, and 5 s to tell. */
  lateMs: 15_000,
  /** A failure that took this long was not refused: something was still awaited. */
  awaitedMs: 2_900,
} as const

/** An alarm about bad tries of one post, from its sequential test to its end. */
export class Alarm {
  readonly #test: SequentialTest
  #since: number | null = null
  #alarmedAt = 0
  #endedAt: number | null = null
  #clearedAt = Number.NEGATIVE_INFINITY
  #flaps = 0
  /** Tries since the alarm. */
  #bad = 0
  #heard = 0
  #badAt = Number.NEGATIVE_INFINITY
  /** Since the last bad try: start of the first good one, their number, and arrival of the newest. */
  #goodSince: number | null = null
  #good = 0
  #goodAt = Number.NEGATIVE_INFINITY

  constructor(options: SequentialOptions) {
    this.#test = new SequentialTest(options)
  }

  /** Start of the first bad try. Null without an alarm. */
  get since(): number | null {
    return this.#since
  }

  get alarmedAt(): number {
    return this.#alarmedAt
  }

  /** Start of the first good try after the newest trouble. */
  get endedAt(): number | null {
    return this.#endedAt
  }

  get suspicious(): boolean {
    return this.#test.suspicious
  }

  hear(bad: boolean, beganAt: number, now: number): void {
    this.#test.hear(bad, beganAt)
    this.#heard += 1
    if (bad) {
      this.#bad += 1
      this.#badAt = Math.max(this.#badAt, beganAt)
      this.#startOver()
    } else {
      this.#goodAt = now
      if (beganAt > this.#badAt) {
        this.#goodSince ??= beganAt
        this.#good += 1
      }
    }
    if (this.#since !== null || this.#test.alarmedSince === null) return
    this.#flaps = now - this.#clearedAt < POST_BOUNDS.flapMs ? this.#flaps + 1 : 0
    this.#since = this.#test.alarmedSince
    this.#alarmedAt = now
    this.#bad = 1
    this.#heard = 1
  }

  /** Ends the trouble when it is over. */
  look(now: number): void {
    if (this.#since === null || this.#goodSince === null || now - this.#goodAt > POST_BOUNDS.goodMs) return
    const cleanMs = Math.min(POST_BOUNDS.cleanMsMax, POST_BOUNDS.cleanMs * 2 ** this.#flaps)
    const cleanForMs = now - this.#goodSince
    // How many good tries in a row would be luck if tries still failed as before.
    const luckyMax = Math.log(POST_BOUNDS.luck) / Math.log(1 - Math.min(0.9, this.#bad / (this.#heard - this.#good)))
    if (cleanForMs < cleanMs || (this.#good < luckyMax && cleanForMs < 2 * cleanMs)) return
    this.#endedAt = this.#goodSince
    this.#clearedAt = now
    this.#since = null
    this.#test.reset()
  }

  /** Nobody watched for a while. Neither a suspicion nor a clean time continues across that, but declared trouble does. */
  interrupt(): void {
    this.#test.reset()
    this.#startOver()
  }

  #startOver(): void {
    this.#goodSince = null
    this.#good = 0
  }
}

interface Heard {
  readonly beganAt: number
  readonly profile: Profile
  readonly outcome: Observation['outcome']
  readonly stage: Observation['stage']
  readonly light: boolean
  /** Whether it was refused, and not merely awaited for too long. */
  readonly hard: boolean
}

/** What one post observes of one component. */
export class PostTries {
  /** Whole tries, and light ones: new connections can fail while old ones carry messages. */
  readonly #whole = new Alarm(FAILURE_TEST)
  readonly #light = new Alarm(FAILURE_TEST)
  readonly slow = new Alarm(SLOWNESS_TEST)
  #tries: Heard[] = []
  #heardAt = Number.NEGATIVE_INFINITY
  #goodAt = Number.NEGATIVE_INFINITY
  #lastFailed = false
  #failedAt = Number.NEGATIVE_INFINITY
  #lateAt = Number.NEGATIVE_INFINITY

  get heardAt(): number {
    return this.#heardAt
  }

  /** Arrival of the newest good try. */
  get goodAt(): number {
    return this.#goodAt
  }

  /** The alarm that began first, or else the one that ended last. */
  get failing(): Pick<Alarm, 'since' | 'alarmedAt' | 'endedAt'> {
    const [whole, light] = [this.#whole, this.#light]
    if (whole.since === null && light.since === null) return (light.endedAt ?? 0) > (whole.endedAt ?? 0) ? light : whole
    return (light.since ?? Number.POSITIVE_INFINITY) < (whole.since ?? Number.POSITIVE_INFINITY) ? light : whole
  }

  /** Neither failing nor about to be found failing. */
  get fine(): boolean {
    return this.failing.since === null && !this.#lastFailed && !this.#whole.suspicious && !this.#light.suspicious
  }

  /** @param beganAt ms of a clock that never goes back. */
  hear({ component, profile, outcome, stage, light, acceptedMs, deliveredMs, at, knownAt }: Observation, beganAt: number, now: number): void {
    const says = SAYS[outcome]
    if (outcome === 'late') this.#lateAt = now
    // A message that came twice or out of order is as bad as a slow one.
    if (outcome === 'doubled' || outcome === 'reordered') this.slow.hear(true, beganAt, now)
    if (says === 'besides') return
    const failed = says === 'failed'
    this.#lastFailed = failed
    if (failed) this.#failedAt = beganAt
    // A connection alone does not show that messages arrive.
    if (light !== true) this.#heardAt = now
    if (light !== true && !failed) this.#goodAt = now
    if (light === true) this.#light.hear(failed, beganAt, now)
    else this.#whole.hear(failed, beganAt, now)
    const tookMs = component === 'messaging' ? deliveredMs : acceptedMs
    if (!failed && light !== true) this.slow.hear((tookMs ?? 0) >= SLOW_MS[component], beganAt, now)
    const hard = outcome === 'refused' || (outcome === 'unreachable' && knownAt - at < POST_BOUNDS.awaitedMs)
    this.#tries.push({ beganAt, profile, outcome, stage, light: light === true, hard })
    if (this.#tries.length % 256 !== 0) return
    this.#tries = this.#tries.filter((each) => now - each.beganAt < POST_BOUNDS.windowMs + 2 * SETTLED_MS).slice(-POST_BOUNDS.triesMax)
  }

  look(now: number): void {
    this.#whole.look(now)
    this.#light.look(now)
    this.slow.look(now)
  }

  interrupt(): void {
    this.#whole.interrupt()
    this.#light.interrupt()
    this.slow.interrupt()
    this.#lastFailed = false
  }

  /** Settled tries of the present trouble, without the first failure and, when there are enough later ones, without those that raised the alarm. */
  present(now: number): Tally {
    const { since, alarmedAt } = this.failing
    if (since === null) return { tried: 0, failed: 0 }
    const from = now - POST_BOUNDS.windowMs - SETTLED_MS
    const after = this.#tally(Math.max(from, alarmedAt), now - SETTLED_MS)
    return after.tried >= POST_BOUNDS.afterAlarmMin ? after : this.#tally(Math.max(from, since + 1), now - SETTLED_MS)
  }

  /** All tries that are known since the trouble began, settled or not, of one profile or of both. */
  known(now: number, profile?: Profile): Tally {
    const from = Math.max(now - POST_BOUNDS.windowMs, this.failing.since ?? this.slow.since ?? now)
    return tallyOf(this.#tries.filter((each) => each.beganAt >= from && (profile === undefined || each.profile === profile)))
  }

  /** Whether most failures of the present trouble lie on the way: no connection at all. One stray failure while the way is mended accuses nobody. */
  failsOnTheWay(now: number): boolean {
    const failures = this.#failures(now)
    return failures.filter(({ stage }) => stage === 'way').length * 2 > failures.length // [seam: on-the-way]
  }

  /** Whether nothing was refused, and what did not come in time comes later, or may still come. */
  isLate(now: number, cameLateAt: number): boolean {
    const since = this.failing.since ?? now
    // Since the newest failure nothing can come late any more, and nothing is worse than before.
    const comesLate = cameLateAt >= since && this.#failedAt - cameLateAt < POST_BOUNDS.windowMs / 2
    // [seam: is-late]
    return this.#failures(now).every(({ hard }) => !hard) && (comesLate || now - since < POST_BOUNDS.lateMs)
  }

  /** When a late message came last. */
  get lateAt(): number {
    return this.#lateAt
  }

  #failures(now: number): readonly Heard[] {
    const from = Math.max(this.failing.since ?? now, now - POST_BOUNDS.windowMs / 2)
    return this.#tries.filter((each) => each.beganAt >= from && SAYS[each.outcome] === 'failed')
  }

  #tally(from: number, to: number): Tally {
    return tallyOf(this.#tries.filter(({ beganAt }) => beganAt >= from && beganAt < to))
  }
}

/**
 * Whole and light tries fail for different reasons, and a person needs both. Where their intervals meet, the better known share counts, and otherwise
 * the larger one.
 */
export function tallyOf(tries: readonly { readonly outcome: Observation['outcome']; readonly light: boolean }[]): Tally {
  const [whole, light] = [false, true].map((wanted) => {
    const those = tries.filter((each) => each.light === wanted)
    const failed = those.filter(({ outcome }) => SAYS[outcome] === 'failed').length
    return { tried: those.length, failed, ...wilson(failed, those.length) }
  }) as [Tally & Interval, Tally & Interval]
  if (whole.tried === 0 || light.tried === 0) return whole.tried === 0 ? light : whole
  if (whole.low > light.high || light.low > whole.high) return light.value > whole.value ? light : whole
  return light.high - light.low < whole.high - whole.low ? light : whole
}
