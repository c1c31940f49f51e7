import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path, { join } from 'node:path'
import { parseArgs } from 'node:util'
import { figuresIn } from '../../tools/figures.ts'

// `npm run drill`: the long forms of what the tests do in short, by name, and a table of what came out beside what was aimed at.

const ROOT = join(import.meta.dirname, '../..')

/** Two rooms of people; and more would need more ports than the way through a balancer leaves on one machine. */
const CLIENTS_MIN = 16
const CLIENTS_MAX = 10_000

const print = (text: string): void => void process.stdout.write(`${text}\n`)

interface Drill {
  readonly about: string
  readonly goal: string
  readonly files: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const DRILLS: Readonly<Record<string, Drill>> = {
  kill: {
    about: 'the server is killed 200 times under load',
    goal: '0 lost, doubled, reordered',
    files: ['tests/e2e/kill.e2e.ts'],
    env: { KILLS: '200' },
  },
  power: {
    about: 'the power is cut 60 times under load',
    goal: '0 lost, doubled, reordered; a database that does not sync is caught',
    files: ['tests/e2e/power-cut.e2e.ts'],
    env: { POWER_CUTS: '60' },
  },
  snapshot: {
    about: 'the data folder is put back 100 times to an older snapshot, with devices online, offline and closed',
    goal: '0 lost, 0 doubled, all equal within 30 s',
    files: ['tests/e2e/snapshot.e2e.ts'],
    env: { SNAPSHOTS: '100' },
  },
  faults: {
    about: 'a bad network for 5 minutes; a server that stands still for 40 s; clocks that jump; a reader of 1 byte a second',
    goal: '0 lost, doubled, reordered; live in 5 s; the others not more than 10 % slower',
    files: ['tests/e2e/faults.e2e.ts', 'tests/e2e/time.e2e.ts', 'tests/e2e/trickle.e2e.ts'],
    env: { FAULT_SECONDS: '300', STOPPED_SECONDS: '40', CALM_SECONDS: '30' },
  },
  sleep: {
    about: 'a real browser sleeps for 10 minutes',
    goal: 'live and complete in 5 s',
    files: ['tests/e2e/wake.e2e.ts'],
    env: { ASLEEP_SECONDS: '600' },
  },
  fuzz: {
    about: 'a million frames decoded, half a million over real sockets, an eighth of a million requests',
    goal: 'no crash, a refusal with a code each, memory bounded',
    files: ['tests/fuzz/decode.test.ts', 'tests/fuzz/tokens.test.ts', 'tests/e2e/fuzz.e2e.ts'],
    env: { FUZZ: '1000000' },
  },
  'judge-calm': {
    about: 'five towns of 5 to 100,000 people live for 70 days each without an outage, in simulated time',
    goal: 'at most one false word a year',
    files: ['tests/judge/calm.test.ts'],
    env: { JUDGE_DAYS: '70', JUDGE_SEED: '2' },
  },
  'judge-faults': {
    about: 'five towns live for 30 days each with a fault every few hours, in simulated time',
    goal: 'each told, none told wrong; shares as SPEC S9 says',
    files: ['tests/judge/faults.test.ts'],
    env: { JUDGE_DAYS: '30', JUDGE_SEED: '1001' },
  },
  sentinel: {
    about: 'a messenger under load has each fault of the table ten times, under the eyes of its sentinel (--runs, --scenarios)',
    goal: 'what sentinel-scenarios.ts asks: times, shares, words, all clear',
    files: ['tests/drills/sentinel.ts'],
    env: {},
  },
  page: {
    about: '2,000 requests a second for the status page, while the messenger is dead',
    goal: 'p99 at most 50 ms, none failed',
    files: ['tests/drills/page.ts'],
    env: {},
  },
  abuse: {
    about: 'one account, and strangers, do their worst: floods of memberships, texts, refreshes, passwords, sign-ins, slow bodies, invites',
    goal: 'acts of others 100 %; their p95 at most 2 times; the disk never below its reserve',
    files: ['tests/drills/abuse.ts'],
    env: {},
  },
  move: {
    about: 'a messenger with 600 connected devices is replaced by a new process',
    goal: 'median without a connection at most 300 ms; each moved once',
    files: ['tests/e2e/move.e2e.ts'],
    env: { MOVED_DEVICES: '600' },
  },
  start: {
    about: 'ready again after a kill, with a million stored messages',
    goal: 'worstMs at most 1000',
    files: ['tests/drills/start-million.ts'],
    env: {},
  },
  'kill-server': {
    about: '1 of 3 server processes on PostgreSQL is killed under load (--clients)',
    goal: '99 % of its users send again ≤ 5 s; others p99 ≤ 200 ms; 0 lost, doubled, reordered',
    files: ['tests/drills/cluster-drills.ts'],
    env: { CLUSTER_DRILLS: 'kill-server' },
  },
  'kill-nats': {
    about: '1 of 3 NATS servers is killed under load (--clients)',
    goal: 'sends p99 ≤ 200 ms; delivery p99 ≤ 2 s; 0 lost, doubled, reordered',
    files: ['tests/drills/cluster-drills.ts'],
    env: { CLUSTER_DRILLS: 'kill-nats' },
  },
  'kill-all-nats': {
    about: 'all NATS servers are killed under load (--clients)',
    goal: 'sends p99 ≤ 200 ms; delivery p99 ≤ 2 s; 0 lost, doubled, reordered',
    files: ['tests/drills/cluster-drills.ts'],
    env: { CLUSTER_DRILLS: 'kill-all-nats' },
  },
  'standby-gone': {
    about: 'the synchronous standby is away under load (--clients)',
    goal: 'nothing accepted meanwhile, health says why, all goes on; 0 lost, doubled, reordered',
    files: ['tests/drills/cluster-drills.ts'],
    env: { CLUSTER_DRILLS: 'standby-gone' },
  },
  'rolling-upgrade': {
    about: '3 server processes are stopped and started one after the other under load (--clients, --from)',
    goal: '0 failed sends, p99 ≤ 500 ms; 0 lost, doubled, reordered',
    files: ['tests/drills/cluster-drills.ts'],
    env: { CLUSTER_DRILLS: 'rolling-upgrade' },
  },
}

const HELP = `npm run drill                 all of them, one after the other
npm run drill -- kill fuzz    those named
npm run drill -- sentinel --json --scenarios total,cut-30 --runs 3
                              a line of JSON for each drill; some faults; so often each
npm run drill -- kill-server --clients 2000
npm run drill -- rolling-upgrade --from ../bongsu-0.1.0
                              from an older version: an unpacked release, or a checkout with what it needs installed
npm run drill -- --list       their names, what they do and what is aimed at; with --json too

${Object.entries(DRILLS)
  .map(([name, { about }]) => `${name.padEnd(17)}${about}`)
  .join('\n')}

Settings of each (KILL_SEED, FAULT_SEED, FUZZ …) can be given in the environment.`

interface Result {
  readonly name: string
  readonly good: boolean
  readonly figures: readonly string[]
  readonly minutes: string
}

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
    runs: { type: 'string' },
    scenarios: { type: 'string' },
    clients: { type: 'string' },
    from: { type: 'string' },
  },
})
const chosen = {
  ...(options.runs === undefined ? {} : { RUNS: options.runs }),
  ...(options.scenarios === undefined ? {} : { SCENARIOS: options.scenarios }),
  ...(options.clients === undefined ? {} : { CLIENTS: options.clients }),
  ...(options.from === undefined ? {} : { FROM: path.resolve(options.from) }),
}
const unknown = wanted.filter((name) => DRILLS[name] === undefined)
if (unknown.length > 0 || options.help === true) {
  print(HELP)
  process.exit(unknown.length > 0 ? 1 : 0)
}
const clients = Number(options.clients ?? CLIENTS_MIN)
if (!Number.isSafeInteger(clients) || clients < CLIENTS_MIN || clients > CLIENTS_MAX) {
  print(`--clients is a whole number from ${CLIENTS_MIN} to ${CLIENTS_MAX}`)
  process.exit(1)
}
if (options.from !== undefined && !existsSync(join(options.from, 'apps/server/src/main.ts'))) {
  print(`--from is the folder of an older version; there is no apps/server/src/main.ts in ${options.from}`)
  process.exit(1)
}
if (options.list === true) {
  for (const [name, { about, goal }] of Object.entries(DRILLS))
    print(options.json === true ? JSON.stringify({ name, about, goal }) : `${name.padEnd(17)}${about}\n${' '.repeat(17)}goal: ${goal}`)
  process.exit(0)
}

