import type { Component, Profile } from './observation.ts'

/** State of a component, in Statuspage's words. `unknown` is our own, for the absence of evidence [S2]. */
export const CONDITIONS = ['operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance', 'unknown'] as const
export type Condition = (typeof CONDITIONS)[number]

/** How bad a condition is. Where nobody is known to fail it is 0. */
export const RANK: Readonly<Record<Condition, number>> = {
  operational: 0,
  unknown: 0,
  under_maintenance: 0,
  degraded_performance: 1,
  partial_outage: 2,
  major_outage: 3,
}

/** From the least on. */
export const IMPACTS = ['none', 'minor', 'major', 'critical'] as const
export type Impact = (typeof IMPACTS)[number]
export const INCIDENT_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'] as const
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number]
export type MaintenanceStatus = 'scheduled' | 'in_progress' | 'completed'

/** A text in both languages. */
export interface Text {
  readonly ko: string
  readonly en: string
}

/**
 * What the trouble of a component is. `failing`: things are refused or do not arrive. `late`: they arrive after more than 5 s, or may still arrive.
 * `slow`: they arrive slower than usual. `silent`: many people fell silent together, and nobody knows yet whether they are affected [S9].
 * `from-here`: the only post cannot reach the messenger, and nothing shows that others cannot.
 */
export type Trouble = 'failing' | 'late' | 'slow' | 'silent' | 'from-here'

/** A part of people or tries, in [0, 1], with its 95 % interval. */
export interface Share {
  /** `affected`: they tried, or should have received, and could not. `silent`: they fell silent together; whether they are affected is unknown [S9]. */
  readonly kind: 'affected' | 'silent'
  /** What was counted: tries of the canaries, people known to the server, devices' reports, devices' direct words; or what a person stated. */
  readonly source: 'tries' | 'server' | 'reports' | 'devices' | 'person'
  readonly value: number
  readonly low: number
  readonly high: number
  /** Counted people, or failed tries, and the total. Both are 0 in a person's statement. */
  readonly affected: number
  readonly total: number
  /** Of people who fell silent together: how many are not back. */
  readonly stillOut?: number
}

/** A span of time, epoch ms. `to` is null while it lasts. */
export interface Span {
  readonly from: number
  readonly to: number | null
}

/** Version of the formulas of shares and days. Numbers of an earlier version are not computed again [S6]. */
export const FORMULA = 3

/** Entries of the record from which a number was computed, both ends included, so that anybody can compute it again [S6]. */
export interface Basis {
  readonly fromSeq: number
  readonly toSeq: number
  /** Missing in numbers of the first formulas. */
  readonly formula?: number
  /** The spans of time the number covers, where it is not a whole day. */
  readonly spans?: readonly Span[]
  /** When the counted people fell silent. */
  readonly cohort?: Span
}

/** Who says it: the sentinel itself, or a person, by name. */
export type Author = { readonly kind: 'auto' } | { readonly kind: 'person'; readonly name: string }

/** How badly a component is hit. `profiles` are the failing ones. `trouble` is missing in what a person says. */
export interface Hit {
  readonly component: Component
  readonly condition: Condition
  readonly profiles: readonly Profile[]
  readonly trouble?: Trouble
}

/** One statement about an incident. The first one opens the incident. All are kept for ever [S5]. */
export interface IncidentUpdate {
  readonly incidentId: string
  /** Number within the incident: starts at 1 and rises by 1. */
  readonly number: number
  readonly at: number
  readonly by: Author
  readonly status: IncidentStatus
  readonly impact: Impact
  readonly title: Text
  readonly body: Text
  readonly hits: readonly Hit[]
  /** Start, detection and end (null while it lasts). Each of the three can be corrected. */
  readonly startedAt: number
  readonly detectedAt: number | null
  readonly endedAt: number | null
  /** When it lasted: several spans when it returned. Missing in earlier records, where start and end say it. */
  readonly spans?: readonly Span[]
  readonly share: Share | null
  /** A second estimate that is published too: it disagrees with the first, or counts people who fell silent together. */
  readonly beside?: Share | null
  readonly basis: Basis | null
  /** Latest time of the next update. Null when resolved. */
  readonly nextUpdateAt: number | null
  /** Why an earlier statement was wrong. Null when nothing is corrected. */
  readonly correction: Text | null
  /** False for corrections of small things: subscribers are not notified. */
  readonly notify: boolean
}

/** One statement about maintenance. The first one announces it. */
export interface MaintenanceUpdate {
  readonly maintenanceId: string
  readonly number: number
  readonly at: number
  readonly by: Author
  readonly status: MaintenanceStatus
  readonly title: Text
  readonly body: Text
  readonly components: readonly Component[]
  readonly scheduledFor: number
  readonly scheduledUntil: number
  readonly notify: boolean
}

/** An incident folded from its updates. The fields hold the values of the newest update. */
export interface Incident extends Omit<IncidentUpdate, 'number' | 'at' | 'by' | 'body' | 'basis' | 'correction' | 'notify'> {
  readonly spans: readonly Span[]
  readonly beside: Share | null
  readonly createdAt: number
  readonly updatedAt: number
  /** Oldest first. */
  readonly updates: readonly IncidentUpdate[]
}

export interface Maintenance extends Omit<MaintenanceUpdate, 'number' | 'at' | 'by' | 'body' | 'notify'> {
  readonly createdAt: number
  readonly updatedAt: number
  readonly updates: readonly MaintenanceUpdate[]
}
