import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cleanUpAtEnd, ROOT } from './processes.ts'
import { meets, textOf, writeInto, type Report, type ScenarioResult } from './report.ts'
import { Broken, type Options, type Scenario } from './scenario.ts'
import { echo } from './scenario-echo.ts'
import { idle } from './scenario-idle.ts'
import { resume } from './scenario-resume.ts'
import { overload } from './scenario-overload.ts'
import { storm } from './scenario-storm.ts'
import { peers } from './scenario-peers.ts'
import { direct, group, paced } from './scenario-talk.ts'

const HELP = `npm run bench                       all scenarios, about seven minutes
npm run bench -- direct paced       only these, of: echo direct paced group resume idle storm overload peers
npm run bench -- --quick            all of them, smaller and shorter, about two minutes
npm run bench -- --json             figures as JSON on standard output
npm run bench -- --write            also writes the tables of BENCHMARKS.md
npm run bench -- --profile=FOLDER   also keeps CPU profiles of the server, one a thread; figures are worse then

A run in which anything acknowledged did not arrive once and in order ends with status 1 and without figures.`

/** The limit first: it is what the others are held against. */
const SCENARIOS: Readonly<Record<string, Scenario>> = { echo, direct, paced, group, resume, idle, storm, overload, peers }
const DOCUMENT = join(ROOT, 'BENCHMARKS.md')

cleanUpAtEnd()
process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const unknown = positionals.filter((name) => !Object.hasOwn(SCENARIOS, name))
  if (values.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `No such scenario: ${unknown.join(', ')}.\n\n${HELP}` : HELP)
    return values.help ? 0 : 2
  }
  if (values.write && (values.quick || values.profile !== undefined)) {
    console.error('Figures of a quick or profiled run are not written down.')
    return 2
  }
  const profile = values.profile === undefined ? null : resolve(values.profile)
  if (profile !== null) mkdirSync(profile, { recursive: true })
  const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS)
  try {
    const report = describe(process.argv.slice(2), await runAll(names, { quick: values.quick, profile }))
    console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report))
    if (values.write) writeDocument(report)
    return 0
  } catch (error) {
    console.error(error instanceof Broken ? `FAILED. ${error.message}\nThere are no figures.` : error)
    return 1
  }
}

async function runAll(names: readonly string[], how: Pick<Options, 'quick' | 'profile'>): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = []
  for (const name of names) {
    const scenario = SCENARIOS[name]
    if (scenario === undefined) continue
    const startedAt = performance.now()
    const progress = (text: string): void => console.error(`${name}: ${text} (${((performance.now() - startedAt) / 1_000).toFixed(0)} s)`)
    progress('begins')
    const result = await scenario({ ...how, progress })
    const missed = result.figures.filter((figure) => !meets(figure))
    progress(missed.length === 0 ? 'done' : `done; missed its goal: ${missed.map((figure) => figure.name).join(', ')}`)
    results.push(result)
  }
  return withRatio(results)
}

/** What a message costs more than moving two frames: what the house adds to its runtime, with the store. Only within one run. */
function withRatio(results: readonly ScenarioResult[]): ScenarioResult[] {
  const value = (scenario: string, place: number): number | undefined => results.find((one) => one.scenario === scenario)?.figures[place]?.value
  const [limit, message] = [value('echo', 1), value('direct', 0)]
  if (limit === undefined || message === undefined) return [...results]
  const ratio = { name: 'CPU of a durable message : two frames in and out of bare `ws`, same run', value: message / limit, unit: '' }
  return results.map((one) => (one.scenario === 'direct' ? { ...one, figures: [...one.figures, ratio] } : one))
}

function describe(args: readonly string[], results: readonly ScenarioResult[]): Report {
  const [cpu] = cpus()
  const git = (...words: readonly string[]): string => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim()
  // Other files that are being changed have no part in a figure.
  const changed = git('status', '--porcelain', '--', 'apps/server/src', 'packages/protocol/src') === '' ? '' : ' with changes'
  return {
    at: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    machine: `${cpus().length} cores ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}, SQLite ${process.versions['sqlite'] ?? '?'}`,
    commit: git('rev-parse', '--short', 'HEAD') + changed,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    durability:
      'Every accepted message is fsynced first (SQLite WAL, synchronous=FULL) and was checked to have arrived once and in order. Plain TCP on loopback.',
    results,
  }
}

/** Written aside and moved into place, so that an interrupted run leaves the old document whole. */
function writeDocument(report: Report): void {
  const draft = `${DOCUMENT}.${process.pid}`
  writeFileSync(draft, writeInto(readFileSync(DOCUMENT, 'utf8'), report))
  renameSync(draft, DOCUMENT)
  console.error('BENCHMARKS.md is written.')
}
