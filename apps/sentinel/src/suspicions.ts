import type { Clock } from './clock.ts'
import type { Suspicion } from './incident/templates.ts'
import type { Judgement } from './judge/judgement.ts'
import type { FiguresSample } from './vocabulary/observation.ts'

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

  of(judgements: readonly Judgement[]): Suspicion {
    const now = this.#clock.monotonic()
    // What cannot be reached from here, or what nobody knows to fail, has no cause at the server.
    if (!judgements.some(({ trouble }) => trouble === 'failing' || trouble === 'late')) return 'unknown'

    if (now - this.#restartedAt < SUSPECT_MS) return 'server-restarted'
    if (now - this.#busyAt < SUSPECT_MS) return 'server-busy'
    if (this.#last === null) return 'unknown'
    if (this.#last.process === null) return judgements.some(({ condition }) => condition === 'major_outage') ? 'server-gone' : 'unknown'
    return this.#last.failedUsers > 0 ? 'server-failing' : 'unknown'
  }
}
