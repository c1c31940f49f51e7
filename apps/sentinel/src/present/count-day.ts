import { affectedUserMinutes } from '../judge/user-minutes.ts'
import { COMPONENTS, type Component } from '../vocabulary/observation.ts'
import type { DaySummary, RecordEntry, RecordStore } from '../record/record.ts'
import { FORMULA, type Basis } from '../vocabulary/incident.ts'
import { dayBefore, startOf } from '../days.ts'
import { evidenceOf, newsOf } from './evidence.ts'

/** Time before midnight that is read to learn what is usual and what was already going on. */
const LEARN_MS = 15 * 60_000

/** The span of a day in a time zone, up to now when the day is not over. */
export function spanOf(day: string, timeZone: string, now: number): { readonly from: number; readonly to: number } {
  return { from: startOf(day, timeZone), to: Math.min(now, startOf(dayBefore(day, -1), timeZone)) }
}

/** The bars of one day, one for each component; null where nothing was known. Reads the whole day, which takes some seconds. */
export function countDay(
  record: Pick<RecordStore, 'seqAt' | 'head'>,
  read: (basis: Basis) => Iterable<RecordEntry>,
  day: string,
  timeZone: string,
  now: number,
): readonly (DaySummary | null)[] {
  const { from, to } = spanOf(day, timeZone, now)
  const basis = { fromSeq: Math.max(1, record.seqAt(from - LEARN_MS)), toSeq: Math.min(record.head(), record.seqAt(to) - 1), formula: FORMULA }
  if (to <= from || basis.toSeq < basis.fromSeq) return COMPONENTS.map(() => null)
  return COMPONENTS.map((component) => summaryOf(read, basis, component, day, timeZone, from, to))
}

function summaryOf(
  read: (basis: Basis) => Iterable<RecordEntry>,
  basis: Basis,
  component: Component,
  day: string,
  timeZone: string,
  from: number,
  to: number,
): DaySummary | null {
  const { affectedShare, knownMinutes, affectedMinutes } = affectedUserMinutes(evidenceOf(read(basis)).map(newsOf), component, from, to)
  return affectedShare === null ? null : { day, timeZone, component, affectedShare, knownMinutes, affectedMinutes, basis }
}

/** Computes all numbers of a day again from the entries named in its basis [S6]. */
export function recomputeDay({ day, timeZone, component, basis }: DaySummary, read: (basis: Basis) => Iterable<RecordEntry>): DaySummary | null {
  const { from, to } = spanOf(day, timeZone, Number.POSITIVE_INFINITY)
  return summaryOf(read, basis, component, day, timeZone, from, to)
}
