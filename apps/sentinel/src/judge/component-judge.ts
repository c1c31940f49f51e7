import type { Condition, Share } from '../incident/incident.ts'
import { PROFILES, type Profile } from '../record/observation.ts'
import { Severity } from './severity.ts'
import { shareFromProbes } from './share.ts'
import type { PostTries } from './post-tries.ts'
import { TryWindow, type Tries } from './try-window.ts'

export const JUDGE_BOUNDS = {
  /** Without evidence for this long the condition is unknown [S2]. */
  blindMs: 15_000,
  /** Clean time before trouble is declared over: all tries that began in it succeeded, and figures are back. */
  cleanMs: 25_000,
  /** The clean time doubles each time the trouble returns within `flapMs`, up to `cleanMsMax`. */
  flapMs: 10 * 60_000,
  cleanMsMax: 300_000,
  /** In addition, the good tries must be too many to be luck: chance below this. This is awaited for at most twice the clean time. */
  luck: 1e-4,
  /** One failure is forgiven when the good tries before it are already unlikely to be luck: chance below this. */
  forgivenLuck: 0.01,
  /** Greatest age of the newest good try. */
  goodMs: 8_000,
  /** How long figures that showed trouble and then stopped are awaited. */
  figuresMs: 60_000,
  /** While one post fails alone and others succeed: its own trouble for this long, and afterwards at most trouble of some people. */
  aloneMs: 30_000,
  /** The present share counts the tries that began within `windowMs`, without the last `settledMs`, whose outcomes are not all known. */
  windowMs: 30_000,
  settledMs: 5_000,
  settledTriesMin: 8,
  /** From this excess on, figures are preferred to failing tries although they do not alarm yet. */
  figuresShareMin: 0.035,
} as const

/** What figures say about one component. */
export interface FiguresView {
  readonly alarmedSince: number | null
  readonly lastBadAt: number
  readonly fresh: boolean
  readonly heardAt: number
  readonly share: Share | null
  giveUp(): void
}

interface Trouble {
  kind: 'outage' | 'alone' | 'slow'
  readonly startedAt: number
  readonly profiles: Set<Profile>
  failed: number
  tried: number
}

/** The current verdict on one component, in the judge's time. */
export interface Held {
  readonly condition: Condition
  readonly profiles: readonly Profile[]
  readonly since: number
  readonly startedAt: number | null
  readonly share: Share | null
  readonly failed: number
  readonly tried: number
}

/** Judges one component: turns alarms of the tests into a condition that does not flutter. */
export class ComponentJudge {
  readonly #window = new TryWindow()
  readonly #severity = new Severity()
  #condition: Condition = 'unknown'
  #since: number
  #sightedSince: number | null = null
  #trouble: Trouble | null = null
  #aloneSince: number | null = null
  #lastBadAt = Number.NEGATIVE_INFINITY
  /** Since the last bad try: start of the first good one, number of good ones, and arrival of the newest. */
  #goodSince: number | null = null
  #goodTries = 0
  #forgiven = false
  #lastGoodAt = Number.NEGATIVE_INFINITY
  #flaps = 0
  #clearedAt = Number.NEGATIVE_INFINITY
  #endedAt: number | null = null

  constructor(now: number) {
    this.#since = now
  }

  /** End of the newest trouble: start of the first good try after it. Null before that. */
  get endedAt(): number | null {
    return this.#endedAt
  }

