import type { Clock } from './clock.ts'
import type { Suspicion } from './incident/templates.ts'
import type { Judgement } from './judge/judgement.ts'
import type { FiguresSample } from './record/observation.ts'

/** How long an event at the server (a restart, an overload) counts as a possible cause. */
export const SUSPECT_MS = 120_000

/** Possible causes of a fault, drawn from the server's own figures. They are never more than suspicions. */
export class Suspicions {
  readonly #clock: Pick<Clock, 'monotonic'>
  #last: FiguresSample | null = null
  /** The newest sample from the server. */
  #served: FiguresSample | null = null
  #restartedAt = Number.NEGATIVE_INFINITY
  #busyAt = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  hear(sample: FiguresSample): void {
    const before = this.#served
    if (sample.process !== null) {
      if (before !== null && sample.process !== before.process) this.#restartedAt = this.#clock.monotonic()
      else if (before !== null && sample.refusedBusy > before.refusedBusy) this.#busyAt = this.#clock.monotonic()
      this.#served = sample
    }
    this.#last = sample
  }

  /** @param messaging the current judgement about messaging. */
  of(messaging: Judgement | undefined): Suspicion {
    const now = this.#clock.monotonic()
    if (now - this.#restartedAt < SUSPECT_MS) return 'server-restarted'
    if (now - this.#busyAt < SUSPECT_MS) return 'server-busy'
    if (this.#last === null || this.#last.process === null) {
      return this.#last !== null && messaging?.condition === 'major_outage' ? 'server-gone' : 'unknown'
    }
    return messaging !== undefined && messaging.startedAt !== null && this.#last.affectedUsers > 0 ? 'path-broken' : 'unknown'
  }
}
