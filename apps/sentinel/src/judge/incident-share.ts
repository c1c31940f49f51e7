import type { Share } from '../incident/incident.ts'
import type { Component, FiguresSample } from '../record/observation.ts'
import { CellFigures } from './cell-figures.ts'
import type { Evidence } from './judgement.ts'
import { SAYS, shareFromFigures, shareFromProbes, wilson } from './share.ts'
import { Usual } from './usual.ts'

export const INCIDENT_SHARE_BOUNDS = {
  /** The height is the median of this many highest values: one noisy sample is no height. */
  highest: 5,
  /** Values of at least this part of the height belong to the worst time. */
  heightPart: 0.5,
  /** Time before the span from which the usual share is learned. */
  learnMs: 10 * 60_000,
  /** A server that gave no figures for longer than this within the span could not count the people it lost. */
  silentMs: 10_000,
  /** Length of the slices in which tries are counted. A shorter last slice with fewer tries than `sliceTriesMin` is left out. */
  sliceMs: 30_000,
  sliceTriesMin: 20,
  /** Part of the failures at either end that may be strays from before or after and do not extend the span. */
  straysPart: 0.02,
} as const

/** Failed tries or people of a total, at one time. */
interface Count {
  readonly at: number
  readonly failed: number
  readonly of: number
}

interface Span {
  readonly component: Component
  readonly from: number
  readonly to: number
}

/**
 * The share published for a whole incident: of the active people, how many were affected at its height. With figures, each sample is a value, less
 * what was usual before the span. The height is the median of the five highest values, and the share is the median of all values of at least half the
 * height. With tries, each slice of 30 s between the first and the last failure is a value, without strays at either end, and slices of at least half
 * the height are added up. Figures are used when they show anybody affected, unless the server gave none for more than 10 s while a larger share of
 * tries failed.
 * @param evidence oldest first; the 10 minutes before `from` teach what is usual.
 * @returns null when the span holds no evidence of this component.
 */
export function shareOver(evidence: Iterable<Evidence>, component: Component, from: number, to: number): Share | null {
  const { tries, samples, signIns, usual, silentMs } = collect(evidence, { component, from, to })
  const byTries = sumAtHeight(tries)
  if (component === 'sign-in') {
    const counted = sumAtHeight(signIns)
    if (counted !== null && counted.of >= INCIDENT_SHARE_BOUNDS.sliceTriesMin)
      return { ...wilson(counted.failed, counted.of), affected: counted.failed, total: counted.of, source: 'figures' }
  }
  const told = medianAtHeight(samples, usual)
  if (told === null) return byTries === null ? null : shareFromProbes(byTries.failed, byTries.of)
  const tried = byTries === null ? null : shareFromProbes(byTries.failed, byTries.of)
  if (tried === null || tried.value === 0) return told
  const dead = silentMs > INCIDENT_SHARE_BOUNDS.silentMs && tried.value > told.value
  return told.low > 0 && !dead ? told : tried
}

/** Start of the last failing try of the span, or null when none failed. Every later try succeeded. */
export function lastFailureIn(evidence: Iterable<Evidence>, component: Component, from: number, to: number): number | null {
  const { tries } = collect(evidence, { component, from, to })
  return tries.reduce<number | null>((last, { at, failed }) => (failed > 0 && at > (last ?? 0) ? at : last), null)
}

function collect(evidence: Iterable<Evidence>, span: Span) {
  const { component, from, to } = span
  const usual = new Usual()
  const cells = new CellFigures()
  const tries: Count[] = []
  const samples: Count[] = []
  const signIns: Count[] = []
  let before: Pick<FiguresSample, 'process' | 'signInsTried' | 'signInsFailed'> | null = null
  let heardAt = from
  let silentMs = 0
  for (const each of evidence) {
    if (each.kind === 'observations') tries.push(...triesOf(each, span))
    if (each.kind !== 'figures' || component === 'web' || each.at < from - INCIDENT_SHARE_BOUNDS.learnMs || each.at >= to) continue
    const total = cells.hear(each.at, each.sample)
    if (total === null) continue
    const inside = each.at >= from
    if (component === 'messaging') usual.hear(each.at, total.activeUsers, total.affectedUsers, inside)
    const began = before?.process === total.process ? before : null
    before = total
    if (!inside) continue
    silentMs = Math.max(silentMs, each.at - heardAt)
    heardAt = each.at
    if (component === 'messaging') samples.push({ at: each.at, failed: total.affectedUsers, of: total.activeUsers })
    else if (began !== null)
      signIns.push({ at: each.at, failed: total.signInsFailed - began.signInsFailed, of: total.signInsTried - began.signInsTried })
  }
  return {
    tries: tries.toSorted((one, other) => one.at - other.at),
    samples,
    signIns,
    usual: usual.share,
    silentMs: Math.max(silentMs, to - heardAt),
  }
}

function triesOf({ batch }: Extract<Evidence, { kind: 'observations' }>, { component, from, to }: Span): readonly Count[] {
  if (!batch.online) return []
  return batch.observations
    .filter((each) => each.component === component && SAYS[each.outcome] !== 'besides' && each.at >= from && each.at < to)
    .map(({ at, outcome }) => ({ at, failed: SAYS[outcome] === 'failed' ? 1 : 0, of: 1 }))
}

function medianAtHeight(samples: readonly Count[], usual: number): Share | null {
  const shares = samples.filter(({ of }) => of > 0).map((sample) => ({ sample, share: sample.failed / sample.of - usual }))
  if (shares.length === 0) return null
  const sorted = shares.toSorted((one, other) => other.share - one.share)
  const height = middle(sorted.slice(0, INCIDENT_SHARE_BOUNDS.highest)).share
  const { sample } = middle(height > 0 ? sorted.filter(({ share }) => share >= height * INCIDENT_SHARE_BOUNDS.heightPart) : sorted)
  return shareFromFigures(sample.failed, sample.of, usual)
}

function sumAtHeight(counts: readonly Count[]): Count | null {
  const failures = counts.filter(({ failed }) => failed > 0)
  const strays = Math.ceil(failures.length * INCIDENT_SHARE_BOUNDS.straysPart)
  const first = failures[strays]
  const last = failures.at(-1 - strays)
  // One or two failures do not make a span.
  if (first === undefined || last === undefined || first.at > last.at) return counts.length === 0 ? null : sumOf(counts)
  const bad = counts.filter(({ at }) => at >= first.at && at <= last.at)
  const slices = [...Map.groupBy(bad, ({ at }) => Math.floor((at - first.at) / INCIDENT_SHARE_BOUNDS.sliceMs)).values()].map(sumOf)
  const large = slices.filter(({ of }) => of >= INCIDENT_SHARE_BOUNDS.sliceTriesMin)
  if (large.length === 0) return sumOf(bad)
  const sorted = large.toSorted((one, other) => other.failed / other.of - one.failed / one.of)
  const high = middle(sorted.slice(0, INCIDENT_SHARE_BOUNDS.highest))
  const height = high.failed / high.of
  return sumOf(sorted.filter(({ failed, of }) => failed / of >= height * INCIDENT_SHARE_BOUNDS.heightPart))
}

function sumOf(counts: readonly Count[]): Count {
  return counts.reduce((sum, each) => ({ at: Math.min(sum.at, each.at), failed: sum.failed + each.failed, of: sum.of + each.of }), {
    at: Number.POSITIVE_INFINITY,
    failed: 0,
    of: 0,
  })
}

function middle<T>(sorted: readonly T[]): T {
  return sorted[Math.floor(sorted.length / 2)] as T
}
