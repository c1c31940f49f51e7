import type { FiguresSample } from '../record/observation.ts'
import { shareOf, type Fault } from './faults.ts'

const HOUR_MS = 3_600_000
/** How long a person stays cut for reasons other than the server: a locked phone, a train. */
const STAY_MS = 90_000
const BURST_MS = 30_000
const BURST_SHARE = 0.03
const COUNTED_AFTER_MS = 5_000
/** After this time a cut person no longer counts as affected or active. */
const FORGOTTEN_AFTER_MS = 600_000
/** Time over which people return after the server is back. */
const RETURN_MS = 20_000

/** The people of a messenger, as its server counts them: a daily curve, people cut for reasons of their own, evening peaks, bursts. For tests. */
export class Town {
  readonly #users: number
  readonly #random: () => number
  readonly #burstEveryMs: number
  #cut = 0
  #at: number | null = null
  #burstFrom = 0
  #process = 1
  #bornAt = Number.NEGATIVE_INFINITY
  #dead = false
  #signInsTried = 0
  #signInsFailed = 0

  constructor(options: { readonly users: number; readonly burstsADay: number; readonly random: () => number }) {
    this.#users = options.users
    this.#random = options.random
    this.#burstEveryMs = options.burstsADay === 0 ? Number.POSITIVE_INFINITY : (24 * HOUR_MS) / options.burstsADay
  }

  sample(at: number, faults: readonly Fault[]): FiguresSample {
    const passedMs = this.#at === null ? 0 : at - this.#at
    const hour = (at / HOUR_MS + 9) % 24
    // Fewest people at 4 in the morning, most at 20. Of them 0.5 % are cut, and up to 2 % in the evening.
    const awake = 0.6 + 0.4 * Math.cos(((hour - 20 + 24) / 24) * 2 * Math.PI)
    const active = Math.max(1, Math.round(this.#users * Math.max(0.2, awake)))
    const level = 0.005 + 0.015 * Math.max(0, 1 - Math.abs(hour - 20.5) / 2.5)
    this.#wander(level * active, passedMs)
    if (at > this.#burstFrom + BURST_MS) {
      this.#burstFrom = this.#at === null && this.#burstFrom === 0 ? at - BURST_MS : this.#burstFrom
      this.#burstFrom = at + -Math.log(1 - this.#random()) * this.#burstEveryMs
    }
    this.#at = at
    const burst = at >= this.#burstFrom && at < this.#burstFrom + BURST_MS ? Math.max(0, BURST_SHARE - level) * active : 0
    this.#signIn(active, passedMs, faults, at)
    return this.#counted(at, active, this.#cut + Math.round(burst), faults)
  }

  #counted(at: number, active: number, cut: number, faults: readonly Fault[]): FiguresSample {
    const down = faults.some(({ kind, from, to }) => (kind === 'refuse' || kind === 'hang') && at >= from && at < to)
    if (down) {
      this.#dead ||= faults.some(({ kind, from, to }) => kind === 'refuse' && at >= from && at < to)
      return {
        at,
        process: null,
        cell: '',
        activeUsers: 0,
        affectedUsers: 0,
        signInsTried: 0,
        signInsFailed: 0,
        reconnects: 0,
        accepted: 0,
        refusedBusy: 0,
      }
    }
    if (this.#dead) {
      this.#dead = false
      this.#process += 1
      this.#bornAt = at
      this.#signInsTried = 0
      this.#signInsFailed = 0
    }
    const back = Math.min(1, (at - this.#bornAt + 1_000) / RETURN_MS)
    const gone = faults.filter(({ kind, from, to }) => kind === 'cut' && at >= from + FORGOTTEN_AFTER_MS && at < to)
    const here = Math.round(gone.reduce((left, fault) => left * (1 - shareOf(fault, at)), active * back))
    let affected = Math.min(here, Math.round(cut * back) + (back < 1 ? Math.round(here * 0.04 * this.#random()) : 0))
    for (const fault of faults) affected += Math.round((here - affected) * this.#hit(fault, at))
    const { process, counters } = { process: `p${this.#process}`, counters: { signInsTried: this.#signInsTried, signInsFailed: this.#signInsFailed } }
    return { at, process, cell: 'a', activeUsers: here, affectedUsers: affected, ...counters, reconnects: 0, accepted: 0, refusedBusy: 0 }
  }

  /** Counted 5 s after it happens. Cut people are back within 10 s. Undelivered messages reach people one after the other. */
  #hit(fault: Fault, at: number): number {
    if (fault.kind !== 'cut' && fault.kind !== 'half-open') return 0
    if (at < fault.from + COUNTED_AFTER_MS) return 0
    if (fault.kind === 'cut' && at >= fault.from + FORGOTTEN_AFTER_MS) return 0
    const share = shareOf(fault, Math.min(at, fault.to))
    const reached = fault.kind === 'half-open' ? Math.min(1, (at - fault.from - COUNTED_AFTER_MS) / 60_000) : 1
    return at < fault.to ? share * reached : share * reached * Math.max(0, 1 - (at - fault.to) / 10_000)
  }

  /** People come and go by themselves: a birth-death process around the expected number. */
  #wander(expected: number, passedMs: number): void {
    if (passedMs === 0) this.#cut = Math.round(expected)
    const part = Math.min(1, passedMs / STAY_MS)
    this.#cut = Math.max(0, this.#cut + this.#poisson(expected * part) - this.#poisson(this.#cut * part))
  }

  #signIn(active: number, passedMs: number, faults: readonly Fault[], at: number): void {
    const tried = this.#poisson((active * passedMs) / (6 * HOUR_MS))
    const fault = faults.find(({ kind, from, to }) => kind === 'sign-in' && at >= from && at < to)
    this.#signInsTried += tried
    for (let one = 0; one < tried; one += 1) if (this.#random() < (fault === undefined ? 0.001 : shareOf(fault, at))) this.#signInsFailed += 1
  }

  #poisson(mean: number): number {
    if (mean <= 0) return 0
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#normal()))
    const limit = Math.exp(-mean)
    let product = this.#random()
    let count = 0
    while (product > limit) {
      product *= this.#random()
      count += 1
    }
    return count
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random())
  }
}
