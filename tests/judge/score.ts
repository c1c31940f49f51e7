import type { IncidentUpdate, Share } from '../../apps/sentinel/src/vocabulary/incident.ts'
import type { Played } from './play.ts'
import { expectedOf, type Expected, type Trouble } from './trouble.ts'

/** How honestly, how soon and how exactly a trouble was told. */
export interface Score {
  readonly trouble: Trouble
  readonly expected: Expected
  /** Share of the active people that was really hit, or of those who tried. Null where there is no share. */
  readonly truth: number | null
  /** From the start of the trouble to the first word. Null when nothing was said. */
  readonly wordMs: number | null
  /** The published shares: the first one, the one 30 s after the first word, and the last word's. */
  readonly first: Share | null
  readonly soon: Share | null
  readonly last: Share | null
  readonly clearMs: number | null
  readonly faults: readonly string[]
}

/** An incident may begin so long before the trouble that it tells (a rounded start), and so long after its end. */
const BEFORE_MS = 10_000
const AFTER_MS = 60_000
const SOON_MS = 30_000
/** The all clear comes at most so long after the end; silence ends by itself 9 minutes after it began. */
const CLEAR_MS_MAX = 60_000
const SILENT_MS_MAX = 570_000

export function scoreOf({ world, said, hit }: Played): readonly Score[] {
  const told = [...Map.groupBy(said, ({ incidentId }) => incidentId).values()]
  const about = (trouble: Trouble): readonly IncidentUpdate[] =>
    told.flat().filter(({ startedAt, at }) => at >= trouble.from && startedAt >= trouble.from - BEFORE_MS && startedAt < trouble.to + AFTER_MS)
  return world.troubles.map((trouble) => {
    const words = about(trouble)
    const expected = expectedOf(trouble)
    const truth = truthOf(trouble, hit.get(trouble))
    const [first] = words
    const shares = words.flatMap(({ share, at }) => (share === null ? [] : [{ share, at }]))
    const firstShare = shares[0] ?? null
    // The end of the incident, and not what was corrected afterwards.
    const cleared = words.find(({ status }, index) => status === 'resolved' && words.slice(index).every((later) => later.status === 'resolved'))
    const score = {
      trouble,
      expected,
      truth,
      wordMs: first === undefined ? null : first.at - trouble.from,
      first: firstShare?.share ?? null,
      soon: shares.findLast(({ at }) => at <= (firstShare?.at ?? 0) + SOON_MS)?.share ?? null,
      last: words.at(-1)?.share ?? null,
      clearMs: cleared === undefined ? null : cleared.at - trouble.to,
    }
    return { ...score, faults: faultsIn(score, words, hit.get(trouble)) }
  })
}

/** Words about nothing that happened. */
export function unfounded({ world, said }: Played): readonly string[] {
  return said
    .filter(({ at, startedAt }) => !world.troubles.some(({ from, to }) => at >= from && startedAt >= from - BEFORE_MS && startedAt < to + AFTER_MS))
    .map(({ at, title }) => `${new Date(at).toISOString()} unfounded: ${title.en}`)
}

function truthOf({ kind, share = 1 }: Trouble, hit: { readonly users: number; readonly active: number } | undefined): number | null {
  if (kind === 'sign-in' || kind === 'web' || kind === 'dropped') return share
  if (kind === 'killed' || kind === 'hung' || kind === 'socket') return 1
  if (kind === 'slow' || kind === 'way' || kind === 'gone') return null
  return hit === undefined || hit.active === 0 ? null : hit.users / hit.active
}

/** People below this count, or this part of a town, may fall silent without a word: a small town has small numbers. */
const TOGETHER_MIN = { people: 8, standing: 14, part: 0.05 } as const
const SHOWN_AFTER_MS = 60_000

