import type { Basis, Hit, IncidentUpdate, Share } from '../incident/incident.ts'
import { shareOver } from '../judge/incident-share.ts'
import { shareFromReports } from '../judge/share.ts'
import { COMPONENTS, type Component } from '../record/observation.ts'
import type { RecordEntry, RecordStore } from '../record/record.ts'
import { evidenceOf } from './evidence.ts'

/** Time before a span that is read to learn what is usual. */
const LEARN_MS = 10 * 60_000

type ReadEntries = (basis: Basis) => Iterable<RecordEntry>

/** The component whose share is published for an incident: the most important one affected. */
export function mainComponent(hits: readonly Hit[]): Component {
  return COMPONENTS.find((component) => hits.some((hit) => hit.component === component)) ?? 'messaging'
}

/** The entries from which the share of a span is computed: those of the span and of some time before it. */
export function basisOf(record: Pick<RecordStore, 'seqAt' | 'head'>, from: number): Basis {
  return { fromSeq: Math.max(1, record.seqAt(from - LEARN_MS)), toSeq: record.head() }
}

/** Computes the share of a span from the entries of its basis alone [S6]. */
export function shareOf(read: ReadEntries, basis: Basis, hits: readonly Hit[], from: number, to: number): Share | null {
  return shareOver(evidenceOf(read(basis)), mainComponent(hits), from, to)
}

/** The share reported by devices, from the newest report in the basis. */
export function reportedShare(read: ReadEntries, basis: Basis, hits: readonly Hit[]): Share | null {
  let found: Share | null = null
  for (const entry of read(basis)) if (entry.kind === 'reports') found = shareFromReports(entry.body, mainComponent(hits))
  return found
}

/** Computes the share of an update again from the entries named in the update. Undefined when it names none, as in a person's update. */
export function recomputeShare(update: IncidentUpdate, read: ReadEntries): Share | null | undefined {
  const { basis, share, hits, startedAt, endedAt, at } = update
  if (basis === null || share === null || share.source === 'person') return undefined
  return share.source === 'reports'
    ? reportedShare(read, basis, hits)
    : shareOf(read, basis, hits, basis.from ?? startedAt, basis.to ?? endedAt ?? at)
}
