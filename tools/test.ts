import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pipeline } from 'node:stream/promises'
import { importsOf, ourFiles, readText, resolveImport, ROOT } from './files.ts'
import { ensureSystemPackages } from './system-packages.ts'
import { ensureWebBuild } from './web-build.ts'

const HELP = `npm test                      everything
npm test -- packages/client   only test files whose path begins with one of these (or holds it as a part)

Ends with "N passed, N failed" and status 1 when anything failed or nothing ran. With CI=true nothing may be skipped.`

interface Phase {
  readonly name: string
  readonly files: readonly string[]
  /** How many test files run at a time. */
  readonly concurrency: number
  /** Longest time one test, and one test file, may take. */
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
  const units = ourFiles('{packages,apps,tests,tools,bench,docs}/**/*.test.{ts,tsx}').filter(selected)
  const e2e = ourFiles('tests/e2e/**/*.e2e.ts').filter(selected)
  const outcome: Outcome = { passed: 0, skipped: 0, failures: [] }

  const runnable = prepareE2e(e2e, outcome)
  await runPhase({ name: 'unit and contract', files: units, concurrency: 2, timeoutMs: 180_000 }, outcome)
  await runPhase({ name: 'end to end', files: runnable, concurrency: 1, timeoutMs: 600_000 }, outcome)
  return report(outcome)
}

/** What the end-to-end tests stand on: a built web app, and a browser. @returns the files that can run here. */
function prepareE2e(files: readonly string[], outcome: Outcome): readonly string[] {
  if (files.length === 0) return files
  if (!ensureWebBuild()) {
    outcome.failures.push('the web app does not build, so no end-to-end test ran')
    return []
  }
  const browserFiles = files.filter((file) => reaches(file, 'playwright-core', new Set()))
  if (browserFiles.length === 0) return files
  const missing = ensureSystemPackages()
  if (missing.length === 0) return files
  for (const sentence of missing) console.log(sentence)
  if (ci) outcome.failures.push(`browser tests cannot run here: ${missing.join('; ')}`)
  else console.log(`skipped without a browser: ${browserFiles.join(', ')}`)
  return files.filter((file) => !browserFiles.includes(file))
}

/** Does this file import the package, itself or through files of ours? */
function reaches(file: string, packageName: string, seen: Set<string>): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  return importsOf(readText(file)).some(({ specifier }) => {
    if (specifier === packageName) return true
    const next = specifier.startsWith('.') ? resolveImport(file, specifier) : null
    return next !== null && next.endsWith('.ts') && reaches(next, packageName, seen)
  })
}

async function runPhase(phase: Phase, outcome: Outcome): Promise<void> {
  if (phase.files.length === 0) return
  console.log(`\n${phase.name}: ${phase.files.length} files`)
  const stream = run({
    cwd: ROOT,
    files: phase.files.map((file) => join(ROOT, file)),
    concurrency: phase.concurrency,
    timeout: phase.timeoutMs,
    isolation: 'process',
  })
  // The runner counts a file that holds no test as one that passed: it is neither.
  stream.on('test:pass', (event) => {
    const isFile = event.nesting === 0 && event.file !== undefined && event.name === event.file
    if (isFile) outcome.failures.push(`${event.name}: no test in this file`)
    else if (event.details.type === 'suite') return
    else if (event.skip !== undefined || event.todo !== undefined) outcome.skipped++
    else outcome.passed++
  })
  stream.on('test:fail', (event) => {
    const { error, type } = event.details
    // A parent fails because its children did; they are counted themselves.
    if (type === 'suite' && 'failureType' in error && error.failureType === 'subtestsFailed') return
    const file = event.file?.replace(`${ROOT}/`, '')
    outcome.failures.push(
      file === undefined || event.name.endsWith(file) ? `${file ?? event.name}: the file did not end well` : `${file}: ${event.name}`,
    )
  })
  await pipeline(stream, new spec(), process.stdout, { end: false })
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
