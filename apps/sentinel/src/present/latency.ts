import type { LatencyPoint } from '../publish/snapshot.ts'
import type { Observation } from '../record/observation.ts'

/** A day, in steps. */
export const LATENCY_BOUNDS = { stepMs: 600_000, steps: 144 } as const

interface Step {
  readonly at: number
  readonly deliveredMs: number[]
  tried: number
  failed: number
}

const NOTHING = { deliveredMs: [] as readonly number[], tried: 0, failed: 0 } as const

/** How long messages took to be delivered in the last 24 hours, from the canaries' tries. Bounded: a day of tries at the calm rhythm is 86,400. */
export class Latency {
  readonly #steps: Step[] = []

  hear(observation: Observation): void {
    const { component, outcome, at, deliveredMs } = observation
    // What is told besides, or a second time, is no further try.
    if (component !== 'messaging' || outcome === 'late' || outcome === 'lost' || outcome === 'doubled' || outcome === 'reordered') return
    const step = this.#stepOf(at)
    if (step === null) return
    step.tried++
    if (outcome !== 'ok') step.failed++
    if (deliveredMs !== null) step.deliveredMs.push(deliveredMs)
  }

  /** Every step of the last day, those in which nothing was tried among them: time without measurement is time too. */
  points(now: number): readonly LatencyPoint[] {
    const known = new Map(this.#steps.map((step) => [step.at, step]))
    const first = startOf(now) - (LATENCY_BOUNDS.steps - 1) * LATENCY_BOUNDS.stepMs
    return Array.from({ length: LATENCY_BOUNDS.steps }, (_, index) => {
      const at = first + index * LATENCY_BOUNDS.stepMs
      const { deliveredMs, tried, failed } = known.get(at) ?? NOTHING
      const sorted = deliveredMs.toSorted((one, other) => one - other)
      return { at, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), tried, failed }
    })
  }

  /** Steps stand by rising time; a try from before the oldest is left out. */
  #stepOf(at: number): Step | null {
    const start = startOf(at)
    const found = this.#steps.findLast((step) => step.at <= start)
    if (found?.at === start) return found
    const step: Step = { at: start, deliveredMs: [], tried: 0, failed: 0 }
    const index = found === undefined ? 0 : this.#steps.indexOf(found) + 1
    this.#steps.splice(index, 0, step)
    if (this.#steps.length > LATENCY_BOUNDS.steps) this.#steps.shift()
    return this.#steps.includes(step) ? step : null
  }
}

function startOf(at: number): number {
  return Math.floor(at / LATENCY_BOUNDS.stepMs) * LATENCY_BOUNDS.stepMs
}

/** Nearest rank. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
