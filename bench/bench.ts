import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { becomeOnlyBench } from './only-bench.ts'
import { svgOf } from './plot.ts'
import { cleanUpAtEnd, Impossible, isInterrupted, ROOT } from './processes.ts'
import { meets, textOf, writeInto, type Figure, type Report, type ScenarioResult } from './report.ts'
import { Broken, type Options, type Scenario } from './scenario.ts'
import { databases } from './scenario-databases.ts'
import { before } from './scenario-before.ts'
import { beforeResume } from './scenario-before-resume.ts'
import { echo, ECHO_LOOP, TWO_FRAMES } from './scenario-echo.ts'
import { growth } from './scenario-growth.ts'
import { history } from './scenario-history.ts'
import { idle } from './scenario-idle.ts'
import { marks } from './scenario-marks.ts'
import { reactions } from './scenario-reactions.ts'
import { resume } from './scenario-resume.ts'
import { routed, ROUTED } from './scenario-routed.ts'
import { overload } from './scenario-overload.ts'
import { storm, STORM_DEVICES_MAX } from './scenario-storm.ts'
import { peers } from './scenario-peers.ts'
import { web } from './scenario-web.ts'
import { direct, DIRECT_CPU, DIRECT_LOOP, group30, group3000, paced } from './scenario-talk.ts'

/** The limit first: it is what the others are held against. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  echo,
  before,
  'before-resume': beforeResume,
  direct,
  routed,
  paced,
  'group-30': group30,
  'group-3000': group3000,
  reactions,
  resume,
  idle,
  storm,
  growth,
  history,
  overload,
  peers,
  databases,
  web,
  marks,
}
/** Names of before. */
const ALIASES: Readonly<Record<string, string>> = { group: 'group-3000' }
/** Those of a run without names: what needs other programs is asked for by name. */
const WHOLE = Object.keys(SCENARIOS).filter(
  (name) => name !== 'peers' && name !== 'databases' && name !== 'web' && !name.startsWith('before') && name !== 'marks',
)
const QUICK = ['direct', 'group-30', 'group-3000', 'idle', 'storm', 'resume', 'growth', 'history']
/** What figures come from: the server and its load, and the app. */
const MEASURED = ['apps/server/src', 'apps/web', 'packages', 'bench', 'package-lock.json']
const DOCUMENT = join(ROOT, 'BENCHMARKS.md')
const PLOTS = join(ROOT, 'docs/plots')
/** Of what a message costs without its store, both ways of leaving the store out. */
const ROUTED_GOAL = { goal: { atMost: 1.6 } }

const HELP = `npm run bench                       all scenarios of Bongsu itself, about twenty minutes; growth stores ten million messages: 3 GB in the temporary folder
npm run bench -- direct storm       only these, of: ${Object.keys(SCENARIOS).join(' ')}
npm run bench -- peers              beside ejabberd, prosody, mosquitto, socket.io and bare ws, about five minutes
npm run bench -- databases          SQLite, PostgreSQL, two processes and ejabberd, about two minutes
npm run bench -- before             a text now, against the program one version older
npm run bench -- before-resume      a device that comes back, against an older program
npm run bench -- web marks          the app in a browser
npm run bench -- --quick            ${QUICK.join(' ')}: smaller and shorter, in a minute
npm run bench -- --devices=N        so many devices in the storm
npm run bench -- --than=COMMIT      the older program of before and before-resume
npm run bench -- --json             figures as JSON on standard output
npm run bench -- --write            also writes the tables and plots of BENCHMARKS.md
npm run bench -- --anyway           even beside another bench; its figures are not written
npm run bench -- --profile=FOLDER   also keeps CPU profiles of the server, one a thread; figures are worse then

A run in which anything acknowledged did not arrive once and in order ends with status 1 and without figures.`

cleanUpAtEnd()
process.exitCode = await main()

