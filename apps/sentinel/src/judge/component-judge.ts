import type { Condition, Share, Trouble } from '../vocabulary/incident.ts'
import { PROFILES, type DevicesSample, type Profile } from '../vocabulary/observation.ts'
import type { CounterTest } from './counter-test.ts'
import type { Judgement } from './judgement.ts'
import type { PostTries } from './post-tries.ts'
import { isSaid, shareOfTries, wilson, type Tally } from './share.ts'
import { areTold, cohortShare, isCounted, type Cohort, type Silence } from './silence.ts'

export const JUDGE_BOUNDS = {
  /** Without evidence for this long the condition is unknown [S2]. */
  blindMs: 15_000,
  /** Figures older than this say nothing about the present, and after `figuresMs` without them what they showed is given up. */
  freshMs: 6_000,
  figuresMs: 60_000,
  /** So many devices decide whether it is the way of the only post or the messenger. */
  devicesMin: 3,
  /** Counts of devices and their reports say nothing about the present when they are older. */
  devicesMs: 30_000,
  /** A device notices a dead connection after a beat and a half, 38 s: it calls itself live until then, and its word is counted for 85 s. */
  devicesWellMs: 125_000,
  /** A share of at least half is a major outage, of at least a twentieth a partial one, and below that degraded. */
  majorShare: 0.5,
  partialShare: 0.05,
  /** A profile is named alone when the good tries of the other have a smaller chance than this to be luck. */
  luck: 0.01,
  /** A share is known well enough when the half width of its interval is at most this, or when it is all. */
  unsureWidth: 0.03,
  allShare: 0.95,
} as const

/** What is known besides the posts' tries. The server counts nothing about the web; only messaging has silence. */
export interface Beside {
  readonly counts: CounterTest | null
  readonly silence: Silence | null
  /** Whether figures are of the present. */
  readonly fresh: boolean
  readonly devices: DevicesSample | null
  /** Reports and direct words since people fell silent together: devices that could not, or cannot, connect. */
  readonly words: number
  /** When a message came late last, at any post. */
  readonly cameLateAt: number
  /** The posts can reach nothing from here, although others can. */
  readonly fromHere: boolean
}

interface Verdict {
  readonly trouble: Trouble
  readonly startedAt: number
  readonly posts: readonly PostTries[]
}

const LEVELS = ['degraded_performance', 'partial_outage', 'major_outage'] as const satisfies readonly Condition[]

/** Judges one component: which trouble the posts, the server and the devices show together. */
export class ComponentJudge {
  #condition: Condition = 'unknown'
  /** The trouble that was concluded with the condition. */
  #told: Trouble | null = null
  #since: number
  #verdict: Verdict | null = null
  #level = 0
  #startedAt: number | null = null
  #endedAt: number | null = null
  #sightedSince: number | null = null
  #alone: Judgement['alone'] = null
  /** When posts disagreed last. */
  #aloneAt = Number.NEGATIVE_INFINITY
  /** What shows that the people who fell silent together are affected, and which people these are. */
  #believed: 'server' | 'devices' | null = null
  #cohort: Readonly<Cohort> | null = null

  constructor(now: number) {
    this.#since = now
  }

  get endedAt(): number | null {
    return this.#endedAt
  }

  get trouble(): Trouble | null {
    return this.#condition === 'unknown' ? null : (this.#verdict?.trouble ?? null)
  }

