import type { IncidentUpdate, MaintenanceUpdate, Basis } from '../vocabulary/incident.ts'
import type { Component, DevicesSample, FiguresSample, ObservationBatch, ReportsSample } from '../vocabulary/observation.ts'

/** One day of a component, published as a bar. The day is in the time zone of the page. */
export interface DaySummary {
  /** As 2026-11-22. */
  readonly day: string
  /** Time zone of the page when the day was counted. It defines start and end of the day. */
  readonly timeZone: string
  readonly component: Component
  /** Share of affected user-minutes in all user-minutes of the day, in [0, 1]. */
  readonly affectedShare: number
  /** Minutes with knowledge, and minutes in which someone was affected. */
  readonly knownMinutes: number
  readonly affectedMinutes: number
  readonly basis: Basis
}

/** Everything that may be in the record. `kind` says what `body` is. */
export type RecordBody =
  | { readonly kind: 'observations'; readonly body: ObservationBatch }
  | { readonly kind: 'figures'; readonly body: FiguresSample }
  | { readonly kind: 'devices'; readonly body: DevicesSample }
  | { readonly kind: 'reports'; readonly body: ReportsSample }
  | { readonly kind: 'incident'; readonly body: IncidentUpdate }
  | { readonly kind: 'maintenance'; readonly body: MaintenanceUpdate }
  | { readonly kind: 'day'; readonly body: DaySummary }
  /** The sentinel itself started or stopped. Between a stop (or a crash) and the next start nothing is known [S2]. */
  | { readonly kind: 'sentinel'; readonly body: { readonly event: 'started' | 'stopped'; readonly version: string } }
  /** Evidence up to this place was dropped because it was older than `keepDays`. `digest`: see segments.ts. */
  | { readonly kind: 'dropped'; readonly body: { readonly throughSeq: number; readonly keepDays: number; readonly digest: string } }

export type RecordKind = RecordBody['kind']

/** Kinds that are written all the time, packed when their hour is over, and dropped when they are old. The others are statements and stay. */
export const PACKED_KINDS = ['observations', 'figures', 'devices'] as const satisfies readonly RecordKind[]
export const KINDS: readonly RecordKind[] = [...PACKED_KINDS, 'reports', 'incident', 'maintenance', 'day', 'sentinel', 'dropped']

/** One entry: its place, its time, and the hash that chains it to its predecessor. */
export type RecordEntry = RecordBody & {
  /** Starts at 1 and rises by 1. */
  readonly seq: number
  /**
   * Epoch ms of the observation or statement, also when it had to wait for the disk. Never falls within the record: when the clock went back, the
   * entry has the time of its predecessor.
   */
  readonly at: number
  /** SHA-256 over the previous hash and the canonical text of this entry, in hex. */
  readonly hash: string
}

/** A part of the record: places from and to, kinds (all when left out), and the most entries. */
export interface RecordQuery {
  readonly fromSeq?: number
  readonly toSeq?: number
  readonly kinds?: readonly RecordKind[]
  readonly limit?: number
}

/** What others need of a record to name a part of it. */
export interface RecordStore {
  /** First seq whose time is >= at, or the next seq to be written when there is none. */
  seqAt(at: number): number
  /** Seq of the newest entry, 0 when there is none. */
  head(): number
}
