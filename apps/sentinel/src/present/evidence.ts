import type { Evidence } from '../judge/judgement.ts'
import type { RecordEntry, RecordKind } from '../record/record.ts'

/** Kinds of entries that the judge uses. */
export const EVIDENCE_KINDS = ['observations', 'figures', 'devices', 'reports'] as const satisfies readonly RecordKind[]

/** Turns stored entries into the evidence that the judge heard when they were written. */
export function* evidenceOf(entries: Iterable<RecordEntry>): Generator<Evidence> {
  for (const entry of entries) {
    const evidence = asEvidence(entry)
    if (evidence !== null) yield evidence
  }
}

/**
 * An observation that arrives later than this after it was made says nothing about the present. It stays in the record for the shares of its own
 * time.
 */
export const NEWS_MS = 30_000

/**
 * The part of the evidence from which the judge may conclude the present [S2]. When all observations are old, only the passing of time is left: the
 * `online` flag then belongs to the past as well.
 */
export function newsOf(evidence: Evidence): Evidence {
  if (evidence.kind === 'tick' || evidence.kind === 'reports') return evidence
  const { at } = evidence
  const isNews = (knownAt: number): boolean => at - knownAt <= NEWS_MS
  if (evidence.kind === 'figures' || evidence.kind === 'devices') return isNews(evidence.sample.at) ? evidence : { kind: 'tick', at }
  const { batch } = evidence
  const news = batch.observations.filter(({ knownAt }) => isNews(knownAt))
  if (news.length === batch.observations.length) return evidence
  return news.length === 0 ? { kind: 'tick', at } : { ...evidence, batch: { ...batch, observations: news } }
}

export function asEvidence(entry: RecordEntry): Evidence | null {
  if (entry.kind === 'observations') return { kind: 'observations', at: entry.at, batch: entry.body }
  if (entry.kind === 'figures') return { kind: 'figures', at: entry.at, sample: entry.body }
  if (entry.kind === 'devices') return { kind: 'devices', at: entry.at, sample: entry.body }
  if (entry.kind === 'reports') return { kind: 'reports', at: entry.at, sample: entry.body }
  return null
}