function faultsIn(
  score: Omit<Score, 'faults'>,
  words: readonly IncidentUpdate[],
  hit: { readonly users: number; readonly active: number } | undefined,
): readonly string[] {
  const { trouble, expected, truth, wordMs, first, soon, last } = score
  const faults: string[] = []
  const shares = words.flatMap(({ share }) => share ?? [])
  for (const share of shares) {
    if (share.low === 0 && share.kind === 'affected' && share === first) faults.push('opened with an interval that holds 0')
    // A machine that is gone takes everybody with it: devices and their reports say so.
    const maySay = expected.word === 'affected' || expected.word === 'silent' || trouble.kind === 'gone'
    if (share.kind === 'affected' && !maySay) faults.push(`called ${Math.round(share.value * 100)} % affected`)
  }
  const critical = words.some(({ impact }) => impact === 'critical')
  if (expected.word === 'nothing') return words.length === 0 ? faults : [...faults, 'false word']
  // Connections that stand show one after the other, and more of them must.
  const least = trouble.kind === 'cut' ? TOGETHER_MIN.people : TOGETHER_MIN.standing
  const few = hit !== undefined && (hit.users < least || hit.users < hit.active * TOGETHER_MIN.part)
  if (expected.word === 'silent' && few) return words.length === 0 ? [] : faults
  if (wordMs === null) return trouble.to - trouble.from >= SHOWN_AFTER_MS && expected.word !== 'here' ? [...faults, 'missed'] : faults
  const isTold = shares.some(({ kind }) => kind === 'affected')
  if (expected.word !== 'affected' && trouble.kind !== 'gone' && critical && !(expected.word === 'silent' && isTold)) faults.push('called critical')
  if (trouble.kind === 'power' && last !== null && last.kind === 'affected' && last.value > 0)
    faults.push('an office without power was called affected')
  if (truth !== null && first !== null && (first.low > truth + 1e-9 || first.high < truth - 1e-9))
    faults.push(`first interval ${show(first)} does not hold ${percent(truth)}`)
  const clearMs = score.clearMs ?? Number.POSITIVE_INFINITY
  const mayLastMs = trouble.kind === 'power' ? SILENT_MS_MAX - (trouble.to - trouble.from) : CLEAR_MS_MAX
  if (clearMs > mayLastMs) faults.push(`no all clear until ${Math.round(clearMs / 1_000)} s after its end`)
  const hits = words.flatMap((word) => word.hits)
  if (!hits.some(({ component }) => component === expected.component)) faults.push('about another part')
  if (expected.word === 'affected' && last === null) faults.push('never with a share')
  if (trouble.kind === 'power' && hits.some((each) => each.trouble === 'failing')) faults.push('an office without power was called an outage')
  const isSilence = expected.word === 'silent' && !isTold
  if (isSilence && hits.some(({ condition }) => condition !== 'partial_outage')) faults.push('silence was called another state')
  if (isSilence && words.some(({ impact }) => impact !== 'minor')) faults.push('silence was called more than minor')
  if (isTold && critical && truth !== null && trouble.kind === 'cut' && truth < 0.4) faults.push(`critical with ${percent(truth)}`)
  const off = OFF[trouble.kind]
  if (off !== undefined && truth !== null) {
    if (soon !== null && Math.abs(soon.value - truth) > off.soon) faults.push(`soon ${show(soon)} is off ${percent(truth)}`)
    if (last !== null && trouble.kind !== 'power' && Math.abs(last.value - truth) > off.last)
      faults.push(`last ${show(last)} is off ${percent(truth)}`)
  }
  return faults
}

/** How far a share may be from the truth 30 s after the first one, and in the last word. */
const OFF: Partial<Record<Trouble['kind'], { readonly soon: number; readonly last: number }>> = {
  killed: { soon: 0.01, last: 0.01 },
  hung: { soon: 0.01, last: 0.01 },
  socket: { soon: 0.01, last: 0.01 },
  'sign-in': { soon: 0.1, last: 0.05 },
  web: { soon: 0.1, last: 0.05 },
  dropped: { soon: 0.15, last: 0.05 },
  cut: { soon: 0.05, last: 0.03 },
  'black-hole': { soon: 0.05, last: 0.03 },
}

/** Each fault of what was said about a trouble, in one line. */
export function tell({ trouble, faults }: Score): readonly string[] {
  return faults.map((fault) => `${new Date(trouble.from).toISOString()} ${trouble.kind} ${trouble.share ?? ''}: ${fault}`)
}

function show({ value, low, high, kind, source }: Share): string {
  return `${percent(value)} (${percent(low)}-${percent(high)}, ${kind} by ${source})`
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
