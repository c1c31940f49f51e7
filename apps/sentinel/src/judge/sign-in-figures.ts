import type { Share } from '../incident/incident.ts'
import { BURN_BOUNDS } from './burn-rate.ts'
import { surprise, wilson } from './share.ts'

export const SIGN_IN_BOUNDS = {
  /** Sign-ins are rare and are therefore counted over this long. */
  windowMs: 30_000,
  /** Share of sign-ins that fail by the server's fault in healthy times. */
  usual: 0.02,
  expectedMin: 0.5,
  /** A share of failures from which there is trouble. */
  shareMin: 0.2,
  /** The trouble is over when the share stays below `calmShare` for `calmMs`. */
  calmShare: 0.05,
  calmMs: 8_000,
  /** Fewer tries than this give no share of people. */
  triesMin: 5,
} as const

const RING = 32

interface Step {
  readonly at: number
  readonly tried: number
  readonly failed: number
}

/** Sign-ins as counted by the server: two counters that only rise and start anew with each process. O(1), bounded. */
export class SignInFigures {
  readonly #ring: Step[] = []
  #next = 0
  #counters: { readonly process: string; readonly tried: number; readonly failed: number } | null = null
  #alarm: number | null = null
  #lastBadAt = Number.NEGATIVE_INFINITY

  get alarmedSince(): number | null {
    return this.#alarm
  }

  get lastBadAt(): number {
    return this.#lastBadAt
  }

  hear(at: number, process: string, tried: number, failed: number): void {
    const before = this.#counters
    this.#counters = { process, tried, failed }
    if (before?.process !== process || tried < before.tried || failed < before.failed) return
    if (tried === before.tried && failed === before.failed && this.#alarm === null) return
    this.#ring[this.#next] = { at, tried: tried - before.tried, failed: Math.min(failed - before.failed, tried - before.tried) }
    this.#next = (this.#next + 1) % RING
    if (this.#alarm !== null) {
      const { tried: triedLately, failed: failedLately } = this.#sum(at, SIGN_IN_BOUNDS.calmMs)
      if (failedLately > SIGN_IN_BOUNDS.calmShare * triedLately) this.#lastBadAt = at
      else this.#alarm = null
      return
    }
    const now = this.#sum(at, SIGN_IN_BOUNDS.windowMs)
    const share = now.tried === 0 ? 0 : now.failed / now.tried
    const expected = Math.max(SIGN_IN_BOUNDS.expectedMin, SIGN_IN_BOUNDS.usual * now.tried)
    if (share < SIGN_IN_BOUNDS.shareMin || surprise(now.failed, expected) < BURN_BOUNDS.surprise) return
    this.#alarm = now.firstFailedAt
    this.#lastBadAt = at
  }

  giveUp(): void {
    this.#alarm = null
    this.#ring.length = 0
    this.#next = 0
  }

  /** Share of failed sign-ins in the last half minute. Null when too few were tried. */
  share(at: number): Share | null {
    const { tried, failed } = this.#sum(at, SIGN_IN_BOUNDS.windowMs)
    return tried < SIGN_IN_BOUNDS.triesMin ? null : { ...wilson(failed, tried), affected: failed, total: tried, source: 'figures' }
  }

  #sum(at: number, windowMs: number): { tried: number; failed: number; firstFailedAt: number } {
    let tried = 0
    let failed = 0
    let firstFailedAt = at
    for (let back = 1; back <= this.#ring.length; back += 1) {
      const each = this.#ring[(this.#next - back + RING) % RING]
      if (each === undefined || at - each.at >= windowMs) break
      tried += each.tried
      failed += each.failed
      if (each.failed > 0) firstFailedAt = each.at
    }
    return { tried, failed, firstFailedAt }
  }
}
