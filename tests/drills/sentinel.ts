import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusDocument } from '@bongsu/protocol'
import { signInAsPeopleDo, startWatchedTown, TOWN, type WatchedTown } from '../e2e/watched-town.ts'

// How soon the sentinel notices, says so, counts right and gives the all clear: a real messenger under load, real faults, read from the public pages
// as anybody would. One line of JSON for each run, and one for the worst of each scenario.

const RUNS = Number(process.env['RUNS'] ?? '10')
const FAULT_MS = Number(process.env['FAULT_SECONDS'] ?? '40') * 1_000
const NAMES = (process.env['SCENARIOS'] ?? 'total,cut,sign-in').split(',')
const POLL_MS = 100
const GIVE_UP_MS = 120_000

interface Scenario {
  /** Share of people really affected. */
  readonly truth: number
  readonly goals: { readonly noticedMs: number; readonly publicMs: number; readonly sharePoints: number; readonly clearMs: number }
  begin(town: WatchedTown): Promise<void>
  end(town: WatchedTown): Promise<void>
  /** Components that must stay green all the time. */
  readonly untouched: readonly string[]
}

const ends: (() => void | Promise<void>)[] = []
const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }
const GOALS = { publicMs: 30_000, sharePoints: 3, clearMs: 60_000 }

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  total: {
    truth: 1,
    goals: { ...GOALS, noticedMs: 10_000 },
    begin: ({ server }) => server.kill(),
    end: ({ server }) => server.start(),
    untouched: [],
  },
  cut: {
    truth: TOWN.behindSecondDoor / TOWN.users,
    goals: { ...GOALS, noticedMs: 30_000 },
    begin: ({ second }) => second.shut(true),
    end: ({ second }) => second.shut(false),
    untouched: ['sign-in', 'web'],
  },
  'sign-in': {
    truth: TOWN.behindSecondDoor / (TOWN.users + TOWN.behindSecondDoor),
    goals: { ...GOALS, noticedMs: 20_000 },
    async begin(town) {
      town.front.breakPaths(['/v1/sessions'])
      void signInAsPeopleDo(later, town.front.url, town.visitors)
    },
    end: async ({ front }) => front.breakPaths([]),
    untouched: ['messaging', 'web'],
  },
}

interface Figures {
  readonly scenario: string
  readonly noticedMs: number
  readonly publicMs: number
  readonly shareAtEnd: number | null
  readonly shareCorrected: number | null
  readonly truth: number
  readonly clearMs: number
  readonly otherRed: readonly string[]
}

const all: Figures[] = []
try {
  for (const name of NAMES) {
    const scenario = SCENARIOS[name]
    if (scenario === undefined) throw new Error(`There is no scenario ${name}.`)
    for (let run = 0; run < RUNS; run++) {
      const figures = await once(name, scenario)
      all.push(figures)
      process.stdout.write(`${JSON.stringify(figures)}\n`)
    }
  }
  for (const name of NAMES) report(name, SCENARIOS[name] as Scenario)
} finally {
  await tidy()
}

/** Each run has a messenger and a sentinel of its own: what was learnt in one must not help the next. */
async function once(name: string, scenario: Scenario): Promise<Figures> {
  const town = await startWatchedTown(later)
  const red = new Set<string>()
  const look = async (): Promise<StatusDocument> => {
    const status = await town.status()
    for (const { id, condition } of status.components)
      if (scenario.untouched.includes(id) && condition !== 'operational') red.add(`${id}: ${condition}`)
    return status
  }
  const faultAt = Date.now()
  await scenario.begin(town)
  const opened = await until(async () => (await look()).incidents[0], `${name}: an incident`)
  const publicMs = Date.now() - faultAt
  while (Date.now() - faultAt < FAULT_MS) {
    await look()
    await sleep(500)
  }
  const healedAt = Date.now()
  await scenario.end(town)
  await until(async () => ((await look()).incidents.length === 0 ? true : undefined), `${name}: the all clear`)
  const clearMs = Date.now() - healedAt
  const told = await incidentOf(town, opened.id)
  if (process.env['CORRECTED'] !== undefined) await sleep(100_000)
  const corrected = await incidentOf(town, opened.id)
  await tidy()
  return {
    scenario: name,
    noticedMs: told.detectedAt - faultAt,
    publicMs,
    shareAtEnd: told.share,
    shareCorrected: corrected.share,
    truth: scenario.truth,
    clearMs,
    otherRed: [...red],
  }
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const startedAt = Date.now()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() - startedAt > GIVE_UP_MS) throw new Error(`${what} did not come in ${GIVE_UP_MS / 1_000} s`)
    await sleep(POLL_MS)
  }
}

/** What the record says at the end: it is what anybody can check. */
async function incidentOf({ sentinel }: WatchedTown, id: string): Promise<{ detectedAt: number; share: number | null }> {
  const { openRecord } = await import('../../apps/sentinel/src/record/open-record.ts')
  const record = openRecord(sentinel.directory, { create: false })
  try {
    const said = [...record.each({ kinds: ['incident'] })].flatMap((entry) =>
      entry.kind === 'incident' && entry.body.incidentId === id ? [entry.body] : [],
    )
    const first = said[0]
    if (first === undefined) throw new Error(`The record has no incident ${id}.`)
    return { detectedAt: first.detectedAt ?? first.at, share: said.at(-1)?.share?.value ?? null }
  } finally {
    record.close()
  }
}

function report(name: string, { goals, truth }: Scenario): void {
  const runs = all.filter(({ scenario }) => scenario === name)
  const most = (of: (figures: Figures) => number): number => Math.max(...runs.map(of))
  const worst = {
    scenario: name,
    runs: runs.length,
    worstNoticedMs: most(({ noticedMs }) => noticedMs),
    worstPublicMs: most(({ publicMs }) => publicMs),
    worstSharePoints: Math.round(most(({ shareAtEnd }) => Math.abs((shareAtEnd ?? -1) - truth)) * 1_000) / 10,
    worstClearMs: most(({ clearMs }) => clearMs),
    otherRed: [...new Set(runs.flatMap(({ otherRed }) => otherRed))],
  }
  const reached =
    worst.worstNoticedMs <= goals.noticedMs &&
    worst.worstPublicMs <= goals.publicMs &&
    worst.worstSharePoints <= goals.sharePoints &&
    worst.worstClearMs <= goals.clearMs &&
    worst.otherRed.length === 0
  process.stdout.write(`${JSON.stringify({ ...worst, reached })}\n`)
  if (!reached) process.exitCode = 1
}

async function tidy(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await end()
}
