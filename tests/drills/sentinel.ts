import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusDocument } from '@bongsu/protocol'
import type { IncidentUpdate } from '../../apps/sentinel/src/vocabulary/incident.ts'
import { mainComponent } from '../../apps/sentinel/src/incident/lifecycle.ts'
import { openRecord } from '../../apps/sentinel/src/record/open-record.ts'
import { startWatchedTown, type WatchedTown } from '../e2e/watched-town.ts'
import { SCENARIOS, type Scenario } from './sentinel-scenarios.ts'

// What the sentinel says of a fault, and when: a real messenger under load, real faults, read from the public page as anybody would. One line of JSON
// for each run, and one for the worst of each scenario. RUNS, SCENARIOS (names, separated by commas) and FAULT_SECONDS choose.

const RUNS = Number(process.env['RUNS'] ?? '10')
const FAULT_MS = Number(process.env['FAULT_SECONDS'] ?? '45') * 1_000
const NAMES = (process.env['SCENARIOS'] ?? Object.keys(SCENARIOS).join(',')).split(',')
const POLL_MS = 250
/** Longest wait for a word, and for the all clear. */
const WORD_MS_MAX = 90_000
const CLEAR_MS_MAX = 120_000
/** Time for what devices report after the end. */
const CORRECTED_MS = process.env['CORRECTED'] === undefined ? 0 : 100_000

/** One published share: ms since the fault, its kind or source, its interval, and what was true of what it is about. */
type Told = readonly [atMs: number, what: string, value: number, low: number, high: number, truth: number | null]

interface Run {
  readonly scenario: string
  readonly truth: number | null
  readonly noticedMs: number | null
  readonly publicMs: number | null
  readonly shares: readonly Told[]
  readonly final: Told | null
  readonly clearMs: number | null
  /** Every state of a component, with ms since the fault. */
  readonly states: readonly string[]
  readonly titles: readonly string[]
  readonly impacts: readonly string[]
  /** What the table asks and the run did not give. */
  readonly missed: readonly string[]
}

const ends: (() => void | Promise<void>)[] = []
const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }
const all: Run[] = []

try {
  for (const name of NAMES) {
    const scenario = SCENARIOS[name]
    if (scenario === undefined) throw new Error(`There is no scenario ${name}. There are: ${Object.keys(SCENARIOS).join(', ')}.`)
    for (let run = 0; run < RUNS; run++) {
      const result = await once(name, scenario)
      await tidy()
      all.push(result)
      print(result)
    }
    print(worstOf(name))
  }
} finally {
  await tidy()
}

/** Each run has a messenger and a sentinel of its own: what was learnt in one must not help the next. */
async function once(name: string, scenario: Scenario): Promise<Run> {
  const town = await startWatchedTown(later, { users: 100, behindSecondDoor: 0, words: true, ...scenario.town(later) })
  const states: string[] = []
  const last = new Map<string, string>()
  const faultAt = Date.now()
  const look = async (): Promise<StatusDocument['incidents'][number] | undefined> => {
    const status = await town.status()
    for (const { id, condition } of status.components) {
      if ((last.get(id) ?? 'operational') !== condition) states.push(`${id} ${condition} ${Date.now() - faultAt}`)
      last.set(id, condition)
    }
    return status.incidents[0]
  }
  const begun = scenario.begin(town, later)
  const opened = await watch(look, scenario.quiet === true ? FAULT_MS : WORD_MS_MAX, (incident) => incident !== undefined)
  const publicMs = opened === null ? null : Date.now() - faultAt
  await watch(look, (scenario.faultMs ?? FAULT_MS) - (Date.now() - faultAt), () => false)
  await begun
  const healedAt = Date.now()
  await scenario.end(town)
  const isOver = await watch(look, scenario.clearMsMax ?? CLEAR_MS_MAX, (incident) => incident === undefined)
  const clearMs = isOver === null ? null : Date.now() - healedAt
  await sleep(CORRECTED_MS)
  const updates = updatesOf(town).filter(({ at }) => at >= faultAt)
  const shares = updates.flatMap((update) => sharesOf(update, faultAt, scenario))
  const run = {
    scenario: name,
    truth: scenario.truth,
    noticedMs: updates[0] === undefined ? null : (updates[0].detectedAt ?? updates[0].at) - faultAt,
    publicMs,
    shares,
    final: shares.at(-1) ?? null,
    clearMs: opened === null ? null : clearMs,
    states,
    titles: [...new Set(updates.map(({ title }) => title.en))],
    impacts: [...new Set(updates.map(({ impact }) => impact))],
  }
  return { ...run, missed: missedBy(run, scenario) }
}

