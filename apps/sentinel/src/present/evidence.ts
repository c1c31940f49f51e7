import type { Evidence } from '../judge/judgement.ts'
import type { RecordEntry, RecordKind } from '../record/record.ts'

/** Kinds of entries that the judge hears. */
export const EVIDENCE_KINDS = ['observations', 'figures'] as const satisfies readonly RecordKind[]

/** Stored entries as what the judge heard when they were written. */
export function* evidenceOf(entries: Iterable<RecordEntry>): Generator<Evidence> {
  for (const entry of entries) {
    const evidence = asEvidence(entry)
    if (evidence !== null) yield evidence
  }
}

/** What was known so long before it came says nothing of now; it stands in the record for the shares of its own time. */
export const NEWS_MS = 30_000

/**
 * What the judge may conclude the present from [S2]. Of what is all old, what is left is that time goes on: whether its place had a network was said of
 * then as well.
 */
export function newsOf(evidence: Evidence): Evidence {
  if (evidence.kind === 'tick') return evidence
  const { at } = evidence
  const isNews = (knownAt: number): boolean => at - knownAt <= NEWS_MS
  if (evidence.kind === 'figures') return isNews(evidence.sample.at) ? evidence : { kind: 'tick', at }
  const { batch } = evidence
  const news = batch.observations.filter(({ knownAt }) => isNews(knownAt))
  if (news.length === batch.observations.length) return evidence
  return news.length === 0 ? { kind: 'tick', at } : { ...evidence, batch: { ...batch, observations: news } }
}

export function asEvidence(entry: RecordEntry): Evidence | null {
  if (entry.kind === 'observations') return { kind: 'observations', at: entry.at, batch: entry.body }
  if (entry.kind === 'figures') return { kind: 'figures', at: entry.at, sample: entry.body }
  return null
}
