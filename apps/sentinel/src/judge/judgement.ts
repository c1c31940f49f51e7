import type { Condition, Share } from '../incident/incident.ts'
import type { Component, FiguresSample, ObservationBatch, Profile } from '../record/observation.ts'

/** What the judge hears, in the order of time. It knows nothing else: no clock, no store. */
export type Evidence =
  | { readonly kind: 'observations'; readonly at: number; readonly batch: ObservationBatch }
  | { readonly kind: 'figures'; readonly at: number; readonly sample: FiguresSample }
  /** Time goes on: comes every second, so that silence is evidence too. */
  | { readonly kind: 'tick'; readonly at: number }

/** What the judge holds of one component now. */
export interface Judgement {
  readonly component: Component
  readonly condition: Condition
  /** Profiles that fail; both when it is not told apart. Empty when operational or unknown. */
  readonly profiles: readonly Profile[]
  /** When this condition was concluded. */
  readonly since: number
  /** When what led to it began: the first failing try, or the first sample above what is usual. Null when operational or unknown. */
  readonly startedAt: number | null
  /** Share affected now, where it is known. */
  readonly share: Share | null
  /** Tries that failed, and all of them, in the window that decided; figures for the notice's sentence. */
  readonly failed: number
  readonly tried: number
}

/** Folds evidence into judgements. Deterministic: the same evidence gives the same judgements, which is how the record is verified [S6]. */
export interface Judge {
  hear(evidence: Evidence): void
  /** The judgement of each component now, in the order of COMPONENTS. */
  judgements(): readonly Judgement[]
}