/** @returns null when it did not come in time. */
async function watch<T>(look: () => Promise<T>, withinMs: number, is: (seen: T) => boolean): Promise<{ readonly seen: T } | null> {
  for (const startedAt = Date.now(); Date.now() - startedAt < withinMs; await sleep(POLL_MS)) {
    const seen = await look().catch(() => null)
    if (seen !== null && is(seen)) return { seen }
  }
  return null
}

/** The record is what anybody can check. */
function updatesOf({ sentinel }: WatchedTown): readonly IncidentUpdate[] {
  const record = openRecord(sentinel.directory, { create: false })
  try {
    return [...record.each({ kinds: ['incident'] })].flatMap((entry) => (entry.kind === 'incident' ? [entry.body] : []))
  } finally {
    record.close()
  }
}

/** An update may publish two shares that disagree. */
function sharesOf(update: IncidentUpdate, faultAt: number, { truth, truthOfWeb }: Scenario): readonly Told[] {
  return Object.values(update).flatMap((field: unknown): Told[] => {
    if (typeof field !== 'object' || field === null || !('value' in field) || !('low' in field) || !('high' in field)) return []
    const { value, low, high, source, kind } = field as Record<'value' | 'low' | 'high', number> & { source?: string; kind?: string }
    return [
      [
        update.at - faultAt,
        [kind, source].filter((word) => word !== undefined).join(' '),
        round(value),
        round(low),
        round(high),
        mainComponent(update.hits) === 'web' ? (truthOfWeb ?? truth) : truth,
      ],
    ]
  })
}

function round(share: number): number {
  return Math.round(share * 1_000) / 1_000
}

function missedBy(
  { noticedMs, publicMs, shares, final, clearMs, truth, titles, impacts, states }: Omit<Run, 'missed'>,
  scenario: Scenario,
): string[] {
  const { goals } = scenario
  const missed: string[] = []
  const ask = (what: string, is: boolean): void => void (is || missed.push(what))
  if (scenario.quiet === true) ask('no incident', noticedMs === null)
  if (goals.noticedMs !== undefined) ask(`noticed in ${goals.noticedMs} ms`, noticedMs !== null && noticedMs <= goals.noticedMs)
  if (goals.noticedMs !== undefined) ask(`public in ${goals.noticedMs} ms`, publicMs !== null && publicMs <= goals.noticedMs)
  if (goals.clearMs !== undefined) ask(`clear in ${goals.clearMs} ms`, clearMs !== null && clearMs <= goals.clearMs)
  if (goals.never !== undefined) for (const title of titles) ask(`never "${title}"`, !goals.never.test(title))
  if (goals.impactMax !== undefined)
    ask(
      `impact at most ${goals.impactMax}`,
      impacts.every((impact) => rankOf(impact) <= rankOf(goals.impactMax ?? '')),
    )
  if (goals.untouched !== undefined) for (const id of goals.untouched) ask(`${id} untouched`, !states.some((state) => state.startsWith(`${id} `)))
  if (truth === null) return missed
  const [first] = shares
  const offBy = (told: Told | null | undefined): number => (told === null || told === undefined ? Infinity : Math.abs(told[2] - (told[5] ?? 0)) * 100)
  if (goals.firstContains === true)
    ask('first interval contains the truth', first !== undefined && first[3] <= (first[5] ?? 0) && (first[5] ?? 0) <= first[4])
  if (shares.some(([, , , low, high], index) => index === 0 && low === 0 && high < 1)) missed.push('opens with an interval that holds 0')
  if (goals.points !== undefined) {
    const { within, afterMs } = goals.points
    ask(`±${within} after ${afterMs} ms`, offBy(shares.findLast(([atMs]) => atMs <= (publicMs ?? 0) + afterMs)) <= within)
  }
  if (goals.finalPoints !== undefined) ask(`±${goals.finalPoints} at the end`, offBy(final) <= goals.finalPoints)
  return missed
}

function rankOf(impact: string): number {
  return ['none', 'minor', 'major', 'critical'].indexOf(impact)
}

function worstOf(name: string): object {
  const runs = all.filter(({ scenario }) => scenario === name)
  const most = (of: (run: Run) => number | null): number | null => {
    const values = runs.map(of).filter((value) => value !== null)
    return values.length === 0 ? null : Math.max(...values)
  }
  const missed = [...new Set(runs.flatMap((run) => run.missed))]
  if (missed.length > 0) process.exitCode = 1
  return {
    scenario: name,
    runs: runs.length,
    untold: runs.filter(({ publicMs }) => publicMs === null).length,
    worstNoticedMs: most(({ noticedMs }) => noticedMs),
    worstPublicMs: most(({ publicMs }) => publicMs),
    worstFinalPoints: most(({ final }) => (final === null || final[5] === null ? null : Math.round(Math.abs(final[2] - final[5]) * 1_000) / 10)),
    worstClearMs: most(({ clearMs }) => clearMs),
    missed,
    reached: missed.length === 0,
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function tidy(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await end()
}
