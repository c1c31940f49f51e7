import type { Share } from '../incident/incident.ts'
import { Bursts } from './bursts.ts'
import { shareFromFigures, surprise } from './share.ts'
import { BURN_PAIRS, SLO, SlowBurn } from './slow-burn.ts'
import { Usual, USUAL_BOUNDS, type Compared } from './usual.ts'

// Detects trouble from the server's own figures. The error is the share of active users affected beyond what is usual; the objective is 99.99 %.

export const BURN_BOUNDS = {
  /**
   * Surprise from which figures mean trouble. States of a town two minutes apart are independent, which gives about 263,000 a year. Figures may cause
   * a fifth of a false alarm a year: L = ln(263,000 / 0.2) = 14. This bound keeps small towns quiet: of 30 people 8 must be cut.
   */
  surprise: Math.log((365 * 720) / 0.2),
  /** Surprise that the state itself must reach, regardless of the minute before: people can also disappear one after the other. */
  surpriseOfState: 10,
  /**
   * The fast pair, for a sudden cut: burn 350, which is 3.5 points beyond usual, over 10 s and over 4 s. The excess must be surprising even on top of
   * the largest burst of the last days. If it is not, the alarm waits until a burst would be over.
   */
  fastBurn: 350,
  fastLongMs: 10_000,
  fastShortMs: 4_000,
  surpriseOverBursts: 5,
  burstMs: 34_000,
  /**
   * The patient pair, for a small cut: burn 50, half a point, for 40 s without a break. Half of the surprise is needed all the time, and all of it in
   * the mean and in the last 10 s. A train has left its tunnel by then.
   */
  patientBurn: 50,
  patientLongMs: 40_000,
  patientShortMs: 6_000,
  /**
   * After a start of the server its people return one after the other, and few are counted. A process younger than this needs a larger excess:
   * `youngBurn`.
   */
  youngMs: 30_000,
  /** The excess needed in a young process: 20 points. */
  youngBurn: 2_000,
  /** People count as affected after 5 s without a connection. */
  countedAfterMs: 5_000,
  /** Older figures say nothing about the present. */
  freshMs: 6_000,
  /** The trouble is over when the excess was below this part of its height, and below the bounds, for this long. */
  calmMs: 8_000,
  calmPart: 0.3,
  calmExcessMin: 0.005,
  calmExcessMax: 0.02,
  calmSurprise: 4,
  /** Part of the cut people that must be connected again. Otherwise the server has only forgotten them. */
  returnedPart: 0.3,
  /** The number of connected people is updated while the excess is at least this part of its height. */
  heightPart: 0.75,
  /** After this time a remaining small excess, or a lower number of people, counts as the new normal. */
  adoptMs: 2 * 3_600_000,
} as const

const RING = 32

interface Heard extends Compared {
  readonly at: number
}

interface Alarm {
  readonly startedAt: number
  readonly alarmedAt: number
  /** Largest excess, and the number of people it stands for. */
  height: number
  heightUsers: number
  /** Connected people when the excess was last near its height. */
  connected: number
}

/** Multi-window, multi-burn-rate detection over a sequence of samples. O(1) in time and memory. */
export class BurnRate {
  readonly #usual = new Usual()
  readonly #bursts = new Bursts()
  readonly #slow = BURN_PAIRS.map((pair) => new SlowBurn(pair))
  readonly #ring: Heard[] = []
  #next = 0
  #bornAt = Number.NEGATIVE_INFINITY
  #process: string | null = null
  #last: Heard | null = null
  /** First sample of a run above the fast threshold, and of a run above the patient threshold. */
  #aboveFast: number | null = null
  #abovePatient: { readonly at: number; affected: number; active: number; count: number } | null = null
  #alarm: Alarm | null = null
  #lastBadAt = Number.NEGATIVE_INFINITY

  /** Start of the trouble, or null. */
  get alarmedSince(): number | null {
    return this.#alarm?.startedAt ?? null
  }

  /** Last time at which more people were affected than usual. */
  get lastBadAt(): number {
    return this.#lastBadAt
  }

  isFresh(at: number): boolean {
    return this.#last !== null && at - this.#last.at <= BURN_BOUNDS.freshMs
  }

