import type { DeviceId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Overload } from '../ops/overload.ts'

export const ADMISSION_BOUNDS = {
  /** So much of a second's hellos may come at once: what is in one turn of the event loop keeps those waiting who are in. */
  burstSeconds: 0.02,
  /** Under overload the rate is divided by this, for those who come from then on. */
  overloadDivisor: 2,
  /** Hellos that cannot continue (no cursors, another epoch) have a rate of their own, this part of the other: each costs many times as much. */
  freshShare: 1 / 8,
  /** A hello that brings cursors pays like one without, when it needs so many resets after all, and in more than half of its conversations. */
  resetsMin: 5,
  /**
   * A hello whose turn comes within this is held, so that it needs no second try. Less than the three seconds after which a device that comes to the
   * front gives up a connection that says nothing [C4].
   */
  holdMs: 2_500,
  /** Most hellos held at a time, and most of their text together. */
  heldMax: 4_000,
  heldCharsMax: 16_777_216,
  /** Turns are kept to this by the clock, so that those of one step come in together and share one way to the store and back. */
  stepMs: 10,
  /** Of those whose turn has come, as many as come in so many steps are let in in one turn of the event loop: after a pause it does not pause again. */
  stepsPerTurn: 1,
  /** Most places kept for devices that were told to come back. Beyond it a device is told a time, but nothing is kept for it. */
  placesMax: 50_000,
  /** A place is kept so long after its time. A device comes up to a second late by design, and more on a slow network. */
  keepMs: 15_000,
  /** Hellos of one device: so many at once, and then one in so many ms. Whoever says hello over and over takes no more of the rate than that. */
  perDevice: { burst: 10, intervalMs: 1_000 },
} as const

/** Who waits for a turn: one connection of a device. */
export interface Comer {
  /** Its turn has come. @returns false when nobody is there any more to take it. */
  enter(): boolean
  /** The device has come on another connection, which waits in its place. */
  replaced(): void
}

/** When a hello may go on. */
export type Turn = { readonly kind: 'now' } | { readonly kind: 'held' } | { readonly kind: 'later'; readonly retryAfterMs: number }

/**
 * One virtual queue: the generic cell rate algorithm (ITU-T I.371, annex A), which is a token bucket that also says when the next token is there.
 * Whoever asks is given the next place in it, now or later.
 */
