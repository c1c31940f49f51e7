import type { IncidentUpdate, MaintenanceUpdate, Basis } from '../incident/incident.ts'
import type { Component, FiguresSample, ObservationBatch, ReportsSample } from './observation.ts'

/** One day of a component, published as a bar. Day in the time zone of the page. */
export interface DaySummary {
  /** As 2026-11-22. */
  readonly day: string
  /** Of the page when it was counted: where the day began and ended. */
  readonly timeZone: string
  readonly component: Component
  /** Share of users × minutes: how many user-minutes of the day were affected, in [0, 1]. */
  readonly affectedShare: number
  /** Minutes in which it was known, and in which somebody was affected. */
  readonly knownMinutes: number
  readonly affectedMinutes: number
  readonly basis: Basis
}

/** What may stand in the record. `kind` tells what `body` is. */
export type RecordBody =
  | { readonly kind: 'observations'; readonly body: ObservationBatch }
  | { readonly kind: 'figures'; readonly body: FiguresSample }
  | { readonly kind: 'reports'; readonly body: ReportsSample }
  | { readonly kind: 'incident'; readonly body: IncidentUpdate }
  | { readonly kind: 'maintenance'; readonly body: MaintenanceUpdate }
  | { readonly kind: 'day'; readonly body: DaySummary }
  /** The sentinel itself began or ended; between an end (or a crash) and the next beginning nothing is known [S2]. */
  | { readonly kind: 'sentinel'; readonly body: { readonly event: 'started' | 'stopped'; readonly version: string } }
  /** Bodies of observations and figures up to this place were let go, because they were older than this; their hashes stay. */
  | { readonly kind: 'dropped'; readonly body: { readonly throughSeq: number; readonly keepDays: number } }

export type RecordKind = RecordBody['kind']

/** One entry: its place, its time, and the hash that chains it to the one before. */
export type RecordEntry = RecordBody & {
  /** Rises by one from 1. */
  readonly seq: number
  /**
   * Epoch ms when it was seen or said, which is when it was written unless it had to wait for the disk. Never falls in the record: where the clock went
   * back, the time of the entry before.
   */
  readonly at: number
  /** SHA-256 over the hash before and the canonical text of this entry, in hex. */
  readonly hash: string
}

/**
 * The record: append-only, hash-chained, in one SQLite file. Several processes may append (the sentinel, and an operator's command beside it);
 * each append is one transaction, fsynced.
 */
export interface RecordStore {
  /**
   * Durable when it returns. @param at of all, or of each. @returns the entries with their places. @throws when the disk is full or the file is gone.
   */
  append(bodies: readonly RecordBody[], at: number | readonly number[]): readonly RecordEntry[]
  /**
   * Entries with seq >= fromSeq, of these kinds (all when left out), oldest first, at most `limit`. Entries whose bodies were let go are not among
   * them. @throws RangeError when there are more than 100,000 and no limit was given: half an answer would look like a whole one.
   */
  read(query: {
    readonly fromSeq?: number
    readonly toSeq?: number
    readonly kinds?: readonly RecordKind[]
    readonly limit?: number
  }): readonly RecordEntry[]
  /** First seq whose time is >= at; the next seq to be written when there is none. */
  seqAt(at: number): number
  /** Place of the newest entry, 0 when there is none. */
  head(): number
  close(): void
}