async function main(): Promise<number> {
  const asked = readArguments()
  if (asked === null) return 2
  const { values, names } = asked
  if (values.help) {
    console.error(HELP)
    return 0
  }
  if ((await becomeOnlyBench()) === null && !values.anyway) {
    console.error('Another bench is running on this machine; each would measure the other. Wait for it, or say --anyway.')
    return 75
  }
  const profile = values.profile === undefined ? null : resolve(values.profile)
  if (profile !== null) mkdirSync(profile, { recursive: true })
  try {
    const devices = values.devices === undefined ? null : Number(values.devices)
    // Before the run: what is measured is what stands here now.
    const head = describe(process.argv.slice(2))
    const report = { ...head, results: await runAll(names, { quick: values.quick, profile, devices, than: values.than ?? null }) }
    console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report))
    if (values.write) writeDocument(report)
    return 0
  } catch (error) {
    // A signal is heard of only in the next turn, and a program that was waited for has ended of it by then.
    await new Promise((heard) => setImmediate(heard))
    // What the interruption ended is no failure; its own handler says what there is to say, and ends this process.
    if (isInterrupted()) return new Promise(() => {})
    const known = error instanceof Broken || error instanceof Impossible
    console.error(known ? `FAILED. ${error.message}\nThere are no figures.` : error)
    return 1
  }
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        anyway: { type: 'boolean', default: false },
        profile: { type: 'string' },
        devices: { type: 'string' },
        than: { type: 'string' },
      },
    })
    const wanted = positionals.map((name) => ALIASES[name] ?? name)
    const unknown = wanted.filter((name) => !Object.hasOwn(SCENARIOS, name))
    if (unknown.length > 0) throw new Error(`No such scenario: ${unknown.join(', ')}.`)
    if (values.devices !== undefined && !(/^[1-9]\d*$/.test(values.devices) && Number(values.devices) <= STORM_DEVICES_MAX))
      throw new Error(`--devices is a number from 1 to ${STORM_DEVICES_MAX}.`)
    if (values.write && (values.quick || values.anyway || values.profile !== undefined))
      throw new Error('Figures of a quick or profiled run, or of one beside another, are not written down.')
    const names = wanted.length > 0 ? wanted : values.quick ? QUICK : WHOLE
    return { values, names }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return null
  }
}

async function runAll(names: readonly string[], how: Omit<Options, 'progress'>): Promise<ScenarioResult[]> {
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

/** What the house adds to its runtime, with the store and without: held against two frames of bare `ws`, and only within one run. */
function withRatio(results: readonly ScenarioResult[]): ScenarioResult[] {
  const value = (scenario: string, name: string): number | undefined =>
    results.find((one) => one.scenario === scenario)?.figures.find((figure) => figure.name === name)?.value
  const ratio = (name: string, scenario: string, of: string, limit: string, goal: Pick<Figure, 'goal'> = {}): Figure[] => {
    const [one, other] = [value(scenario, of), value('echo', limit)]
    return one === undefined || other === undefined ? [] : [{ name, value: one / other, unit: '', ...goal }]
  }
  const more: Readonly<Record<string, readonly Figure[]>> = {
    direct: [
      ...ratio('CPU of a durable message : two frames in and out of bare `ws`, same run', 'direct', DIRECT_CPU, TWO_FRAMES),
      ...ratio('the same of the event loop’s threads alone', 'direct', DIRECT_LOOP, ECHO_LOOP, ROUTED_GOAL),
    ],
    routed: ratio('the same : two frames in and out of bare `ws`, same run, all threads of both', 'routed', ROUTED, TWO_FRAMES, ROUTED_GOAL),
  }
  return results.map((one) => ({ ...one, figures: [...one.figures, ...(more[one.scenario] ?? [])] }))
}

/** Where there is no git, or this is no checkout, figures are shown without a commit. */
function commitOf(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    // Other files that are being changed have no part in a figure.
    const changed = git('status', '--porcelain', '--', ...MEASURED) === '' ? '' : ' with changes'
    return git('rev-parse', '--short', 'HEAD') + changed
  } catch {
    return 'unknown'
  }
}

function describe(args: readonly string[]): Omit<Report, 'results'> {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    machine: `${cpus().length} cores ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}, SQLite ${process.versions['sqlite'] ?? '?'}`,
    commit: commitOf(),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    durability:
      'Bongsu fsyncs every message before it is accepted (SQLite WAL, synchronous=FULL), and each that was accepted here was checked to have arrived once and in order. Plain TCP on loopback.',
  }
}

/** All written aside first and then moved into place, so that whatever interrupts this leaves whole files. */
function writeDocument(report: Report): void {
  mkdirSync(PLOTS, { recursive: true })
  const files = [[DOCUMENT, writeInto(readFileSync(DOCUMENT, 'utf8'), report)] as const].concat(
    report.results.flatMap(({ plots = [] }) => plots.map((plot) => [join(PLOTS, `${plot.name}.svg`), svgOf(plot)] as const)),
  )
  const draftOf = (file: string): string => `${file}.${process.pid}`
  try {
    for (const [file, text] of files) writeFileSync(draftOf(file), text)
  } catch (error) {
    for (const [file] of files) rmSync(draftOf(file), { force: true })
    throw error
  }
  for (const [file] of files) renameSync(draftOf(file), file)
  console.error(`Written: ${files.map(([file]) => relative(ROOT, file)).join(', ')}`)
}
