import type { Clock } from '../../apps/server/src/ops/clock.ts'
import type { EventQueue } from './event-queue.ts'

/** What the wall clocks of the world show at its beginning, epoch ms. */
const BEGINNING_MS = 1_790_000_000_000

/** One life of one process: everything it hears comes through here, so that it can be frozen or killed between any two events. */
export class Host implements Clock {
  readonly name: string
  readonly #queue: EventQueue
  #alive = true
  #frozen = false
  #backlog: (() => void)[] = []
  #offsetMs: number
  /** When it last went on after it had been frozen. */
  thawedAt = 0

  constructor(queue: EventQueue, name: string, offsetMs = 0) {
    this.#queue = queue
    this.name = name
    this.#offsetMs = offsetMs
  }

  get alive(): boolean {
    return this.#alive
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** How far its wall clock is from the world's; the next life begins with it. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  now(): number {
    return BEGINNING_MS + Math.round(this.#queue.now) + this.#offsetMs
  }

  monotonic(): number {
    return this.#queue.now
  }

  after(delayMs: number, run: () => void): () => void {
    let cancelled = false
    const cancel = this.#queue.add(delayMs, () =>
      this.#enter(() => {
        if (!cancelled) run()
      }),
    )
    return () => {
      cancelled = true
      cancel()
    }
  }

  every(periodMs: number, run: () => void): () => void {
    const again = (): void => {
      cancel = this.after(periodMs, again)
      run()
    }
    let cancel = this.after(periodMs, again)
    return () => cancel()
  }

  /** Something from outside reaches it. */
  hear(delayMs: number, run: () => void): void {
    this.#queue.add(delayMs, () => this.#enter(run))
  }

  jump(ms: number): void {
    this.#offsetMs += ms
  }

  /** SIGSTOP, or a phone asleep: what comes meanwhile is heard afterwards. */
  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    this.thawedAt = this.#queue.now
    for (const run of this.#backlog.splice(0)) this.hear(0, run)
  }

  die(): void {
    this.#alive = false
    this.#backlog = []
  }

  #enter(run: () => void): void {
    if (!this.#alive) return
    if (this.#frozen) this.#backlog.push(run)
    else run()
  }
}
