import { FORMULA, type Basis, type Hit, type IncidentUpdate, type Share, type Span } from '../vocabulary/incident.ts'
import { mainComponent, mayCount, type Measured } from '../incident/lifecycle.ts'
import { shareOver, type Estimates } from '../judge/incident-share.ts'
import { disagree, shareFromReports } from '../judge/share.ts'
import type { RecordEntry, RecordStore } from '../record/record.ts'
import type { Numbers, Recomputer } from '../record/verify.ts'
import { recomputeDay } from './count-day.ts'
import { evidenceOf } from './evidence.ts'

type ReadEntries = (basis: Basis) => Iterable<RecordEntry>

/**
 * The shares of some spans of trouble, and the entries from which they were computed.
 * @param cohort when people fell silent together last. @param reported place of the devices' newest reports.
 */
export function measure(
  record: Pick<RecordStore, 'seqAt' | 'head'> & { each(query: Pick<Basis, 'fromSeq' | 'toSeq'>): Iterable<RecordEntry> },
  hits: readonly Hit[],
  spans: readonly Span[],
  cohort: Span | null,
  reported: number | null,
): Measured {
  const read: ReadEntries = ({ fromSeq, toSeq }) => record.each({ fromSeq, toSeq })
  const from = Math.min(...spans.map((span) => span.from))
  const ofNow = cohort !== null && (cohort.to ?? from) >= from ? { cohort } : {}
  const basis = { fromSeq: Math.max(1, record.seqAt(from)), toSeq: record.head(), formula: FORMULA, spans, ...ofNow }
  const estimates = mayCount(hits) ? sharesOf(read, basis, hits) : { share: null, beside: null }
  // While it lasts, only devices that are back have reported.
  if (reported === null || spans.some(({ to }) => to === null)) return { ...estimates, basis }
  const told = { fromSeq: reported, toSeq: reported, formula: FORMULA }
  const share = reportedShare(read, told, hits)
  if (share === null || share.affected === 0) return { ...estimates, basis }
  const other = estimates.share
  return { share, beside: other !== null && disagree(share, other) ? other : null, basis: told }
}

/** Computes the shares of an incident from the entries of its basis alone [S6]. */
export function sharesOf(read: ReadEntries, basis: Basis, hits: readonly Hit[]): Estimates {
  return shareOver(evidenceOf(read(basis)), { component: mainComponent(hits), spans: basis.spans ?? [], cohort: basis.cohort ?? null })
}

/** The share reported by devices, from the newest report in the basis. */
export function reportedShare(read: ReadEntries, basis: Basis, hits: readonly Hit[]): Share | null {
  let found: Share | null = null
  for (const entry of read(basis)) if (entry.kind === 'reports') found = shareFromReports(entry.body, mainComponent(hits))
  return found
}

/**
 * Computes the shares of an update again from the entries named in it. Undefined when it names none, as in a person's update, or when they were
 * computed by an earlier formula.
 */
export function recomputeShares({ basis, share, hits }: IncidentUpdate, read: ReadEntries): Estimates | undefined {
  if (basis === null || share === null || share.source === 'person' || basis.formula !== FORMULA) return undefined
  return share.source === 'reports' ? { share: reportedShare(read, basis, hits), beside: null } : sharesOf(read, basis, hits)
}

/** All functions that compute the published numbers of the record again [S6]. */
export const RECOMPUTERS: readonly Recomputer[] = [
  {
    kind: 'incident',
    recompute(entry, read) {
      if (entry.kind !== 'incident') return null
      const found = recomputeShares(entry.body, read)
      if (found === undefined) return null
      return { ...numbersOf('share', found.share), ...(entry.body.share?.source === 'reports' ? {} : numbersOf('beside', found.beside)) }
    },
  },
  {
    kind: 'day',
    recompute(entry, read) {
      if (entry.kind !== 'day' || entry.body.basis.formula !== FORMULA) return null
      const day = recomputeDay(entry.body, read)
      return {
        affectedShare: day?.affectedShare ?? null,
        knownMinutes: day?.knownMinutes ?? null,
        affectedMinutes: day?.affectedMinutes ?? null,
      }
    },
  },
]

function numbersOf(name: string, share: Share | null): Numbers {
  if (share === null) return { [`${name}.value`]: null }
  const { value, low, high, affected, total } = share
  return Object.fromEntries(Object.entries({ value, low, high, affected, total }).map(([field, number]) => [`${name}.${field}`, number]))
}