class Pace {
  #intervalMs: number
  /** When the place after the last one given out would be, were there no burst. */
  #next = 0

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond
  }

  /** Places from the next one on are so far apart. */
  setRate(perSecond: number): void {
    this.#intervalMs = 1_000 / perSecond
  }

  /** @returns how long the next place is away, 0 when it is there. */
  waitMs(now: number, burstMs: number): number {
    return Math.max(0, Math.max(this.#next, now) - burstMs - now)
  }

  take(now: number): void {
    this.#next = Math.max(this.#next, now) + this.#intervalMs
  }
}

/**
 * Lets devices in at a bounded rate, before anything is read for them [O3]. A hello that comes too early is held when its turn is near, else told
 * its turn, for which its place is kept: so each device needs at most one more try, and the server does each piece of work once.
 */
export class Admission {
  readonly #clock: Clock
  readonly #overload: Pick<Overload, 'sheds'>
  readonly #perSecond: number
  readonly #resumes: Pace
  readonly #fresh: Pace
  /** Monotonic ms at which each device that waits may come. In the order of asking, so that the oldest stand first. */
  readonly #places = new Map<DeviceId, number>()
  /** Devices that have paid as fresh, though they will come with cursors again, and their turn. In the order of paying. */
  readonly #paid = new Map<DeviceId, number>()
  /** When each device that said hello lately will have paid for it all. In the order of asking. */
  readonly #asked = new Map<DeviceId, number>()
  /** The newest connection of each device that is held. */
  readonly #held = new Map<DeviceId, { readonly comer: Comer; readonly chars: number }>()
  #heldChars = 0
  /** Devices whose turn has come, first to last. */
  #due: DeviceId[] = []
  readonly #perTurn: number
  #working = false

  constructor(clock: Clock, perSecond: number, overload: Pick<Overload, 'sheds'>) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#overload = overload
    this.#resumes = new Pace(perSecond)
    this.#fresh = new Pace(perSecond * ADMISSION_BOUNDS.freshShare)
    this.#perTurn = Math.max(1, Math.ceil((perSecond * ADMISSION_BOUNDS.stepMs * ADMISSION_BOUNDS.stepsPerTurn) / 1_000))
  }

  /**
   * It was let in as one that continues, and turns out not to: what it brought as cursors was no help, or made up. It pays what the others pay.
   * @returns milliseconds until it may come again, for which it has a place; 0 when it may go on now.
   */
  payAsFresh(deviceId: DeviceId): number {
    const now = this.#clock.monotonic()
    const paid = this.#paid.get(deviceId)
    this.#paid.delete(deviceId)
    if (paid !== undefined && now <= paid + ADMISSION_BOUNDS.keepMs) return 0
    const waitMs = this.#wait(this.#fresh, this.#perSecond * ADMISSION_BOUNDS.freshShare, now)
    if (!this.#give(deviceId, this.#fresh, waitMs, now) || waitMs === 0) return Math.ceil(waitMs)
    this.#paid.set(deviceId, now + waitMs)
    for (const [other, at] of this.#paid) {
      if (at + ADMISSION_BOUNDS.keepMs >= now && this.#paid.size <= ADMISSION_BOUNDS.placesMax) break
      this.#paid.delete(other)
    }
    return Math.ceil(waitMs)
  }

  /** Hellos that are held now. */
  get held(): number {
    return this.#held.size
  }

  /** Places kept for devices, those held among them. */
  get places(): number {
    return this.#places.size
  }

  /**
   * Gives a device its turn. A device that is held already takes it up with its newest connection: whoever comes again, for being asked to wait or
   * for a connection that broke, is not sent to the end of the queue [O3].
   * @param chars how much text its hello is, as it is kept while it waits.
   * @param comer hears of it when it is held.
   */
  ask(deviceId: DeviceId, fresh: boolean, chars: number, comer: Comer): Turn {
    const now = this.#clock.monotonic()
    const ownMs = this.#ownWaitMs(deviceId, now)
    if (ownMs > 0) return { kind: 'later', retryAfterMs: Math.ceil(ownMs) }
    const before = this.#held.get(deviceId)
    const waitMs = this.#place(deviceId, fresh, now)
    if (waitMs === 0 && before === undefined) {
      this.#places.delete(deviceId)
      return { kind: 'now' }
    }
    const { holdMs, heldMax, heldCharsMax } = ADMISSION_BOUNDS
    const heldChars = this.#heldChars - (before?.chars ?? 0) + chars
    const holds = waitMs <= holdMs && (before !== undefined || this.#held.size < heldMax) && heldChars <= heldCharsMax
    if (!holds) return { kind: 'later', retryAfterMs: Math.ceil(waitMs) }
    this.#held.set(deviceId, { comer, chars })
    this.#heldChars = heldChars
    if (before === undefined) this.#plan(deviceId, now + waitMs, now)
    else before.comer.replaced()
    return { kind: 'held' }
  }

  /** Not cancelled when the connection goes: it is less than holdMs away, and the count stays true of what is kept. */
  #plan(deviceId: DeviceId, at: number, now: number): void {
    this.#clock.after(Math.ceil(at / ADMISSION_BOUNDS.stepMs) * ADMISSION_BOUNDS.stepMs - now, () => {
      this.#due.push(deviceId)
      if (!this.#working) this.#letIn()
    })
  }

  /** A few in each turn of the event loop, with whatever else is to be done between. */
  #letIn(): void {
    const now = this.#due.splice(0, this.#perTurn)
    for (const deviceId of now) {
      const held = this.#held.get(deviceId)
      if (held === undefined) continue
      this.#held.delete(deviceId)
      this.#heldChars -= held.chars
      // The place of one that has gone stays for a while: it is on its way with another connection.
      if (held.comer.enter()) this.#places.delete(deviceId)
    }
    this.#working = now.length > 0
    if (this.#working) this.#clock.after(0, () => this.#letIn())
  }

  /** @returns how long this device has asked too often for, 0 when it has not. */
  #ownWaitMs(deviceId: DeviceId, now: number): number {
    const { burst, intervalMs } = ADMISSION_BOUNDS.perDevice
    const paidAt = Math.max(now, this.#asked.get(deviceId) ?? 0)
    const waitMs = paidAt + intervalMs - burst * intervalMs - now
    if (waitMs > 0) return waitMs
    this.#asked.delete(deviceId)
    this.#asked.set(deviceId, paidAt + intervalMs)
    // Those who have paid are forgotten; at the bound the one who asked longest ago is.
    let looked = 0
    for (const [other, at] of this.#asked) {
      if ((at > now && this.#asked.size <= ADMISSION_BOUNDS.placesMax) || looked++ >= 2) break
      this.#asked.delete(other)
    }
    return 0
  }

  /** @returns how long a device has to wait: to its own place when it has one, so that asking again and again gains nothing and takes nothing. */
  #place(deviceId: DeviceId, fresh: boolean, now: number): number {
    const kept = this.#places.get(deviceId)
    if (kept !== undefined && now <= kept + ADMISSION_BOUNDS.keepMs) return Math.max(0, kept - now) // [seam: kept-turn]
    const [pace, perSecond] = fresh ? [this.#fresh, this.#perSecond * ADMISSION_BOUNDS.freshShare] : [this.#resumes, this.#perSecond]
    const waitMs = this.#wait(pace, perSecond, now)
    this.#give(deviceId, pace, waitMs, now)
    return waitMs
  }

  #wait(pace: Pace, perSecond: number, now: number): number {
    pace.setRate(this.#overload.sheds('resume') ? perSecond / ADMISSION_BOUNDS.overloadDivisor : perSecond)
    // At least one at a time, however low the rate.
    return pace.waitMs(now, Math.max(ADMISSION_BOUNDS.burstSeconds * 1_000, 1_000 / perSecond) - 1_000 / perSecond)
  }

  /** Gives the next place in a queue. @returns false when there are too many already: then a time is told, and nothing is kept. */
  #give(deviceId: DeviceId, pace: Pace, waitMs: number, now: number): boolean {
    this.#forget(now)
    if (waitMs > 0) {
      // Told a time without a place: taking one would put those who come back in front of an ever longer queue of nobody.
      if (this.#places.size >= ADMISSION_BOUNDS.placesMax) return false
      this.#places.delete(deviceId)
      this.#places.set(deviceId, now + waitMs)
    }
    pace.take(now)
    return true
  }

  /** Drops places nobody came for, oldest first. Two for each that is given out, so that they cannot grow for ever. */
  #forget(now: number): void {
    let looked = 0
    for (const [deviceId, at] of this.#places) {
      if (at + ADMISSION_BOUNDS.keepMs >= now || looked++ >= 2) return
      this.#places.delete(deviceId)
    }
  }
}
