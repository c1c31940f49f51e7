import type { Share, Span } from '../vocabulary/incident.ts'
import type { Component, Observation } from '../vocabulary/observation.ts'
import { activeIn, CellFigures, type Total } from './cell-figures.ts'
import type { Evidence } from './judgement.ts'
import { COUNTER_BOUNDS, PEOPLE_FAILED, SIGN_INS_FAILED } from './counter-test.ts'
import { tallyOf } from './post-tries.ts'
import { FAILURE_TEST, SequentialTest } from './sequential.ts'
import { countedShare, disagree, isSaid, SAYS, shareOfTries, surprise, type Tally } from './share.ts'
import { areTold, cohortShare, isCounted, isRemembered, outBetween } from './silence.ts'

export const INCIDENT_SHARE_BOUNDS = {
  /** Tries are counted in slices of this length. A slice with fewer tries is not taken for the worst one: its interval is wider than ±20 points. */
  sliceMs: 30_000,
  sliceTriesMin: 20,
  /** Slices with at least this part of the worst share belong to the worst time. */
  heightPart: 0.5,
} as const

/** The estimates of one span of trouble: the one that is published first, and a second one that disagrees or counts other people. */
export interface Estimates {
  readonly share: Share | null
  readonly beside: Share | null
}

export interface SpanOfTrouble {
  readonly component: Component
  readonly spans: readonly Span[]
  /** When people fell silent together. Null when nobody did. */
  readonly cohort: Span | null
}

interface Try {
  readonly at: number
  readonly outcome: Observation['outcome']
  readonly light: boolean
}

/**
 * The shares published for a whole incident, from its evidence alone [S6].
 * - Tries: of each post whose tries alone would raise an alarm, from its first failing try (which raised the alarm and is left out) to its last one, in slices of 30 s. All slices of at least
 *   half the worst share are added up.
 * - People: those who fell silent together, as affected when the tries failed too or devices said so, and otherwise as silent; the accounts that the
 *   server itself failed, and the sign-ins that it failed.
 * @param evidence oldest first.
 */
export function shareOver(evidence: Iterable<Evidence>, { component, spans, cohort }: SpanOfTrouble): Estimates {
  const cells = new CellFigures()
  const posts = new Map<string, Try[]>()
  const tally = createPeopleTally(cohort)
  for (const each of evidence) {
    if (each.kind === 'observations' && each.batch.online) {
      const tries = posts.get(each.batch.post) ?? []
      posts.set(each.batch.post, tries)
      for (const { component: of, outcome, at, light } of each.batch.observations)
        if (of === component && SAYS[outcome] !== 'besides' && isWithin(spans, at)) tries.push({ at, outcome, light: light === true })
    } else if (each.kind === 'figures') {
      const total = cells.hear(each.at, each.sample)
      if (total !== null && isWithin(spans, each.at)) tally.hear(total, each.at)
    } else if (each.kind === 'devices' && isWithin(spans, each.at)) tally.words(each.sample.notLive, each.at)
    else if (each.kind === 'reports' && isWithin(spans, each.at)) tally.words(each.sample.connectionUsers, each.sample.from)
  }
  const failing = [...posts.values()].filter(wouldAlarm)
  const tried = shareOfTries(failing.map(atHeight).filter(({ failed }) => failed > 0))
  const people = component === 'messaging' ? tally.cohortShare(failing.length > 0) : null
  const server = component === 'messaging' ? tally.failed() : component === 'sign-in' ? tally.signIns() : null
  // People counted one by one speak before tries. Silence of unknown meaning never stands before a share of those affected.
  const all = [people?.kind === 'affected' ? people : null, tried, server].filter(isSaid)
  const share = all[0] ?? people
  // The accounts that the server failed are the fewest that could not: more of them contradict tries, fewer do not.
  const contradicts = (one: Share, each: Share): boolean => (one === tried && component === 'messaging' ? each.low > one.high : disagree(one, each))
  const other = all.find((each) => share !== null && each !== share && contradicts(share, each))
  return { share: isSaid(share) ? share : null, beside: share === people ? (other ?? null) : (people ?? other ?? null) }
}

