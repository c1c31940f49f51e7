import type { Condition, Share, Span, Trouble } from '../vocabulary/incident.ts'
import type { Component, DevicesSample, FiguresSample, ObservationBatch, Profile, ReportsSample } from '../vocabulary/observation.ts'

/** The judge's only input, in order of time. The judge has no clock and no store. */
export type Evidence =
  | { readonly kind: 'observations'; readonly at: number; readonly batch: ObservationBatch }
  | { readonly kind: 'figures'; readonly at: number; readonly sample: FiguresSample }
  | { readonly kind: 'devices'; readonly at: number; readonly sample: DevicesSample }
  | { readonly kind: 'reports'; readonly at: number; readonly sample: ReportsSample }
  /** Time passes: one tick a second, so that silence is evidence too. */
  | { readonly kind: 'tick'; readonly at: number }

/** The judge's verdict on one component now. */
export interface Judgement {
  readonly component: Component
  readonly condition: Condition
  /** What the trouble is. Null when operational or unknown. */
  readonly trouble: Trouble | null
  /** Failing profiles; both when they cannot be told apart. Empty when operational or unknown. */
  readonly profiles: readonly Profile[]
  /** When this condition and trouble were concluded. */
  readonly since: number
  /** Start of the cause: the first failing try, or the moment of the common silence. Null when operational or unknown. */
  readonly startedAt: number | null
  /** People affected now. Null where it is not known, or nobody is known to be affected. */
  readonly share: Share | null
  /** People who fell silent together and are not back, while nobody knows whether they are affected [S9]. */
  readonly silent: Share | null
  /** When those fell silent, for following them in the record. */
  readonly cohort: Span | null
  /** Other people who are not heard from. Null when the server does not say. They are counted nowhere [S9]. */
  readonly unheard: number | null
  /** Some of several posts fail alone; the messenger is not accused [S1]. Null when there are none. */
  readonly alone: { readonly failing: number; readonly of: number } | null
  /** The share is between none and all, and more tries are needed to know it well. */
  readonly unsure: boolean
}

/** Folds evidence into judgements. Deterministic: the same evidence gives the same judgements, which makes the record verifiable [S6]. */
export interface Judge {
  hear(evidence: Evidence): void
  /** The current judgement of each component, in the order of COMPONENTS. */
  judgements(): readonly Judgement[]
  /** Epoch ms at which the newest trouble of a component ended. Null when there was none. */
  endedAt(component: Component): number | null
}