const results: Result[] = []
for (const name of wanted.length > 0 ? wanted : Object.keys(DRILLS)) results.push(await run(name, DRILLS[name] as Drill))

if (options.json !== true) print('\n| drill | result | goal | figures | min |\n|---|---|---|---|--:|')
for (const { name, good, figures, minutes } of options.json === true ? [] : results)
  print(`| ${name} | ${good ? 'reached' : 'MISSED'} | ${DRILLS[name]?.goal} | ${figures.join('<br>')} | ${minutes} |`)
process.exitCode = results.every((result) => result.good) ? 0 : 1

async function run(name: string, drill: Drill): Promise<Result> {
  if (options.json !== true) print(`\n${name}: ${drill.about}`)
  const startedAt = performance.now()
  const isTest = drill.files.every((file) => /\.(?:test|e2e)\.ts$/.test(file))
  const args = isTest ? ['--test', '--test-reporter=spec', '--test-concurrency=1', ...drill.files] : drill.files
  // What is given in the environment goes before the long form.
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...drill.env, ...process.env, ...chosen }, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (options.json !== true) process.stdout.write(text)
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  // Figures are what the tests say of themselves, or the line of JSON of a drill that is no test.
  const figures = isTest ? figuresIn(output) : output.split('\n').filter((line) => line.startsWith('{'))
  const late = figures.some((line) => Number(/"worstMs":(\d+)/.exec(line)?.[1] ?? 0) > 1_000)
  const result = { name, good: status === 0 && !late, figures, minutes: ((performance.now() - startedAt) / 60_000).toFixed(1) }
  if (options.json === true)
    print(
      JSON.stringify({
        name,
        reached: result.good,
        goal: drill.goal,
        minutes: Number(result.minutes),
        figures: isTest ? figures : figures.map((line) => JSON.parse(line) as unknown),
      }),
    )
  return result
}
