import type { LatencyPoint } from './snapshot.ts'
import type { Observation } from '../vocabulary/observation.ts'

/** One day, divided into steps. */
export const LATENCY_BOUNDS = { stepMs: 600_000, steps: 144 } as const

interface Step {
  readonly at: number
  readonly deliveredMs: number[]
  /** Null after each new try. */
  point: LatencyPoint | null
  tried: number
  failed: number
}

const NOTHING = { p50Ms: null, p99Ms: null, tried: 0, failed: 0 } as const

/** Delivery times of messages in the last 24 hours, from the canaries' tries. Bounded: one day has at most 86,400 tries at the calm rate. */
export class Latency {
  readonly #steps: Step[] = []

  hear(observation: Observation): void {
    const { component, outcome, at, deliveredMs, light } = observation
    // Outcomes that are reported in addition to another outcome of the same try do not count as a try.
    if (component !== 'messaging' || light === true || outcome === 'late' || outcome === 'lost' || outcome === 'doubled' || outcome === 'reordered')
      return
    const step = this.#stepOf(at)
    if (step === null) return
    step.point = null
    step.tried++
    if (outcome !== 'ok') step.failed++
    if (deliveredMs !== null) step.deliveredMs.push(deliveredMs)
  }

  /** All steps of the last day. Steps without tries are included: time without measurement is shown too. */
  points(now: number): readonly LatencyPoint[] {
    const known = new Map(this.#steps.map((step) => [step.at, step]))
    const first = startOf(now) - (LATENCY_BOUNDS.steps - 1) * LATENCY_BOUNDS.stepMs
    return Array.from({ length: LATENCY_BOUNDS.steps }, (_, index) => {
      const at = first + index * LATENCY_BOUNDS.stepMs
      const step = known.get(at)
      return step === undefined ? { at, ...NOTHING } : (step.point ??= pointOf(step))
    })
  }

  /** Steps are in order of time. A try older than the oldest step is ignored. */
  #stepOf(at: number): Step | null {
    const start = startOf(at)
    const found = this.#steps.findLast((step) => step.at <= start)
    if (found?.at === start) return found
    const step: Step = { at: start, deliveredMs: [], point: null, tried: 0, failed: 0 }
    const index = found === undefined ? 0 : this.#steps.indexOf(found) + 1
    this.#steps.splice(index, 0, step)
    if (this.#steps.length > LATENCY_BOUNDS.steps) this.#steps.shift()
    return this.#steps.includes(step) ? step : null
  }
}

function pointOf({ at, deliveredMs, tried, failed }: Step): LatencyPoint {
  const sorted = deliveredMs.toSorted((one, other) => one - other)
  return { at, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), tried, failed }
}

function startOf(at: number): number {
  return Math.floor(at / LATENCY_BOUNDS.stepMs) * LATENCY_BOUNDS.stepMs
}

/** Percentile by the nearest-rank method. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
