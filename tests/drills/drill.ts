import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { figuresIn } from '../../tools/figures.ts'

// `npm run drill`: the long forms of what the tests do in short, by name, and a table of what came out beside what was aimed at.

const ROOT = join(import.meta.dirname, '../..')

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
  sentinel: {
    about: 'a messenger under load is killed, cut for 8 % of its users, and its sign-in broken, ten times each, under the eyes of its sentinel',
    goal: 'noticed in 10, 30, 20 s; told in 30 s; share within 3 points; all clear in 60 s',
    files: ['tests/drills/sentinel.ts'],
    env: {},
  },
  page: {
    about: '2,000 requests a second for the status page, while the messenger is dead',
    goal: 'p99 at most 50 ms, none failed',
    files: ['tests/drills/page.ts'],
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
}

const HELP = `npm run drill                 all of them, one after the other
npm run drill -- kill fuzz    those named

${Object.entries(DRILLS)
  .map(([name, { about }]) => `${name.padEnd(8)}${about}`)
  .join('\n')}

Settings of each (KILL_SEED, FAULT_SEED, FUZZ …) can be given in the environment.`

interface Result {
  readonly name: string
  readonly good: boolean
  readonly figures: readonly string[]
  readonly minutes: string
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => DRILLS[name] === undefined)
if (unknown.length > 0 || wanted.includes('--help')) {
  print(HELP)
  process.exit(unknown.length > 0 && !wanted.includes('--help') ? 1 : 0)
}

const results: Result[] = []
for (const name of wanted.length > 0 ? wanted : Object.keys(DRILLS)) results.push(await run(name, DRILLS[name] as Drill))

print('\n| drill | result | goal | figures | min |\n|---|---|---|---|--:|')
for (const { name, good, figures, minutes } of results)
  print(`| ${name} | ${good ? 'reached' : 'MISSED'} | ${DRILLS[name]?.goal} | ${figures.join('<br>')} | ${minutes} |`)
process.exitCode = results.every((result) => result.good) ? 0 : 1

async function run(name: string, drill: Drill): Promise<Result> {
  print(`\n${name}: ${drill.about}`)
  const startedAt = performance.now()
  const isTest = drill.files.every((file) => /\.(?:test|e2e)\.ts$/.test(file))
  const args = isTest ? ['--test', '--test-reporter=spec', '--test-concurrency=1', ...drill.files] : drill.files
  // What is given in the environment goes before the long form.
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...drill.env, ...process.env }, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  // Figures are what the tests say of themselves, or the line of JSON of a drill that is no test.
  const figures = isTest ? figuresIn(output) : output.split('\n').filter((line) => line.startsWith('{'))
  const late = figures.some((line) => Number(/"worstMs":(\d+)/.exec(line)?.[1] ?? 0) > 1_000)
  return { name, good: status === 0 && !late, figures, minutes: ((performance.now() - startedAt) / 60_000).toFixed(1) }
}
