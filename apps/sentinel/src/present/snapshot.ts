import type { Condition, Incident, Maintenance } from '../vocabulary/incident.ts'
import type { Judgement } from '../judge/judgement.ts'
import type { Component } from '../vocabulary/observation.ts'
import type { DaySummary } from '../record/record.ts'

/** Delivery latency of one interval, from the canaries' tries. */
export interface LatencyPoint {
  readonly at: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly tried: number
  readonly failed: number
}

/** State of the record behind the pages: everything is written, or new entries wait for the disk. */
export type RecordState = 'written' | 'unwritten'

/** Everything that the public documents are rendered from. Made from the record alone. */
export interface Snapshot {
  /** Name of the messenger, and addresses that people may know. */
  readonly name: string
  /** Address of the messenger. */
  readonly serverUrl: string
  /** Address of these pages, without a trailing slash. */
  readonly pageUrl: string
  /** How to reach the operator: a phone number or an address. Part of every notice. */
  readonly contact: string
  /** IANA name, such as Asia/Seoul. */
  readonly timeZone: string
  /** Time of this snapshot, and time of the newest evidence; null when there is none yet. */
  readonly madeAt: number
  readonly measuredAt: number | null
  readonly record: RecordState
  /** Messages shown as sent may be lost when a machine breaks: the operator has allowed it [O19]. */
  readonly unsafe: boolean
  /** Observing posts: their names, whether they were heard recently and whether they have a network. */
  readonly posts: readonly { readonly name: string; readonly online: boolean; readonly heardAt: number }[]
  readonly components: readonly ComponentState[]
  /** Unresolved incidents, newest first. */
  readonly open: readonly Incident[]
  /** All incidents of the last 90 days, newest first, open ones included. */
  readonly incidents: readonly Incident[]
  /** Maintenance that is not completed, or was completed in the last 90 days; newest first. */
  readonly maintenances: readonly Maintenance[]
  /** The last 24 hours, oldest first, in steps of 10 minutes. */
  readonly latency: readonly LatencyPoint[]
}

export interface ComponentState {
  readonly component: Component
  /** As measured, or as a person set it. */
  readonly judgement: Judgement
  /** Who set the state, since when, and what is measured meanwhile. Left out when the state is measured. */
  readonly pin?: { readonly by: string; readonly at: number; readonly measured: Condition }
  /** The last 90 days, oldest first. Null for a day without knowledge. */
  readonly days: readonly (DaySummary | null)[]
  /** Until when the present day was counted; null before its first count. */
  readonly countedAt: number | null
  /** Share of affected user-minutes in the last 90 days, in [0, 1]. Null while nothing is known. */
  readonly affectedShare: number | null
  readonly createdAt: number
  readonly updatedAt: number
}
