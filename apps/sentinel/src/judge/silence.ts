import type { Share, Span } from '../vocabulary/incident.ts'
import type { Silent, Total } from './cell-figures.ts'
import { countedShare, surprise, wilson } from './share.ts'

export const SILENCE_BOUNDS = {
  /** Last signs of life within 6 s are together. Slices of 2 s that start at any time cover 6 s with at most four of them. */
  windowMs: 8_000,
  /** Whoever is back sooner was not gone: a reload, a change of network. The middle of the youngest slice is at least this old. */
  afterMs: 5_000,
  /** Older silences are not looked for any more. */
  lookMs: 60_000,
  /**
   * Least number of people, least part of those active just before, and least surprise: e^-14 by chance. States of a town two minutes apart are
   * independent, 263,000 a year, so chance alone does it once in 4 years.
   */
  usersMin: 8,
  shareMin: 0.04,
  surprise: 14,
  /**
   * Connections that stand and do not answer any more show one after the other, as their beats come due, and their last signs of life differ by up to
   * a beat. So many within so long are together: phones that fall asleep within two minutes show half as many, of less of the town.
   */
  muteWindowMs: 16_000,
  muteUsersMin: 12,
  muteShareMin: 0.1,
  /** Time between two beats and until a missed one shows. */
  beatMs: 30_000,
  /**
   * All beats have come due this long after the earliest last sign of life that is possible: the first that was missed is seen up to 35 s after that,
   * the last one a beat of 25 s later, and in the next sample.
   */
  countedMs: 62_000,
  /** For this long after it was found, neighbouring slices may join: by then all beats have come due. */
  growMs: 30_000,
  /** People of a neighbouring window, and their surprise, so that a slice of it joins. */
  joinUsersMin: 3,
  joinSurprise: 5,
  /** The people are back when at most this part of them is out. Some switch off in any ten minutes. */
  backPart: 0.1,
  /** After this time of healthy tries those who are out are not heard from. The server forgets them after 10 minutes, so their number stays from then on. */
  longestMs: 9 * 60_000,
  /** Devices that say that they are not connected make the silence an outage: this many, and this part of those who are out. */
  devicesMin: 3,
  devicesPart: 0.2,
  /** Time constant for learning the usual number: slower than a break at school, faster than an evening. */
  learnMs: 30 * 60_000,
  expectedMin: 0.5,
  dispersionMax: 8,
  /** How fast the most people that were active are forgotten: when a town leaves within minutes, its last ones are few and go within seconds. */
  peakMs: 5 * 60_000,
  /** Two samples in a row decide, at least so far apart: those of several processes come at almost the same time. */
  againMs: 1_000,
  /** Two samples farther apart than this are not compared. */
  stepMsMax: 6_000,
} as const

/** People who fell silent together. */
export interface Cohort {
  /** Between these times their last signs of life were. */
  from: number
  to: number
  /** Most of them that were out, of the people active just before. */
  fell: number
  active: number
  /** Those out now. */
  out: number
  readonly foundAt: number
}

/** People of these slices whose last sign of life was between two times. Slices are 2 s wide and start at any time, hence the margin. */
export function outBetween(silent: readonly Silent[], from: number, to: number, marginMs = 2_000): number {
  return silent.reduce((sum, { at, users }) => sum + (at >= from - marginMs && at <= to + marginMs ? users : 0), 0)
}

/**
 * Whether all of a cohort can be known. Connections that do not answer show one after the other, until one beat after the silence began; their last
 * signs of life lie up to one beat before it.
 */
export function isCounted({ from, to }: Span, at: number): boolean {
  const { windowMs, countedMs } = SILENCE_BOUNDS
  return (to ?? at) - from <= windowMs || at >= from + countedMs // [seam: all-counted]
}

/** Whether the server still knows all who fell silent. */
export function isRemembered({ from }: Span, at: number): boolean {
  return at < from + SILENCE_BOUNDS.longestMs
}

/** Whether devices' words show that people who fell silent together are affected. @param fell how many fell silent. */
export function areTold(words: number, fell: number): boolean {
  return words >= SILENCE_BOUNDS.devicesMin && words >= fell * SILENCE_BOUNDS.devicesPart // [seam: words-needed]
}

