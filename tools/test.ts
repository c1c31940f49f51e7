import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureSite } from '../apps/server/src/site-build.ts'
import type { TestResult } from './count-reporter.ts'
import { figuresIn } from './figures.ts'
import { importsOf, ourFiles, readText, resolveImport, ROOT } from './files.ts'
import { endWithThis, killGroup } from './process-groups.ts'
import { ensureSystemPackages } from './system-packages.ts'

const HELP = `npm test                      everything
npm test -- packages/client   only test files whose path begins with one of these (or holds it as a part)

Ends with "N passed, N failed" and status 1 when anything failed or nothing ran. With CI=true nothing may be skipped.`

/** End-to-end tests that run alone, because they fail when something takes too long. All others wait for conditions, so two run at a time. */
const ALONE = [
  'conformance',
  'deaf',
  'engines/firefox',
  'engines/webkit',
  'faults',
  'large-group',
  'live-numbers',
  'python-client',
  'reading',
  'sentinel',
  'sentinel-probe',
  'slow-reader',
  'stop',
  'time',
  'trickle',
  'turn',
  'wake',
].map((name) => `tests/e2e/${name}.e2e.ts`)

interface Phase {
  readonly name: string
  readonly files: readonly string[]
  /** How many test files run at a time. */
  readonly concurrency: number
  /** Longest time one test file may take. */
  readonly timeoutMs: number
}

interface Outcome {
  passed: number
  skipped: number
  readonly failures: string[]
}

const ci = process.env['CI'] === 'true'
const wanted = process.argv.slice(2)
if (wanted.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}
process.exitCode = await main()

async function main(): Promise<number> {
  const selected = (file: string): boolean => wanted.length === 0 || wanted.some((part) => file.includes(part.replace(/^\.\//, '')))
  const units = ourFiles('{packages,apps,tests,tools,bench,demo,docs}/**/*.test.{ts,tsx}').filter(selected)
  const allE2e = ourFiles('tests/e2e/**/*.e2e.ts')
  for (const file of ALONE) assert(allE2e.includes(file), `${file} is not there any more`)
  const e2e = allE2e.filter(selected)
  const outcome: Outcome = { passed: 0, skipped: 0, failures: [] }

  const built = e2e.length === 0 || ensureSite(ROOT, console.log)
  if (!built) outcome.failures.push('the web app does not build, so no end-to-end test ran')
  const runnable = runnableOf([...units, ...(built ? e2e : [])], outcome)
  const isUnit = (file: string): boolean => units.includes(file)
  await runPhase({ name: 'unit and contract', files: runnable.filter(isUnit), concurrency: 2, timeoutMs: 900_000 }, outcome)
  const isAlone = (file: string): boolean => ALONE.includes(file)
  const ends = runnable.filter((file) => !isUnit(file))
  await runPhase({ name: 'end to end', files: ends.filter((file) => !isAlone(file)), concurrency: 2, timeoutMs: 600_000 }, outcome)
  await runPhase({ name: 'end to end, one by one', files: ends.filter(isAlone), concurrency: 1, timeoutMs: 600_000 }, outcome)
  return report(outcome)
}

/** Makes sure that the programs are there which the tests need. @returns the files that can run here. */
function runnableOf(files: readonly string[], outcome: Outcome): readonly string[] {
  const cannotRun = new Set<string>()
  const importersOf = (importedAs: string): readonly string[] => files.filter((file) => reaches(file, importedAs, new Set()))
  for (const { importedAs, sentence } of ensureSystemPackages((one) => importersOf(one).length > 0)) {
    const without = importersOf(importedAs)
    if (without.length === 0) continue
    for (const file of without) cannotRun.add(file)
    console.log(`${sentence}; skipped: ${without.join(', ')}`)
    if (ci) outcome.failures.push(`tests cannot run here: ${sentence}`)
  }
  return files.filter((file) => !cannotRun.has(file))
}

/** Does this file import the package or the file of ours, itself or through files of ours? */
function reaches(file: string, importedAs: string, seen: Set<string>): boolean {
  if (file === importedAs) return true
  if (seen.has(file)) return false
  seen.add(file)
  return importsOf(readText(file)).some(({ specifier }) => {
    if (specifier === importedAs) return true
    const next = specifier.startsWith('.') ? resolveImport(file, specifier) : null
    return next !== null && next.endsWith('.ts') && reaches(next, importedAs, seen)
  })
}

async function runPhase(phase: Phase, outcome: Outcome): Promise<void> {
  if (phase.files.length === 0) return
  console.log(`\n${phase.name}: ${phase.files.length} files`)
  const waiting = [...phase.files]
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file, phase.timeoutMs, outcome)
  }
  await Promise.all(Array.from({ length: phase.concurrency }, worker))
}

/** One process for each file, in its own process group, so that a file that hangs is ended with everything it started. */
async function runFile(file: string, timeoutMs: number, outcome: Outcome): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-test-'))
  const counted = join(folder, 'results')
  const startedAt = performance.now()
  const args = [
    `--import=${pathToFileURL(join(ROOT, 'tools/end-at-once.ts')).href}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(ROOT, 'tools/count-reporter.ts')}`,
    `--test-reporter-destination=${counted}`,
    file,
  ]
  const child = spawn(process.execPath, args, { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = endWithThis(child.pid)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  let late = false
  const timer = setTimeout(() => {
    late = true
    killGroup(child.pid)
  }, timeoutMs)
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null))
    // Not 'close': something the test started may hold the pipes open.
    child.on('exit', (status) => setTimeout(() => resolve(status), 20))
  })
  clearTimeout(timer)
  killGroup(child.pid)
  ended()

  const results = readResults(counted)
  rmSync(folder, { recursive: true })
  const failed = results.filter((one) => one.result === 'failed')
  outcome.passed += results.filter((one) => one.result === 'passed').length
  outcome.skipped += results.filter((one) => one.result === 'skipped').length
  outcome.failures.push(...failed.map((one) => `${file}: ${one.name}`))
  if (late) outcome.failures.push(`${file}: did not end in ${timeoutMs / 1_000} s`)
  else if (results.length === 0) outcome.failures.push(`${file}: no test ran (status ${code})`)
  else if (code !== 0 && failed.length === 0) outcome.failures.push(`${file}: every test passed, but it ended with status ${code}`)

  const good = code === 0 && !late && results.length > 0
  console.log(`${good ? 'good' : 'BAD '} ${file}: ${results.length} tests, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  // What a green run rests on is told too: how often each fault happened, what each breakage was caught by.
  if (good) for (const line of figuresIn(output)) console.log(`       ${line}`)
  else console.log(output.trimEnd())
}

function readResults(path: string): TestResult[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TestResult)
}

function report({ passed, skipped, failures }: Outcome): number {
  if (skipped > 0) {
    const sentence = `${skipped} tests were skipped`
    if (ci) failures.push(sentence)
    else console.log(sentence)
  }
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `- ${failure}`).join('\n')}`)
  if (passed === 0 && failures.length === 0) console.log('\nno test ran')
  console.log(`\n${passed} passed, ${failures.length} failed`)
  return failures.length > 0 || passed === 0 ? 1 : 0
}
