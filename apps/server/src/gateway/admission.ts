import type { DeviceId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Overload } from '../ops/overload.ts'

export const ADMISSION_BOUNDS = {
  /** Part of a second's hellos that may come at once: everything in one turn of the event loop makes connected devices wait. */
  burstSeconds: 0.02,
  /** Divisor of the highest rate under overload, for devices that arrive from then on. */
  overloadDivisor: 2,
  /** Time between two looks at how late work is. Each look may change the rate. */
  lookMs: 100,
  /** Work is late when a device enters this long after its turn, or the event loop or a queue of the store is this late. The rate then falls. */
  lateMsHigh: 50,
  /** Work is on time when it is at most this late. The rate then rises. */
  lateMsLow: 20,
  /** Factors of the rate at a look. It falls faster than it rises: a queue that was let in too fast has to be worked off. */
  rateFalls: 0.8,
  rateRises: 1.1,
  /** The rate never falls below this part of the highest rate: a machine that is busy with other work must not keep devices out for ever. */
  rateShareMin: 0.1,
  /**
   * Hellos that cannot continue (no cursors, another epoch) have a rate of their own, this part of the normal rate, because each costs many times as
   * much.
   */
  freshShare: 1 / 8,
  /** A hello with cursors counts like one without when it needs at least this many resets, and in more than half of its conversations. */
  resetsMin: 5,
  /**
   * A hello whose turn comes within this time is held, so that it needs no second try. Less than the three seconds after which a device in front
   * gives up a silent connection [C4].
   */
  holdMs: 2_500,
  /**
   * The same for a device that is told its turn while it waits. Less than the minute after which common proxies close a silent connection. In a storm,
   * a connection made twice costs more than one that waits.
   */
  holdToldMs: 40_000,
  /** Most held hellos, and most text in all of them. */
  heldMax: 16_000,
  heldCharsMax: 33_554_432,
  /**
   * Devices that are being let in at a time, as a part of a second's hellos, and while work is late. How fast the store finds out where they are then
   * sets their pace, also where several processes share it.
   */
  enteringSeconds: 0.05,
  enteringLateMax: 20,
  /** Turns are rounded to this step, so that those of one step share one round trip to the store. */
  stepMs: 10,
  /** Devices admitted in one turn of the event loop, as a number of steps: after a pause the server does not pause again. */
  stepsPerTurn: 1,
  /** Most places kept for devices told to come back. Beyond it a device gets a time without a place. */
  placesMax: 50_000,
  /** How long a place is kept after its time. A device comes up to a second late by design, and later on a slow network. */
  keepMs: 15_000,
  /** Hellos of one device: this many at once, then one in each interval. A device that repeats hello takes no more of the rate. */
  perDevice: { burst: 10, intervalMs: 1_000 },
} as const

/** A connection that waits for a turn. */
export interface Comer {
  /** Its turn has come. @returns false when the connection is gone. */
  enter(): boolean
  /** The device has opened another connection, which waits in its place. */
  replaced(): void
}

/** When a hello may continue. */
export type Turn =
  | { readonly kind: 'now' }
  | { readonly kind: 'held'; readonly inMs: number }
  | { readonly kind: 'later'; readonly retryAfterMs: number }

/**
 * One virtual queue: the generic cell rate algorithm (ITU-T I.371, annex A), a token bucket that also says when the next token is available. Each
 * request gets the next place, now or later.
 */