  /** Ends the alarm after a long silence: trouble before the silence is not known to continue. */
  giveUp(): void {
    this.#alarm = null
    this.#afterSilence()
  }

  /** Share affected now, smoothed over the newest samples. Null before the first sample. */
  share(): Share | null {
    if (this.#last === null) return null
    const { affectedUsers, activeUsers, usual } = this.#over(this.#last.at, BURN_BOUNDS.fastShortMs)
    return shareFromFigures(Math.round(affectedUsers), Math.round(activeUsers), usual)
  }

  /** @param at ms of a clock that never goes back. @param process the counting process; a new name means a restart. */
  hear(at: number, process: string, activeUsers: number, affectedUsers: number): void {
    if (this.#process !== process) {
      if (this.#process !== null) this.#bornAt = at
      this.#process = process
    }
    if (this.#last !== null && at - this.#last.at > BURN_BOUNDS.freshMs) this.#afterSilence()
    const compared = this.#usual.hear(at, activeUsers, affectedUsers, this.#alarm !== null)
    this.#last = { at, ...compared }
    this.#ring[this.#next] = this.#last
    this.#next = (this.#next + 1) % RING
    const share = activeUsers > 0 ? affectedUsers / activeUsers : 0
    for (const pair of this.#slow) pair.hear(at, share, this.#alarm !== null, USUAL_BOUNDS.shareMax)
    this.#bursts.hear(at, compared.excess, this.#alarm !== null)
    if (this.#alarm === null) this.#lookForTrouble(this.#last)
    else this.#lookForCalm(this.#last, this.#alarm)
  }

  /** Runs above a threshold do not continue across a silence. */
  #afterSilence(): void {
    this.#ring.length = 0
    this.#next = 0
    this.#aboveFast = null
    this.#abovePatient = null
  }

  #lookForTrouble(sample: Heard): void {
    const { at, excess } = sample
    const fastExcess = burnt(at - this.#bornAt < BURN_BOUNDS.youngMs ? BURN_BOUNDS.youngBurn : BURN_BOUNDS.fastBurn)
    const patientExcess = burnt(BURN_BOUNDS.patientBurn)
    const slow = this.#slow.find(({ burning }) => burning)
    if (slow === undefined && excess <= patientExcess && this.#abovePatient === null) {
      this.#aboveFast = null
      return
    }
    if (excess <= fastExcess) this.#aboveFast = null
    else if (this.#aboveFast === null) this.#aboveFast = at
    const since =
      this.#fastSince(at, fastExcess) ?? this.#patientSince(sample, patientExcess) ?? (slow === undefined ? null : this.#slowSince(at, slow))
    if (since === null) return
    this.#alarm = { startedAt: since - BURN_BOUNDS.countedAfterMs, alarmedAt: at, height: 0, heightUsers: 0, connected: 0 }
    this.#lookForCalm(sample, this.#alarm)
  }

  #fastSince(at: number, fastExcess: number): number | null {
    // One sample is not enough: at least two must exceed the threshold.
    if (this.#aboveFast === null || this.#aboveFast === at) return null
    const long = this.#over(at, BURN_BOUNDS.fastLongMs)
    if (long.excess <= fastExcess || this.#over(at, BURN_BOUNDS.fastShortMs).excess <= fastExcess) return null
    if (!this.#isSurprising(long, 1)) return null
    const burst = this.#usual.expected(long.activeUsers) + this.#bursts.largest * long.activeUsers
    const clear = surprise(long.affectedUsers, burst) >= BURN_BOUNDS.surpriseOverBursts
    return clear || at - this.#aboveFast >= BURN_BOUNDS.burstMs ? this.#aboveFast : null
  }

  #patientSince({ at, activeUsers, affectedUsers, excess }: Heard, patientExcess: number): number | null {
    const above = excess > patientExcess && this.#isSurprising(this.#over(at, BURN_BOUNDS.patientShortMs), 0.5)
    if (!above) this.#abovePatient = null
    else if (this.#abovePatient === null) this.#abovePatient = { at, affected: affectedUsers, active: activeUsers, count: 1 }
    else {
      this.#abovePatient.affected += affectedUsers
      this.#abovePatient.active += activeUsers
      this.#abovePatient.count += 1
    }
    const since = this.#abovePatient
    if (since === null || at - since.at < BURN_BOUNDS.patientLongMs || at - this.#bornAt < BURN_BOUNDS.youngMs) return null
    if (!this.#usual.isLearned(at)) return null
    const mean = { affectedUsers: since.affected / since.count, activeUsers: since.active / since.count }
    return this.#isSurprising(mean, 1) && this.#isSurprising(this.#over(at, BURN_BOUNDS.fastLongMs), 1) ? since.at : null
  }

  #isSurprising({ affectedUsers, activeUsers }: Pick<Compared, 'affectedUsers' | 'activeUsers'>, part: number): boolean {
    return (
      this.#usual.surprise(affectedUsers, activeUsers) >= BURN_BOUNDS.surprise * part &&
      this.#usual.surpriseOfState(affectedUsers, activeUsers) >= BURN_BOUNDS.surpriseOfState * part
    )
  }

  /** A slow rise has been learned as usual. From now on it is compared with what the day is like. */
  #slowSince(at: number, slow: SlowBurn): number | null {
    const { affectedUsers, activeUsers } = this.#over(at, BURN_BOUNDS.patientShortMs)
    if (affectedUsers - slow.usual * activeUsers <= BURN_BOUNDS.calmExcessMax * activeUsers) return null
    if (slow.surprise(activeUsers) < BURN_BOUNDS.surprise) return null
    this.#usual.adopt(slow.usual)
    return at
  }

  #lookForCalm(sample: Heard, alarm: Alarm): void {
    const { at } = sample
    const now = this.#over(at, BURN_BOUNDS.patientShortMs)
    if (now.excess > alarm.height) {
      alarm.height = now.excess
      alarm.heightUsers = now.excess * now.activeUsers
    }
    const calmExcess = Math.min(BURN_BOUNDS.calmExcessMax, Math.max(BURN_BOUNDS.calmExcessMin, alarm.height * BURN_BOUNDS.calmPart))
    const connected = sample.activeUsers - sample.affectedUsers
    // Returned people must come on top of those who were still connected during the trouble.
    if (sample.excess > alarm.height * BURN_BOUNDS.heightPart) alarm.connected = connected
    const lasting = at - alarm.alarmedAt >= BURN_BOUNDS.adoptMs && now.excess < BURN_BOUNDS.calmExcessMax
    const returned = at - this.#bornAt < BURN_BOUNDS.adoptMs || connected - alarm.connected >= alarm.heightUsers * BURN_BOUNDS.returnedPart
    // One person of a small town is several percent of it, and no sign that trouble goes on.
    const { activeUsers, affectedUsers } = sample
    const some = sample.excess > calmExcess && this.#usual.surpriseOfState(affectedUsers, activeUsers) >= BURN_BOUNDS.calmSurprise
    if (some || !returned) this.#lastBadAt = at
    if (lasting) this.#usual.adopt(now.affectedUsers / Math.max(1, now.activeUsers))
    if (!lasting && at - this.#lastBadAt < BURN_BOUNDS.calmMs) return
    this.#alarm = null
    this.#aboveFast = null
    this.#abovePatient = null
  }

  /** Mean of the samples of the last `spanMs`. These samples describe the same people and therefore count as one observation. */
  #over(at: number, spanMs: number): Compared {
    let activeUsers = 0
    let affectedUsers = 0
    let excess = 0
    let count = 0
    for (let back = 1; back <= this.#ring.length; back += 1) {
      const each = this.#ring[(this.#next - back + RING) % RING]
      if (each === undefined || at - each.at >= spanMs) break
      activeUsers += each.activeUsers
      affectedUsers += each.affectedUsers
      excess += each.excess
      count += 1
    }
    if (count === 0) return { activeUsers: 0, affectedUsers: 0, usual: this.#usual.share, excess: 0 }
    return { activeUsers: activeUsers / count, affectedUsers: affectedUsers / count, usual: this.#usual.share, excess: excess / count }
  }
}

function burnt(burn: number): number {
  return burn * (1 - SLO)
}
