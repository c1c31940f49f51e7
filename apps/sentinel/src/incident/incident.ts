import type { Component, Profile } from '../record/observation.ts'

/** State of a component, in the words of Statuspage; `unknown` is ours, for when there is nothing to judge by [S2]. */
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

/** Share of active users affected, in [0, 1], with its interval of confidence. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
  /** Users, or tries, that failed, and all of them. */
  readonly affected: number
  readonly total: number
  /** What it was counted from: the server's figures, the canaries' tries, what devices reported afterwards, or a person's word (counts are then 0). */
  readonly source: 'figures' | 'probes' | 'reports' | 'person'
}

/** Entries of the record from which a number was computed, both ends included, so that anybody can compute it again [S6]. */
export interface Basis {
  readonly fromSeq: number
  readonly toSeq: number
  /** The span of time that the number is of, where it is not that of the whole incident or day; epoch ms. */
  readonly from?: number
  readonly to?: number
}

/** Who says it: the sentinel by itself, or a person, by name. */
export type Author = { readonly kind: 'auto' } | { readonly kind: 'person'; readonly name: string }

/** How far a component was hit; `profiles` are those that failed. */
export interface Hit {
  readonly component: Component
  readonly condition: Condition
  readonly profiles: readonly Profile[]
}

/** One thing said about an incident. The first one opens it. All are kept for ever [S5]. */
export interface IncidentUpdate {
  readonly incidentId: string
  /** Rises by one in each incident, from 1. */
  readonly number: number
  readonly at: number
  readonly by: Author
  readonly status: IncidentStatus
  readonly impact: Impact
  readonly title: Text
  readonly body: Text
  readonly hits: readonly Hit[]
  /** When it began, was noticed, and ended (null while it lasts): three things, each of which can be corrected. */
  readonly startedAt: number
  readonly detectedAt: number | null
  readonly endedAt: number | null
  readonly share: Share | null
  readonly basis: Basis | null
  /** When the next word comes at the latest; null when resolved. */
  readonly nextUpdateAt: number | null
  /** Why an earlier statement was wrong; null when this corrects nothing. */
  readonly correction: Text | null
  /** False for corrections of small things: subscribers are not told. */
  readonly notify: boolean
}

/** One thing said about planned work. The first one announces it. */
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

/** An incident, as folded from its updates; the newest values are those of the last update. */
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
