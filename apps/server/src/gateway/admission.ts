import type { DeviceId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Overload } from '../ops/overload.ts'

export const ADMISSION_BOUNDS = {
  /** So much of a second's hellos may come at once. */
  burstSeconds: 0.1,
  /** Under overload the rate is divided by this, for those who come from then on. */
  overloadDivisor: 2,
  /** Hellos that cannot continue (no cursors, another epoch) have a rate of their own, this part of the other: each costs many times as much. */
  freshShare: 1 / 8,
  /** A hello whose turn comes within this is held, so that it needs no second try. Less than a device waits for its welcome. */
  holdMs: 4_000,
  /** Most hellos held at a time, and most of their text together. */
  heldMax: 4_000,
  heldCharsMax: 16_777_216,
  /** Turns are kept to this, so that those held share timers. */
  stepMs: 10,
  /** Most places kept for devices that were told to come back. Beyond it a device is told a time, but nothing is kept for it. */
  placesMax: 50_000,
  /** A place is kept so long after its time. A device comes up to a second late by design, and more on a slow network. */
  keepMs: 15_000,
  /** Hellos of one device: so many at once, and then one in so many ms. Whoever says hello over and over takes no more of the rate than that. */
  perDevice: { burst: 10, intervalMs: 1_000 },
} as const

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
  /** When each device that said hello lately will have paid for it all. In the order of asking. */
  readonly #asked = new Map<DeviceId, number>()
  readonly #held = new Set<DeviceId>()
  #heldChars = 0

  constructor(clock: Clock, perSecond: number, overload: Pick<Overload, 'sheds'>) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#overload = overload
    this.#resumes = new Pace(perSecond)
    this.#fresh = new Pace(perSecond * ADMISSION_BOUNDS.freshShare)
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
   * Gives a device its turn.
   * @param chars how much text its hello is, as it is kept while it waits.
   * @param go called when the turn of a hello that is held has come.
   */
  ask(deviceId: DeviceId, fresh: boolean, chars: number, go: () => void): Turn {
    const now = this.#clock.monotonic()
    const ownMs = this.#ownWaitMs(deviceId, now)
    if (ownMs > 0) return { kind: 'later', retryAfterMs: Math.ceil(ownMs) }
    const waitMs = this.#place(deviceId, fresh, now)
    if (waitMs === 0) {
      this.#places.delete(deviceId)
      return { kind: 'now' }
    }
    const { holdMs, heldMax, heldCharsMax } = ADMISSION_BOUNDS
    // One for each device, or a single one could fill all there is.
    const holds = waitMs <= holdMs && this.#held.size < heldMax && this.#heldChars + chars <= heldCharsMax && !this.#held.has(deviceId)
    if (!holds) return { kind: 'later', retryAfterMs: Math.ceil(waitMs) }
    this.#held.add(deviceId)
    this.#heldChars += chars
    // Not cancelled when the device goes: it is less than holdMs away, and the count stays true of what is kept.
    this.#clock.after(Math.ceil(waitMs / ADMISSION_BOUNDS.stepMs) * ADMISSION_BOUNDS.stepMs, () => {
      this.#held.delete(deviceId)
      this.#heldChars -= chars
      this.#places.delete(deviceId)
      go()
    })
    return { kind: 'held' }
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
    if (kept !== undefined && now <= kept + ADMISSION_BOUNDS.keepMs) return Math.max(0, kept - now)
    const [pace, perSecond] = fresh ? [this.#fresh, this.#perSecond * ADMISSION_BOUNDS.freshShare] : [this.#resumes, this.#perSecond]
    pace.setRate(this.#overload.sheds('resume') ? perSecond / ADMISSION_BOUNDS.overloadDivisor : perSecond)
    // At least one at a time, however low the rate.
    const waitMs = pace.waitMs(now, Math.max(ADMISSION_BOUNDS.burstSeconds * 1_000, 1_000 / perSecond) - 1_000 / perSecond)
    this.#forget(now)
    if (waitMs > 0) {
      // Told a time without a place: taking one would put those who come back in front of an ever longer queue of nobody.
      if (this.#places.size >= ADMISSION_BOUNDS.placesMax) return waitMs
      this.#places.delete(deviceId)
      this.#places.set(deviceId, now + waitMs)
    }
    pace.take(now)
    return waitMs
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