function isWithin(spans: readonly Span[], at: number): boolean {
  return spans.some(({ from, to }) => at >= from && (to === null || at < to))
}

/** A stray failure, or a few of them, says nothing about the messenger. */
function wouldAlarm(tries: readonly Try[]): boolean {
  return [false, true].some((light) => {
    const test = new SequentialTest(FAILURE_TEST)
    for (const each of tries) if (each.light === light) test.hear(SAYS[each.outcome] === 'failed', each.at)
    return test.alarmedSince !== null
  })
}

/** The tries of one post at its worst time. */
function atHeight(tries: readonly Try[]): Tally {
  const failures = tries.filter(({ outcome }) => SAYS[outcome] === 'failed').map(({ at }) => at)
  const [first, last] = [Math.min(...failures), Math.max(...failures)]
  // Both ends are failures because the span is chosen so, hence neither is counted. Good tries up to the last failure are known, as all failures are.
  const inner = tries.filter(({ at }) => at > first && at < last)
  const slices = [...Map.groupBy(inner, ({ at }) => Math.floor((at - first) / INCIDENT_SHARE_BOUNDS.sliceMs)).values()]
  const large = slices.filter(({ length }) => length >= INCIDENT_SHARE_BOUNDS.sliceTriesMin)
  if (large.length === 0) return tallyOf(inner)
  const height = Math.max(...large.map((slice) => shareIn(tallyOf(slice))))
  return tallyOf(large.filter((slice) => shareIn(tallyOf(slice)) >= height * INCIDENT_SHARE_BOUNDS.heightPart).flat())
}

function shareIn({ failed, tried }: Tally): number {
  return tried === 0 ? 0 : failed / tried
}

/** What the server counted in the spans. */
function createPeopleTally(cohort: Span | null) {
  let [fell, active, out, words, told, heardAt] = [0, 0, 0, 0, false, 0]
  let worst: Tally = { failed: 0, tried: 0 }
  const signIns = { failed: 0, tried: 0 }
  let before: Total | null = null
  const surprises = ({ failed, tried }: Tally, { usual }: { readonly usual: number }): boolean =>
    surprise(failed, Math.max(COUNTER_BOUNDS.expectedMin, usual * tried)) >= COUNTER_BOUNDS.surprise
  return {
    hear(total: Total, at: number): void {
      heardAt = at
      if (cohort !== null && isRemembered(cohort, at)) out = outBetween(total.silent, cohort.from, cohort.to ?? at)
      if (cohort !== null && out > fell) [fell, active] = [out, total.connectedUsers + outBetween(total.silent, cohort.from, at)] // [seam: cohort-active]
      const now = { failed: total.failedUsers, tried: activeIn(total) }
      if (shareIn(now) > shareIn(worst)) worst = now
      if (before?.process === total.process && total.signInsFailed >= before.signInsFailed && total.signInsTried >= before.signInsTried) {
        signIns.failed += total.signInsFailed - before.signInsFailed
        signIns.tried += total.signInsTried - before.signInsTried
      }
      before = total
    },
    /** Devices that could not connect. @param from start of the time they speak of. */
    words(count: number, from: number): void {
      if (cohort === null || from < cohort.from || fell === 0) return
      told ||= areTold(count, fell)
      words = Math.max(words, count)
    },
    cohortShare: (triesFail: boolean): Share | null =>
      fell === 0 || cohort === null || !isCounted(cohort, heardAt)
        ? null
        : cohortShare({ fell, active }, out, told ? 'devices' : triesFail ? 'server' : null, words),
    failed: (): Share | null => (surprises(worst, PEOPLE_FAILED) ? countedShare('affected', 'server', worst.failed, worst.tried) : null),
    signIns: (): Share | null => (surprises(signIns, SIGN_INS_FAILED) ? countedShare('affected', 'server', signIns.failed, signIns.tried) : null),
  }
}