  /** One try of a post that is online. A slow try is `bad` too while slowness is the trouble. */
  hearTry(profile: Profile, failed: boolean, slow: boolean, beganAt: number, now: number): void {
    this.#window.add(beganAt, profile, failed)
    const trouble = this.#trouble
    if (trouble !== null) {
      trouble.tried += 1
      if (failed) trouble.failed += 1
    }
    if (failed || (slow && trouble?.kind === 'slow')) {
      if (trouble !== null && !this.#forgiven && this.#goodTries >= triesAgainst(trouble, JUDGE_BOUNDS.forgivenLuck)) {
        this.#forgiven = true
        return
      }
      this.#beBad(beganAt)
    } else {
      this.#lastGoodAt = now
      if (beganAt <= this.#lastBadAt) return
      this.#goodSince ??= beganAt
      this.#goodTries += 1
    }
  }

  /** A message came twice or out of order. Bad only while that is the trouble. */
  hearOdd(beganAt: number): void {
    if (this.#trouble?.kind === 'slow') this.#beBad(beganAt)
  }

  /** @param posts the posts that are online. */
  evaluate(now: number, posts: readonly PostTries[], figures: FiguresView | null): void {
    const figuresSince = figures !== null && figures.fresh ? figures.alarmedSince : null
    // A silent post saw something in the past and has no say about the present [S2].
    const seeing = posts.filter(({ heardAt }) => now - heardAt <= JUDGE_BOUNDS.blindMs)
    const seen = seeing.length > 0
    if (!seen && figuresSince === null) return this.#beBlind(now)
    this.#sightedSince ??= now
    this.#lookForTrouble(now, seeing, figures, figuresSince)
    if (this.#trouble !== null && this.#isClean(now, this.#trouble, figures)) this.#clear(now, posts, figures)
    if (this.#trouble !== null) this.#conclude(this.#conditionOf(now, this.#trouble, figures), now)
    else if (this.#condition !== 'unknown' || (seen && this.#goodSince !== null && this.#lastGoodAt >= this.#sightedSince))
      this.#conclude('operational', now)
  }

  held(now: number, figures: FiguresView | null): Held {
    const trouble = this.#trouble
    const { tried, failed } = this.#triesNow(now, trouble)
    const base = { condition: this.#condition, since: this.#since, failed, tried }
    if (trouble === null || this.#condition === 'unknown') return { ...base, profiles: [], startedAt: null, share: null }
    const profiles = PROFILES.filter((profile) => trouble.profiles.has(profile))
    return { ...base, profiles, startedAt: trouble.startedAt, share: this.#shareNow(now, trouble, figures) }
  }

  #beBad(beganAt: number): void {
    this.#forgiven = false
    this.#lastBadAt = Math.max(this.#lastBadAt, beganAt)
    this.#goodSince = null
    this.#goodTries = 0
  }

  #beBlind(now: number): void {
    this.#sightedSince = null
    this.#goodSince = null
    this.#goodTries = 0
    this.#aloneSince = null
    this.#conclude('unknown', now)
  }

  #conclude(condition: Condition, now: number): void {
    if (condition === this.#condition) return
    this.#condition = condition
    this.#since = now
  }

  #lookForTrouble(now: number, posts: readonly PostTries[], figures: FiguresView | null, figuresSince: number | null): void {
    const failing = posts.filter(({ failingSince }) => failingSince !== null)
    const slow = posts.filter(({ slowSince }) => slowSince !== null)
    if (figuresSince === null && failing.length === 0 && slow.length === 0) {
      this.#aloneSince = null
      return
    }
    const agreed = (some: readonly PostTries[], fine: number): boolean =>
      some.length > 0 && (fine === 0 || (some.length > 1 && some.length * 2 >= posts.length))
    const fine = posts.filter((post) => post.fine).length
    if (figuresSince !== null || agreed(failing, fine)) return this.#begin('outage', now, failing, figuresSince, figures)
    if (agreed(slow, posts.length - slow.length)) return this.#begin('slow', now, slow, null, figures)
    this.#aloneSince ??= now
    if (now - this.#aloneSince >= JUDGE_BOUNDS.aloneMs) this.#begin('alone', now, failing.length > 0 ? failing : slow, null, figures)
  }

  #begin(kind: Trouble['kind'], now: number, posts: readonly PostTries[], figuresSince: number | null, figures: FiguresView | null): void {
    const rank = { slow: 0, alone: 1, outage: 2 }
    if (this.#trouble === null) {
      const starts = posts.map(({ failingSince, slowSince }) => failingSince ?? slowSince ?? now)
      const startedAt = Math.min(now, ...starts, figuresSince ?? now)
      this.#flaps = now - this.#clearedAt < JUDGE_BOUNDS.flapMs ? Math.min(this.#flaps + 1, 8) : 0
      this.#trouble = { kind, startedAt, profiles: new Set(), ...this.#window.between(startedAt, now + 1_000, null) }
      this.#severity.begin()
      // Bad tries before this moment are visible only in the tests. From now on they are counted.
      this.#lastBadAt = Math.max(this.#lastBadAt, kind === 'slow' ? now : startedAt)
      if (kind === 'slow') this.#goodSince = null
    } else if (rank[kind] > rank[this.#trouble.kind]) this.#trouble.kind = kind
    this.#addProfiles(now, this.#trouble, posts, figures)
  }

  /** A profile stays excluded only while its tries show that it works: that many good ones would be luck if it failed like the other. */
  #addProfiles(now: number, trouble: Trouble, posts: readonly PostTries[], figures: FiguresView | null): void {
    if (trouble.profiles.size === PROFILES.length) return
    const from = this.#windowFrom(now, trouble)
    const of = (profile: Profile): Tries => this.#window.between(from, now + 1_000, profile)
    const [pc, phone] = [of('pc'), of('phone')]
    if (fails(pc, phone)) trouble.profiles.add('pc')
    if (fails(phone, pc)) trouble.profiles.add('phone')
    for (const post of posts) for (const profile of post.failingProfiles()) trouble.profiles.add(profile)
    const onlyFigures = figures !== null && posts.length === 0
    if (trouble.profiles.size === 0 || trouble.kind === 'slow' || onlyFigures) for (const profile of PROFILES) trouble.profiles.add(profile)
  }

  #isClean(now: number, trouble: Trouble, figures: FiguresView | null): boolean {
    const figuresSilentMs = figures === null || figures.alarmedSince === null ? null : now - figures.heardAt
    if (figuresSilentMs !== null && figuresSilentMs < JUDGE_BOUNDS.figuresMs) return false
    if (now - this.#lastGoodAt > JUDGE_BOUNDS.goodMs) return false
    const from = Math.max(this.#goodSince ?? now, this.#sightedSince ?? now, figures?.lastBadAt ?? 0)
    const cleanMs = Math.min(JUDGE_BOUNDS.cleanMsMax, JUDGE_BOUNDS.cleanMs * 2 ** this.#flaps)
    if (now - from < cleanMs) return false
    return this.#goodTries >= triesAgainst(trouble, JUDGE_BOUNDS.luck) || now - from >= cleanMs * 2
  }

  #clear(now: number, posts: readonly PostTries[], figures: FiguresView | null): void {
    const lastFiguresBadAt = figures?.lastBadAt ?? 0
    this.#endedAt = Math.max(
      this.#goodSince ?? now,
      this.#trouble?.kind === 'outage' && lastFiguresBadAt > this.#trouble.startedAt ? lastFiguresBadAt : 0,
    )
    for (const post of posts) post.reset()
    figures?.giveUp()
    this.#trouble = null
    this.#aloneSince = null
    this.#clearedAt = now
    this.#conclude('operational', now)
  }

  #conditionOf(now: number, trouble: Trouble, figures: FiguresView | null): Condition {
    if (trouble.kind !== 'outage') return 'degraded_performance'
    return this.#severity.hear(this.#shareNow(now, trouble, figures)?.value ?? 0, now)
  }

  /** Prefers figures when they alarm or show much, because figures count people. Otherwise uses tries. Slowness has no share. */
  #shareNow(now: number, trouble: Trouble, figures: FiguresView | null): Share | null {
    if (trouble.kind === 'slow') return null
    const told = figures !== null && figures.fresh ? figures.share : null
    const believed =
      told !== null && figures !== null && (figures.alarmedSince !== null || (told.value >= JUDGE_BOUNDS.figuresShareMin && told.low > 0))
    if (believed) return told
    const { failed, tried } = this.#triesNow(now, trouble)
    return tried > 0 ? shareFromProbes(failed, tried) : told
  }

  /** Successes are known sooner than failures, which makes the newest seconds look too good. They are left out when there are enough older tries. */
  #triesNow(now: number, trouble: Trouble | null): Tries {
    const from = this.#windowFrom(now, trouble)
    const settled = this.#window.between(from, now - JUDGE_BOUNDS.settledMs, null)
    return settled.tried >= JUDGE_BOUNDS.settledTriesMin ? settled : this.#window.between(from, now + 1_000, null)
  }

  #windowFrom(now: number, trouble: Trouble | null): number {
    const from = now - JUDGE_BOUNDS.windowMs - JUDGE_BOUNDS.settledMs
    return trouble === null ? from : Math.max(from, Math.ceil(trouble.startedAt / 1_000) * 1_000)
  }
}

/** Fewer failures than this count as stray when the trouble shows in figures or slowness. */
const FEW = 3

/**
 * How many consecutive successes would have a chance below `luck` if tries still failed at the earlier rate. Clean tries after the trouble are
 * counted in the rate, which can only make the number too high.
 */
function triesAgainst({ failed, tried, kind }: Trouble, luck: number): number {
  const part = failed < FEW ? (kind === 'slow' ? 0.3 : 1) : (failed + 0.5) / (tried + 1)
  return Math.max(4, Math.log(luck) / Math.log(1 - Math.min(0.99, part)))
}

function fails(one: Tries, other: Tries): boolean {
  if (one.failed > 0) return true
  if (one.tried === 0 || other.failed === 0) return false
  return one.tried * -Math.log(1 - (other.failed + 0.5) / (other.tried + 1)) < 3
}
