import type { Incident, Maintenance } from '../incident/incident.ts'
import type { Judgement } from '../judge/judgement.ts'
import type { Component } from '../record/observation.ts'
import type { DaySummary } from '../record/record.ts'

/** Delivery latency of one interval, from the canaries' tries. */
export interface LatencyPoint {
  readonly at: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly tried: number
  readonly failed: number
}

/** How the record is that the pages are made from: it has all, or what is new waits for the disk, or what is old cannot be read now either. */
export type RecordState = 'written' | 'unwritten' | 'unread'

/** Everything the public documents are rendered from. Made from the record alone. */
export interface Snapshot {
  /** Name of the messenger's server, and addresses people may know. */
  readonly name: string
  /** Where the messenger is. */
  readonly serverUrl: string
  /** Where these pages are, without a slash at the end. */
  readonly pageUrl: string
  /** How the operator can be reached: a phone number, an address; part of every notice. */
  readonly contact: string
  /** IANA name, such as Asia/Seoul. */
  readonly timeZone: string
  /** When this was made, and when the newest evidence was seen; null when there is none yet. */
  readonly madeAt: number
  readonly measuredAt: number | null
  readonly record: RecordState
  /** Places that observe: name, and whether it is heard from and has a network. */
  readonly posts: readonly { readonly name: string; readonly online: boolean; readonly heardAt: number }[]
  readonly components: readonly ComponentState[]
  /** Those not resolved, newest first. */
  readonly open: readonly Incident[]
  /** All of the last 90 days, newest first, the open ones among them. */
  readonly incidents: readonly Incident[]
  /** Not completed, and completed ones of the last 90 days; newest first. */
  readonly maintenances: readonly Maintenance[]
  /** The last 24 hours, oldest first, in steps of 10 minutes. */
  readonly latency: readonly LatencyPoint[]
}

export interface ComponentState {
  readonly component: Component
  readonly judgement: Judgement
  /** The last 90 days, oldest first; null for a day of which nothing is known. */
  readonly days: readonly (DaySummary | null)[]
  /** Of the last 90 days: user-minutes affected, in [0, 1]; null while nothing is known. */
  readonly affectedShare: number | null
  readonly createdAt: number
  readonly updatedAt: number
}
