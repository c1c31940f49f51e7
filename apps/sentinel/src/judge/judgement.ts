import type { Condition, Share } from '../incident/incident.ts'
import type { Component, FiguresSample, ObservationBatch, Profile } from '../record/observation.ts'

/** The judge's only input, in order of time. The judge has no clock and no store. */
export type Evidence =
  | { readonly kind: 'observations'; readonly at: number; readonly batch: ObservationBatch }
  | { readonly kind: 'figures'; readonly at: number; readonly sample: FiguresSample }
  /** Time passes: one tick a second, so that silence is evidence too. */
  | { readonly kind: 'tick'; readonly at: number }

/** The judge's verdict on one component now. */
export interface Judgement {
  readonly component: Component
  readonly condition: Condition
  /** Failing profiles; both when they cannot be told apart. Empty when operational or unknown. */
  readonly profiles: readonly Profile[]
  /** When this condition was concluded. */
  readonly since: number
  /** Start of the cause: the first failing try, or the first sample above usual. Null when operational or unknown. */
  readonly startedAt: number | null
  /** Share affected now, where known. */
  readonly share: Share | null
  /** Failed tries and all tries in the deciding window, for the sentence of the notice. */
  readonly failed: number
  readonly tried: number
}

/** Folds evidence into judgements. Deterministic: the same evidence gives the same judgements, which makes the record verifiable [S6]. */
export interface Judge {
  hear(evidence: Evidence): void
  /** The current judgement of each component, in the order of COMPONENTS. */
  judgements(): readonly Judgement[]
}