class Pace {
  #intervalMs: number
  /** The place after the last assigned one, without the burst. */
  #next = 0

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond
  }

  /** Sets the distance between places from the next one on. */
  setRate(perSecond: number): void {
    this.#intervalMs = 1_000 / perSecond
  }

  /** @returns the time until the next place; 0 when it is available. */
  waitMs(now: number, burstMs: number): number {
    return Math.max(0, Math.max(this.#next, now) - burstMs - now)
  }

  spend(now: number): void {
    this.#next = Math.max(this.#next, now) + this.#intervalMs
  }
}

/**
 * Admits devices at a bounded rate before anything is read for them [O3]. A hello that comes too early is held when its turn is near. Otherwise it
 * gets a turn and a place. Each device therefore needs at most one more try, and the server does each piece of work once.
 */
export class Admission {
  readonly #clock: Clock
  readonly #overload: Pick<Overload, 'sheds' | 'lateMs'>
  /** The highest rate. */
  readonly #perSecondMax: number
  /** What the machine can do now. */
  #perSecond: number
  /** Time of the next look at how late work is, and how late the latest device entered since the last one. */
  #looksAt = 0
  #enteredLateMs = 0
  readonly #resumes: Pace
  readonly #fresh: Pace
  /** Monotonic ms of each waiting device's turn, in the order of asking, oldest first. */
  readonly #places = new Map<DeviceId, number>()
  /** Devices that have paid as fresh and will come back with cursors, with their turns, in the order of paying. */
  readonly #paid = new Map<DeviceId, number>()
  /** When each device that said hello lately will have paid for all its hellos, in the order of asking. */
  readonly #asked = new Map<DeviceId, number>()
  /** The newest held connection of each device. */
  readonly #held = new Map<DeviceId, { readonly comer: Comer; readonly chars: number }>()
  #heldChars = 0
  /** Devices whose turn has come, first to last, with the time of their turn. */
  #due: { readonly deviceId: DeviceId; readonly at: number }[] = []
  #working = false
  /** Monotonic ms of the last turn that admitted devices. */
  #letInAt = 0
  /** Devices that are being let in now. */
  #entering = 0

  constructor(clock: Clock, perSecondMax: number, overload: Pick<Overload, 'sheds' | 'lateMs'>) {
    this.#clock = clock
    this.#perSecondMax = perSecondMax
    this.#perSecond = perSecondMax
    this.#overload = overload
    this.#resumes = new Pace(perSecondMax)
    this.#fresh = new Pace(perSecondMax * ADMISSION_BOUNDS.freshShare)
  }

  /**
   * A device admitted as continuing that cannot continue, because its cursors were useless or made up. It pays the price of a fresh device.
   * @returns milliseconds until it may come again, with a place; 0 when it may continue now.
   */
  payAsFresh(deviceId: DeviceId): number {
    const now = this.#clock.monotonic()
    const paid = this.#paid.get(deviceId)
    this.#paid.delete(deviceId)
    if (paid !== undefined && now <= paid + ADMISSION_BOUNDS.keepMs) return 0
    const waitMs = this.#wait(this.#fresh, ADMISSION_BOUNDS.freshShare, now)
    if (!this.#give(deviceId, this.#fresh, waitMs, now) || waitMs === 0) return Math.ceil(waitMs)
    this.#paid.set(deviceId, now + waitMs)
    for (const [other, at] of this.#paid) {
      if (at + ADMISSION_BOUNDS.keepMs >= now && this.#paid.size <= ADMISSION_BOUNDS.placesMax) break
      this.#paid.delete(other)
    }
    return Math.ceil(waitMs)
  }

  /** Held hellos. */
  get held(): number {
    return this.#held.size
  }

  /** Devices admitted in a second at most, as the machine is now. */
  get perSecond(): number {
    return this.#perSecond
  }

  /** Places kept for devices, held ones included. */
  get places(): number {
    return this.#places.size
  }

  /**
   * Gives a device its turn. A device that is already held continues with its newest connection: coming again, by request or after a broken
   * connection, does not send it to the end of the queue [O3].
   * @param chars length of its hello, which is kept while it waits.
   * @param comer the connection to call when the hello is held.
   * @param isTold the device can be told its turn while it waits.
   */
  ask(deviceId: DeviceId, fresh: boolean, chars: number, comer: Comer, isTold = false): Turn {
    const now = this.#clock.monotonic()
    const ownMs = this.#ownWaitMs(deviceId, now)
    if (ownMs > 0) return { kind: 'later', retryAfterMs: Math.ceil(ownMs) }
    const before = this.#held.get(deviceId)
    // A held hello keeps its turn, however late the machine is [O11].
    const waitMs = before === undefined ? this.#place(deviceId, fresh, now) : Math.max(0, (this.#places.get(deviceId) ?? now) - now)
    // Nobody passes those whose turn has come before.
    if (waitMs === 0 && before === undefined && this.#room() > 0 && (this.#due.length === 0 || this.#held.size >= ADMISSION_BOUNDS.heldMax)) {
      this.#places.delete(deviceId)
      return { kind: 'now' }
    }
    const { holdMs, holdToldMs, heldMax, heldCharsMax } = ADMISSION_BOUNDS
    const heldChars = this.#heldChars - (before?.chars ?? 0) + chars
    const holds = waitMs <= (isTold ? holdToldMs : holdMs) && (before !== undefined || this.#held.size < heldMax) && heldChars <= heldCharsMax
    if (!holds) return { kind: 'later', retryAfterMs: Math.ceil(waitMs) }
    this.#held.set(deviceId, { comer, chars })
    this.#heldChars = heldChars
    if (before === undefined) this.#plan(deviceId, now + waitMs, now)
    else before.comer.replaced()
    return { kind: 'held', inMs: Math.ceil(waitMs) }
  }

  /** Lets a device in whose turn has come: finds out what it has missed. */
  async letIn(step: () => Promise<void>): Promise<void> {
    this.#entering++
    try {
      await step()
    } finally {
      this.#entering--
    }
  }

  get #isLate(): boolean {
    return this.#overload.lateMs() > ADMISSION_BOUNDS.lateMsHigh
  }

  /** How many more devices may be let in beside those that are. */
  #room(): number {
    const { enteringSeconds, enteringLateMax } = ADMISSION_BOUNDS
    const most = Math.max(enteringLateMax, this.#perSecondMax * enteringSeconds)
    return Math.max(0, (this.#isLate ? enteringLateMax : Math.ceil(most)) - this.#entering)
  }

  /** Not cancelled when the connection closes: it is at most holdToldMs away, and the count of kept text stays true. */
  #plan(deviceId: DeviceId, at: number, now: number): void {
    const turnAt = Math.ceil(at / ADMISSION_BOUNDS.stepMs) * ADMISSION_BOUNDS.stepMs
    this.#clock.after(turnAt - now, () => {
      this.#due.push({ deviceId, at: turnAt })
      if (!this.#working) this.#letIn()
    })
  }

  /**
   * Admits a few devices in each turn of the event loop, with other work in between. While work is late, they are as many as the lowest rate gives since
   * the turn before, so that slow turns do not push it lower [O11].
   */
  #letIn(): void {
    const now = this.#clock.monotonic()
    const { stepMs, stepsPerTurn, rateShareMin } = ADMISSION_BOUNDS
    const isLate = this.#isLate
    const turnMs = stepMs * stepsPerTurn
    const sinceMs = this.#working ? Math.max(turnMs, now - this.#letInAt) : turnMs
    const share = isLate ? Math.min(this.#perSecondMax * turnMs, this.#perSecondMax * rateShareMin * sinceMs) : this.#perSecond * turnMs
    const room = this.#room()
    const few = this.#due.splice(0, Math.min(room, Math.max(1, Math.ceil(share / 1_000))))
    this.#letInAt = now
    for (const { deviceId, at } of few) {
      this.#enteredLateMs = Math.max(this.#enteredLateMs, now - at)
      const held = this.#held.get(deviceId)
      if (held === undefined) continue
      this.#held.delete(deviceId)
      this.#heldChars -= held.chars
      this.#places.delete(deviceId)
      // The place of a closed connection stays for a while from now on: the device is coming with another one [O11].
      if (!held.comer.enter() && this.#places.size < ADMISSION_BOUNDS.placesMax) this.#places.set(deviceId, now)
    }
    this.#look(now)
    this.#working = few.length > 0 || this.#due.length > 0
    if (this.#working) this.#clock.after(isLate || room === 0 ? stepMs : 0, () => this.#letIn())
  }

  /** Lowers or raises the rate, so that it follows what the machine can do [O3]. */
  #look(now: number): void {
    if (now < this.#looksAt) return
    const { lookMs, lateMsHigh, lateMsLow, rateFalls, rateRises, rateShareMin } = ADMISSION_BOUNDS
    const lateMs = Math.max(this.#enteredLateMs, this.#overload.lateMs())
    // Looks that nobody needed count as calm ones.
    const calmLooks = this.#looksAt === 0 ? 0 : Math.floor((now - this.#looksAt) / lookMs)
    let rate = this.#perSecond * rateRises ** calmLooks
    if (lateMs > lateMsHigh) rate *= rateFalls
    else if (lateMs <= lateMsLow) rate *= rateRises
    this.#perSecond = Math.min(this.#perSecondMax, Math.max(this.#perSecondMax * rateShareMin, rate))
    this.#looksAt = now + lookMs
    this.#enteredLateMs = 0
  }

  /** @returns how long this device must wait for asking too often; 0 when it need not. */
  #ownWaitMs(deviceId: DeviceId, now: number): number {
    const { burst, intervalMs } = ADMISSION_BOUNDS.perDevice
    const paidAt = Math.max(now, this.#asked.get(deviceId) ?? 0)
    const waitMs = paidAt + intervalMs - burst * intervalMs - now
    if (waitMs > 0) return waitMs
    this.#asked.delete(deviceId)
    this.#asked.set(deviceId, paidAt + intervalMs)
    // Devices that have paid are forgotten. At the bound, the one that asked longest ago is forgotten.
    let looked = 0
    for (const [other, at] of this.#asked) {
      if ((at > now && this.#asked.size <= ADMISSION_BOUNDS.placesMax) || looked++ >= 2) break
      this.#asked.delete(other)
    }
    return 0
  }

  /** @returns how long a device must wait: until its own place when it has one, so that asking again gains nothing and takes nothing. */
  #place(deviceId: DeviceId, fresh: boolean, now: number): number {
    const kept = this.#places.get(deviceId)
    if (kept !== undefined && now <= kept + ADMISSION_BOUNDS.keepMs) return Math.max(0, kept - now) // [seam: kept-turn]
    const [pace, share] = fresh ? [this.#fresh, ADMISSION_BOUNDS.freshShare] : [this.#resumes, 1]
    const waitMs = this.#wait(pace, share, now)
    this.#give(deviceId, pace, waitMs, now)
    return waitMs
  }

  /** @param share the part of the rate that this queue has. */
  #wait(pace: Pace, share: number, now: number): number {
    this.#look(now)
    const most = this.#perSecondMax / (this.#overload.sheds('resume') ? ADMISSION_BOUNDS.overloadDivisor : 1)
    const perSecond = Math.min(most, this.#perSecond) * share
    pace.setRate(perSecond)
    // At least one at a time, however low the rate.
    return pace.waitMs(now, Math.max(ADMISSION_BOUNDS.burstSeconds * 1_000, 1_000 / perSecond) - 1_000 / perSecond)
  }

  /** Assigns the next place in a queue. @returns false when there are too many places: the device then gets a time, and nothing is kept. */
  #give(deviceId: DeviceId, pace: Pace, waitMs: number, now: number): boolean {
    this.#forget(now)
    if (waitMs > 0) {
      // A time without a place: with a place, returning devices would find an ever longer queue of nobody.
      if (this.#places.size >= ADMISSION_BOUNDS.placesMax) return false
      this.#places.delete(deviceId)
      this.#places.set(deviceId, now + waitMs)
    }
    pace.spend(now)
    return true
  }

  /** Drops places that nobody came for, oldest first. Two for each assigned one, so that they cannot grow for ever. */
  #forget(now: number): void {
    let looked = 0
    for (const [deviceId, at] of this.#places) {
      if (at + ADMISSION_BOUNDS.keepMs >= now || looked++ >= 2) return
      this.#places.delete(deviceId)
    }
  }
}