/** The share of a cohort: silent as long as nothing shows that these people are affected. @param words devices that say so, at most as many count as are out. */
export function cohortShare(
  { fell, active }: Pick<Cohort, 'fell' | 'active'>,
  stillOut: number,
  believed: 'server' | 'devices' | null,
  words: number,
): Share {
  // [seam: cohort-kind]
  const counted = { ...countedShare(believed === null ? 'silent' : 'affected', believed ?? 'server', fell, active), stillOut }
  return believed === 'devices' ? { ...counted, low: Math.min(counted.low, wilson(Math.min(words, fell), counted.total).low) } : counted
}

/** A number that is counted again and again, its usual value in calm times and its dispersion (quasi-Poisson). */
class Usual {
  #mean = 0
  #dispersion = 1
  #heardMs = 0

  learn(count: number, active: number, passedMs: number): void {
    if (active <= 0) return
    this.#heardMs = Math.min(SILENCE_BOUNDS.learnMs, this.#heardMs + passedMs)
    const weight = passedMs / this.#heardMs
    const expected = this.#expected(active)
    this.#dispersion = Math.min(SILENCE_BOUNDS.dispersionMax, this.#dispersion + ((count - expected) ** 2 / expected - this.#dispersion) * weight)
    this.#mean += (count / active - this.#mean) * weight
  }

  surprise(count: number, active: number): number {
    return surprise(count, this.#expected(active)) / Math.max(1, this.#dispersion)
  }

  #expected(active: number): number {
    return Math.max(SILENCE_BOUNDS.expectedMin, this.#mean * active)
  }
}

/** Finds people who fell silent together, and follows them until they are back or nothing more can be known about them [S9]. */
export class Silence {
  readonly #falls = new Usual()
  readonly #mutes = new Usual()
  #before: { readonly at: number; readonly total: Total } | null = null
  /** Newest people who had connections that do not answer any more. */
  #mute: { readonly at: number; readonly users: number }[] = []
  #suspected: (Span & { readonly at: number }) | null = null
  #cohort: Cohort | null = null
  #backAt: number | null = null
  /** The most people that were active lately, falling towards those active now. */
  #peak = 0
  #endedAt: number | null = null
  /** Whoever was last heard from before this time belongs to a silence that is over. */
  #pastTo = Number.NEGATIVE_INFINITY

  get cohort(): Readonly<Cohort> | null {
    return this.#cohort
  }

  /** When the newest silence was over. */
  get endedAt(): number | null {
    return this.#endedAt
  }

  /** People who are not heard from, besides those of the cohort. */
  get unheard(): number | null {
    return this.#before === null ? null : this.#before.total.silent.reduce((sum, { users }) => sum + users, 0) - (this.#cohort?.out ?? 0)
  }

