import type { Component, Profile } from '../record/observation.ts'

/** State of a component, in Statuspage's words. `unknown` is our own, for the absence of evidence [S2]. */
export const CONDITIONS = ['operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance', 'unknown'] as const
export type Condition = (typeof CONDITIONS)[number]

export type Impact = 'none' | 'minor' | 'major' | 'critical'
export type IncidentStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem'
export type MaintenanceStatus = 'scheduled' | 'in_progress' | 'verifying' | 'completed'

/** A text in both languages. */
export interface Text {
  readonly ko: string
  readonly en: string
}

/** Share of active users affected, in [0, 1], with its confidence interval. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
  /** Affected users, or failed tries, and the total. */
  readonly affected: number
  readonly total: number
  /** What was counted: the server's figures, the canaries' tries, devices' later reports, or a person's statement (counts are then 0). */
  readonly source: 'figures' | 'probes' | 'reports' | 'person'
}

/** Entries of the record from which a number was computed, both ends included, so that anybody can compute it again [S6]. */
export interface Basis {
  readonly fromSeq: number
  readonly toSeq: number
  /** The span of time the number covers, where it is not the whole incident or day; epoch ms. */
  readonly from?: number
  readonly to?: number
}

/** Who says it: the sentinel itself, or a person, by name. */
export type Author = { readonly kind: 'auto' } | { readonly kind: 'person'; readonly name: string }

/** How badly a component is hit. `profiles` are the failing ones. */
export interface Hit {
  readonly component: Component
  readonly condition: Condition
  readonly profiles: readonly Profile[]
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
  readonly share: Share | null
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
