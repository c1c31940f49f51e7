import type { EventQueue } from './event-queue.ts'
import type { Met } from './faults.ts'
import type { Host } from './host.ts'

/** A turn is kept, give or take a second. */
const GIVE_OR_TAKE_MS = 1_000
/** Longest wait a device takes from a server. */
const DIRECTED_MS_MAX = 300_000

interface Turn {
  readonly toldAt: number
  readonly at: number
  /** By the device's own clock, which may have jumped since. */
  readonly wallAt: number
}

/** When one device was told to come, and whether it does [O3]. */
export class Turns {
  readonly #queue: EventQueue
  readonly #met: Met
  readonly #host: () => Host
  readonly #broken: (sentence: string) => void
  readonly #came: () => void
  /** By the server that gave it; simulated ms. */
  readonly #given = new Map<Host, number>()
  /** The last that has reached the device, until it connects. */
  #heard: Turn | null = null

  constructor(queue: EventQueue, met: Met, host: () => Host, broken: (sentence: string) => void, came: () => void) {
    this.#queue = queue
    this.#met = met
    this.#host = host
    this.#broken = broken
    this.#came = came
  }

  give(server: Host, at: number): void {
    this.#met.add('server: told to come later')
    this.#given.set(server, at)
  }

  /** The device says hello to this server. @returns the turn it has there. */
  take(server: Host): number | null {
    const at = this.#given.get(server) ?? null
    this.#given.delete(server)
    return at
  }

  hear(retryAfterMs: number): void {
    const waitMs = Math.min(retryAfterMs, DIRECTED_MS_MAX)
    this.#heard = { toldAt: this.#queue.now, at: this.#queue.now + waitMs, wallAt: this.#host().now() + waitMs }
  }

  /** Another life knows nothing of it. */
  forget(): void {
    this.#heard = null
  }

  connects(): void {
    const turn = this.#heard
    this.#heard = null
    if (turn === null) return
    this.#came()
    const { now } = this.#queue
    const host = this.#host()
    // By its wall clock where that says so: timers stand still in sleep, and a clock that was set is believed.
    const isEarly = now < turn.at - GIVE_OR_TAKE_MS && host.now() < turn.wallAt - GIVE_OR_TAKE_MS
    if (isEarly) this.#broken(`connects ${Math.round(turn.at - now)} ms before its turn`)
    const slept = host.frozen || host.thawedAt > turn.toldAt
    if (!slept && now > turn.at + GIVE_OR_TAKE_MS) this.#broken(`connects ${Math.round(now - turn.at)} ms after its turn`)
  }
}
