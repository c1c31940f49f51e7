import type { IncidentUpdate, MaintenanceUpdate, Basis } from '../incident/incident.ts'
import type { Component, FiguresSample, ObservationBatch, ReportsSample } from './observation.ts'

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
  | { readonly kind: 'reports'; readonly body: ReportsSample }
  | { readonly kind: 'incident'; readonly body: IncidentUpdate }
  | { readonly kind: 'maintenance'; readonly body: MaintenanceUpdate }
  | { readonly kind: 'day'; readonly body: DaySummary }
  /** The sentinel itself started or stopped. Between a stop (or a crash) and the next start nothing is known [S2]. */
  | { readonly kind: 'sentinel'; readonly body: { readonly event: 'started' | 'stopped'; readonly version: string } }
  /** Bodies of observations and figures up to this place were dropped because they were older than `keepDays`. Their hashes stay. */
  | { readonly kind: 'dropped'; readonly body: { readonly throughSeq: number; readonly keepDays: number } }

export type RecordKind = RecordBody['kind']

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

/**
 * The record: append-only and hash-chained, in one SQLite file. Several processes may append (the sentinel, and an operator's command beside it).
 * Each append is one fsynced transaction.
 */
export interface RecordStore {
  /**
   * Durable when it returns. @param at one time for all bodies, or one for each. @returns the entries with their places. @throws when the disk is
   * full or the file is gone.
   */
  append(bodies: readonly RecordBody[], at: number | readonly number[]): readonly RecordEntry[]
  /**
   * Entries with seq >= fromSeq, of these kinds (all when left out), oldest first, at most `limit`. Entries without bodies are left out. @throws
   * RangeError when there are more than 100,000 and no limit was given: half an answer would look like a whole one.
   */
  read(query: {
    readonly fromSeq?: number
    readonly toSeq?: number
    readonly kinds?: readonly RecordKind[]
    readonly limit?: number
  }): readonly RecordEntry[]
  /** First seq whose time is >= at, or the next seq to be written when there is none. */
  seqAt(at: number): number
  /** Seq of the newest entry, 0 when there is none. */
  head(): number
  close(): void
}