  /** @param posts the posts that are online. */
  evaluate(now: number, posts: readonly PostTries[], beside: Beside): void {
    for (const post of posts) post.look(now)
    // A silent post saw something in the past and has no say about the present [S2].
    const seeing = posts.filter(({ heardAt }) => now - heardAt <= JUDGE_BOUNDS.blindMs)
    if (cohortOf(beside) !== this.#cohort) this.#believed = null
    this.#cohort = cohortOf(beside)
    if (seeing.length === 0 && !serverFails(beside)) {
      this.#sightedSince = null
      return this.#conclude('unknown', this.#verdict?.trouble ?? null, now)
    }
    this.#sightedSince ??= now
    const before = this.#verdict
    const next = this.#judge(now, seeing, beside)
    if (next === null) {
      if (before !== null) this.#endedAt = this.#endOf(now, before, beside)
      this.#startedAt = null
      this.#verdict = null
      const seen = seeing.some(({ goodAt }) => goodAt >= (this.#sightedSince ?? now))
      if (this.#condition !== 'unknown' || seen) this.#conclude('operational', null, now)
      return
    }
    this.#startedAt = Math.min(this.#startedAt ?? now, next.startedAt)
    this.#verdict = next
    this.#conclude(this.#conditionOf(now, next, beside, before?.trouble !== 'failing'), next.trouble, now)
  }

  held(now: number, beside: Beside): Omit<Judgement, 'component'> {
    const cohort = cohortOf(beside)
    const nothing = { trouble: null, profiles: [], startedAt: null, share: null, silent: null, cohort: null, unsure: false }
    const base = {
      condition: this.#condition,
      since: this.#since,
      alone: this.#alone,
      unheard: beside.fresh ? (beside.silence?.unheard ?? null) : null,
    }
    const verdict = this.#verdict
    if (verdict === null || this.#condition === 'unknown') return { ...base, ...nothing }
    const tried = this.#tried(now, verdict)
    const share = this.#shareNow(now, verdict, beside)
    const silent = cohort === null || this.#believed !== null || !isCounted(cohort, now) ? null : cohortShare(cohort, cohort.out, null, 0)
    const unsure = isSaid(tried) && tried.low < JUDGE_BOUNDS.allShare && (tried.high - tried.low) / 2 > JUDGE_BOUNDS.unsureWidth
    const { trouble, posts } = verdict
    return { ...base, trouble, profiles: profilesOf(now, posts), startedAt: this.#startedAt, share, silent, cohort, unsure }
  }

  #conclude(condition: Condition, trouble: Trouble | null, now: number): void {
    if (condition === this.#condition && trouble === this.#told) return
    this.#condition = condition
    this.#told = trouble
    this.#since = now
  }

  #judge(now: number, seeing: readonly PostTries[], beside: Beside): Verdict | null {
    const { counts, fresh } = beside
    const failing = seeing.filter((post) => post.failing.since !== null)
    const slow = seeing.filter((post) => post.slow.since !== null)
    const tries = this.#accuse(now, seeing, failing, beside)
    const countedSince = counts?.since ?? null
    const cohort = cohortOf(beside)
    if (cohort !== null && fresh) {
      if (areTold(beside.words, cohort.fell)) this.#believed = 'devices'
      else if (tries === 'failing') this.#believed ??= 'server'
    }
    const believed = cohort !== null && this.#believed !== null
    const starts = [tries === null ? now : this.#beganAt(now, seeing, failing, beside), countedSince ?? now, cohort?.to ?? now]
    if (tries === 'failing' || countedSince !== null || believed) return { trouble: 'failing', startedAt: Math.min(...starts), posts: failing }
    if (tries !== null) return { trouble: tries, startedAt: Math.min(...starts), posts: failing }
    if (cohort !== null) return { trouble: 'silent', startedAt: cohort.to, posts: [] }
    if (slow.length > 0 && slow.length === seeing.length)
      return { trouble: 'slow', startedAt: Math.max(...slow.map((post) => post.slow.since ?? now)), posts: slow }
    return null
  }

  /** Whom the failing posts accuse [S1]. Null when they accuse nobody. */
  #accuse(now: number, seeing: readonly PostTries[], failing: readonly PostTries[], beside: Beside): 'failing' | 'late' | 'from-here' | null {
    const fine = seeing.filter((post) => post.fine).length
    const agreed = failing.length === seeing.length || (failing.length > 1 && failing.length * 2 >= seeing.length) // [seam: posts-agree]
    this.#alone = failing.length > 0 && fine > 0 && !agreed ? { failing: failing.length, of: seeing.length } : null
    if (this.#alone !== null) this.#aloneAt = now
    if (failing.length === 0) return null
    const { live, liveLately = live, notLive } = beside.devices ?? { live: 0, notLive: 0 }
    // Only words of the same age are compared: a device that left the front has said that it was live, and does not take it back.
    const devicesFail = notLive >= JUDGE_BOUNDS.devicesMin && notLive > liveLately
    const backed = devicesFail || serverFails(beside)
    if (!agreed && !backed) return null
    const late = failing.every((post) => post.isLate(now, beside.cameLateAt))
    if (seeing.length === 1 && !backed) {
      const since = failing[0]?.failing.since ?? now
      // Older words may be of the time before the trouble, and old connections say nothing about a part of the tries.
      const known = failing[0]?.known(now) ?? { tried: 0, failed: 0 }
      const whole = known.failed >= known.tried * JUDGE_BOUNDS.allShare
      const devicesWell = live >= JUDGE_BOUNDS.devicesMin && notLive === 0 && now - since > JUDGE_BOUNDS.devicesWellMs
      if (failing[0]?.failsOnTheWay(now) === true || (devicesWell && whole && !late && beside.silence !== null) || beside.fromHere) return 'from-here'
    }
    return late ? 'late' : 'failing'
  }

  /** When the messenger began to fail: when as many posts failed as are needed to agree. What a post saw alone before that was its own trouble. */
  #beganAt(now: number, seeing: readonly PostTries[], failing: readonly PostTries[], beside: Beside): number {
    const since = failing.map((post) => post.failing.since ?? now).toSorted((one, other) => one - other)
    const agreedAt = since[seeing.length === 1 ? 0 : Math.max(2, Math.ceil(seeing.length / 2)) - 1]
    if (agreedAt !== undefined) return seeing.length === 1 ? Math.max(agreedAt, this.#aloneAt) : agreedAt
    return serverFails(beside) ? now : Math.max(since[0] ?? now, now - JUDGE_BOUNDS.devicesWellMs)
  }

  #conditionOf(now: number, verdict: Verdict, beside: Beside, isNew: boolean): Condition {
    if (verdict.trouble === 'silent' || verdict.trouble === 'from-here') return 'partial_outage' // [seam: partial]
    if (verdict.trouble !== 'failing') return 'degraded_performance'
    const share = this.#shareNow(now, verdict, beside)
    // Before any try is settled the first failures are all that is known.
    const first = sum(verdict.posts.map((post) => post.known(now)))
    if (isNew) this.#level = levelOf(share?.value ?? wilson(first.failed, first.tried).value)
    // The level changes when the interval leaves no doubt.
    else if (share !== null && levelOf(share.low) === levelOf(share.high)) this.#level = levelOf(share.value)
    return LEVELS[this.#level] ?? 'degraded_performance'
  }

  #tried(now: number, { posts, trouble }: Verdict): Share | null {
    return trouble === 'slow' || trouble === 'silent' || trouble === 'from-here' ? null : shareOfTries(posts.map((post) => post.present(now)))
  }

  /** People counted one by one speak before tries: those who fell silent together, once that is an outage, and those whom the server failed. */
  #shareNow(now: number, verdict: Verdict, beside: Beside): Share | null {
    const { counts, words } = beside
    const cohort = cohortOf(beside)
    const tried = this.#tried(now, verdict)
    if (verdict.trouble !== 'failing') return null
    if (cohort !== null && this.#believed !== null && isCounted(cohort, now))
      return cohortShare({ fell: cohort.out, active: cohort.active }, cohort.out, this.#believed, words)
    if (isSaid(tried)) return tried
    return counts !== null && counts.since !== null && isSaid(counts.share) ? counts.share : null
  }

  #endOf(now: number, { posts, startedAt, trouble }: Verdict, { silence, counts }: Beside): number {
    const ends = posts.map(({ failing, slow }) => (trouble === 'slow' ? slow.endedAt : failing.endedAt) ?? startedAt)
    if (counts !== null && counts.badAt > startedAt) ends.push(counts.badAt)
    if ((silence?.endedAt ?? 0) > startedAt) ends.push(silence?.endedAt ?? now)
    return ends.length === 0 ? now : Math.max(startedAt, ...ends)
  }
}

function cohortOf({ silence }: Beside): Readonly<Cohort> | null {
  return silence === null ? null : silence.cohort
}

/** Whether the server counts people whom it fails, or who fell silent together. */
function serverFails(beside: Beside): boolean {
  return beside.fresh && ((beside.counts !== null && beside.counts.since !== null) || cohortOf(beside) !== null)
}

function levelOf(share: number): number {
  return share >= JUDGE_BOUNDS.majorShare ? 2 : share >= JUDGE_BOUNDS.partialShare ? 1 : 0 // [seam: level]
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((total, { tried, failed }) => ({ tried: total.tried + tried, failed: total.failed + failed }), { tried: 0, failed: 0 })
}

/** Both profiles, unless one is known to work: so many good tries would be luck if it failed as often as the other at least does. */
function profilesOf(now: number, posts: readonly PostTries[]): readonly Profile[] {
  const of = (profile: Profile): Tally => sum(posts.map((post) => post.known(now, profile)))
  const [pc, phone] = [of('pc'), of('phone')]
  const works = (one: Tally, other: Tally): boolean =>
    one.failed === 0 && other.failed > 0 && (1 - wilson(other.failed, other.tried).low) ** one.tried < JUDGE_BOUNDS.luck
  return PROFILES.filter((profile) => !(profile === 'pc' ? works(pc, phone) : works(phone, pc)))
}
