import type { Share } from '../vocabulary/incident.ts'
import { countedShare, surprise } from './share.ts'

export const COUNTER_BOUNDS = {
  /** Surprise from which a count means trouble, as in SILENCE_BOUNDS. */
  surprise: 14,
  expectedMin: 0.5,
  /** Least time between the two samples: those of several processes come at almost the same time. */
  againMs: 1_000,
  /** The trouble is over when the counts were not surprising for this long. */
  calmSurprise: 4,
  calmMs: 8_000,
  /** Sign-ins are rare and are therefore counted over this long. */
  windowMs: 30_000,
} as const

/** Parts that may fail on a healthy server, and from which it is trouble: of the people of a process, and of the tried sign-ins. */
export const PEOPLE_FAILED = { usual: 0.001, trouble: 0.01 } as const
export const SIGN_INS_FAILED = { usual: 0.02, trouble: 0.2 } as const
type Parts = typeof PEOPLE_FAILED | typeof SIGN_INS_FAILED

/** A count of people whom the server itself fails, in two samples in a row far above what may happen. O(1). */
export class CounterTest {
  readonly #parts: Parts
  #seen: { readonly failed: number; readonly of: number } = { failed: 0, of: 0 }
  #suspectedAt: number | null = null
  #since: number | null = null
  #badAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get since(): number | null {
    return this.#since
  }

  /** When the server failed more people than usual last. */
  get badAt(): number {
    return this.#badAt
  }

  get share(): Share {
    return countedShare('affected', 'server', this.#seen.failed, this.#seen.of)
  }

  hear(at: number, failed: number, of: number): void {
    this.#seen = { failed, of }
    const surprising = surprise(failed, Math.max(COUNTER_BOUNDS.expectedMin, this.#parts.usual * of))
    if (surprising >= COUNTER_BOUNDS.calmSurprise) this.#badAt = at
    if (surprising >= COUNTER_BOUNDS.surprise && failed >= this.#parts.trouble * of) {
      this.#suspectedAt ??= at
      if (at - this.#suspectedAt >= COUNTER_BOUNDS.againMs) this.#since ??= this.#suspectedAt
    } else this.#suspectedAt = null
    if (at - this.#badAt >= COUNTER_BOUNDS.calmMs) this.#since = null
  }

  /** The server counts no more. */
  end(): void {
    this.#since = null
    this.#suspectedAt = null
  }
}

/** Two counters that only rise, over the last half minute. A counter that falls, or of another process, starts anew. Bounded. */
export class Window {
  #steps: { readonly at: number; readonly failed: number; readonly of: number }[] = []
  #last: { readonly process: string; readonly failed: number; readonly of: number } | null = null

  hear(at: number, process: string, failed: number, of: number): { readonly failed: number; readonly of: number } {
    const before = this.#last
    this.#last = { process, failed, of }
    if (before?.process === process && of >= before.of && failed >= before.failed) {
      const more = of - before.of
      if (more > 0) this.#add({ at, failed: Math.min(more, failed - before.failed), of: more })
    } else this.#steps = []
    this.#steps = this.#steps.filter((step) => at - step.at < COUNTER_BOUNDS.windowMs)
    return this.#steps.reduce((sum, step) => ({ failed: sum.failed + step.failed, of: sum.of + step.of }), { failed: 0, of: 0 })
  }

  /** One step a second, so that there are at most 30. */
  #add(step: { readonly at: number; readonly failed: number; readonly of: number }): void {
    const last = this.#steps.at(-1)
    if (last === undefined || step.at - last.at >= COUNTER_BOUNDS.againMs) this.#steps.push(step)
    else this.#steps[this.#steps.length - 1] = { at: last.at, failed: last.failed + step.failed, of: last.of + step.of }
  }
}