  /** @param told devices say now that they are not connected. */
  hear(at: number, total: Total, told: boolean): void {
    const { growMs, countedMs } = SILENCE_BOUNDS
    const before = this.#before
    this.#before = { at, total }
    // A new process does not know whom an earlier one missed.
    if (before === null || before.total.process !== total.process || at - before.at > SILENCE_BOUNDS.stepMsMax) {
      this.#mute = []
      this.#suspected = null
      if (before?.total.process !== total.process) this.end(at)
    } else if (this.#cohort === null || at >= Math.max(this.#cohort.foundAt + growMs, this.#cohort.from + countedMs)) this.#look(at, before, total)
    if (this.#cohort !== null) this.#follow(at, total, this.#cohort, told)
  }

  /** Whoever was last heard from before this time belongs to this silence, or to one that is over. */
  get #past(): number {
    return this.#cohort === null ? this.#pastTo : this.#cohort.to + 2_000
  }

  /** Nothing more can be known about the silence. */
  end(at: number): void {
    if (this.#cohort !== null) this.#endedAt = at
    this.#pastTo = this.#past
    this.#cohort = null
    this.#suspected = null
    this.#mute = []
  }

  #look(at: number, before: { readonly at: number; readonly total: Total }, total: Total): void {
    const { windowMs, afterMs, lookMs, usersMin, shareMin, muteWindowMs, muteUsersMin, muteShareMin, beatMs } = SILENCE_BOUNDS
    const passedMs = at - before.at
    const now = total.connectedUsers
    this.#peak = Math.max(now, this.#peak - ((this.#peak - now) * passedMs) / SILENCE_BOUNDS.peakMs) // [seam: peak]
    const activeSince = (from: number): number => total.connectedUsers + outBetween(total.silent, from, at)
    let best: (Span & { readonly to: number; readonly users: number }) | null = null
    for (const { at: to } of total.silent) {
      if (at - to < afterMs || at - to > lookMs || to <= this.#past) continue
      const from = Math.max(to - windowMs + 2_000, this.#past)
      const users = outBetween(total.silent, from, to, 0)
      // [seam: least-together]
      if (users < Math.max(usersMin, shareMin * Math.max(this.#peak, activeSince(from))) || users <= (best?.users ?? 0)) continue
      if (this.#falls.surprise(users, activeSince(from)) >= SILENCE_BOUNDS.surprise) best = { from, to, users }
    }
    // Whoever is silent for long and was not shortly before had a connection that stands. At the border of slices too few are counted, never too many.
    const mute = outBetween(total.silent, 0, at - afterMs - 1_000, 0) - outBetween(before.total.silent, 0, at - afterMs + 1_000, 0)
    this.#mute = [...this.#mute, { at, users: Math.max(0, mute) }].filter((each) => at - each.at < muteWindowMs)
    const mutes = this.#mute.reduce((sum, { users }) => sum + users, 0)
    const active = Math.max(this.#peak, activeSince(at - lookMs))
    const first = this.#mute.find(({ users }) => users > 0)?.at ?? at
    if (mutes >= Math.max(muteUsersMin, muteShareMin * active) && this.#mutes.surprise(mutes, active) >= SILENCE_BOUNDS.surprise && first < at)
      return this.#found(at, first - beatMs - afterMs, first - afterMs + 2_000, total)
    if (best === null) {
      this.#suspected = null
      this.#falls.learn(outBetween(total.silent, at - afterMs - windowMs, at - afterMs, 0), active, passedMs)
      this.#mutes.learn(mutes, active, passedMs)
    } else if (this.#suspected === null || this.#suspected.from > best.to || best.from > (this.#suspected.to ?? at)) this.#suspected = { ...best, at }
    else if (at - this.#suspected.at >= SILENCE_BOUNDS.againMs) {
      // When most of them had connections that stand, the silence began when the first of these did not answer.
      if (mutes * 2 > best.users) this.#found(at, first - beatMs - afterMs, first - afterMs + 2_000, total)
      else this.#found(at, best.from, best.to, total)
    }
  }

  /** While people are silent, only more people than these are a silence of their own: one is told at a time. */
  #found(at: number, earliest: number, to: number, total: Total): void {
    const from = Math.max(earliest, this.#past)
    if (outBetween(total.silent, from, to) <= (this.#cohort?.out ?? 0)) return
    this.#pastTo = this.#past
    this.#cohort = { from, to, fell: 0, active: 0, out: 0, foundAt: at }
    this.#backAt = null
    this.#suspected = null
    this.#mute = []
    this.#follow(at, total, this.#cohort, false)
  }

  #follow(at: number, total: Total, cohort: Cohort, told: boolean): void {
    const { growMs, backPart, longestMs } = SILENCE_BOUNDS
    if (at - cohort.foundAt <= growMs) this.#grow(cohort, total)
    if (isRemembered(cohort, at)) cohort.out = outBetween(total.silent, cohort.from, cohort.to)
    if (cohort.out > cohort.fell) {
      cohort.fell = cohort.out
      cohort.active = total.connectedUsers + outBetween(total.silent, cohort.from, at)
    }
    const isBack = cohort.out <= Math.max(1, cohort.fell * backPart) // [seam: cohort-back]
    // Two samples in a row.
    if (isBack && this.#backAt !== null && at - this.#backAt >= SILENCE_BOUNDS.againMs) return this.end(this.#backAt)
    this.#backAt = isBack ? (this.#backAt ?? at) : null
    if (at - cohort.to >= longestMs && !told) this.end(at) // [seam: cohort-ends]
  }

  #grow(cohort: Cohort, { silent, connectedUsers }: Total): void {
    const { beatMs, joinUsersMin, joinSurprise, windowMs } = SILENCE_BOUNDS
    const joins = (from: number, to: number): boolean => {
      const users = outBetween(silent, from, to, 0)
      return users >= joinUsersMin && this.#falls.surprise(users, connectedUsers + cohort.out) >= joinSurprise
    }
    const [earliest, latest] = [Math.max(cohort.to - beatMs, this.#pastTo), cohort.from + beatMs]
    while (cohort.from - 2_000 > earliest && joins(cohort.from - windowMs, cohort.from - 1)) cohort.from -= 2_000
    while (cohort.to + 2_000 < latest && joins(cohort.to + 1, cohort.to + windowMs)) cohort.to += 2_000
  }
}
