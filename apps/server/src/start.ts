import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { environmentOf as sentinelEnvironmentOf, readConfig as readSentinelConfig } from '../../sentinel/src/config.ts'
import { say } from './adapters/system/logger.ts'
import { environmentOf, readConfig } from './config.ts'
import { ensureSite } from './site-build.ts'
import { atAGlance, languageOf } from './at-a-glance.ts'
import { EndedEarly, NO_GREETING, supervise, type Program, type Supervised } from './supervise.ts'

// The program behind `npm start`: it builds the web app when its sources are newer than the build, then keeps messenger and sentinel running as
// separate processes. The end of one does not end the other.

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78
/** Wait before a program that could not start is tried again. It doubles each time, up to the maximum. */
const RETRY_MS = 5_000
const RETRY_MS_MAX = 60_000
/** Longest wait for the status page before the addresses are shown without it. */
const GLANCE_MS = 10_000
const root = fileURLToPath(new URL('../../..', import.meta.url))
const main = join(root, 'apps/server/src/main.ts')
const sentinelMain = join(root, 'apps/sentinel/src/main.ts')

if (process.argv.includes('--help')) {
  for (const file of [main, sentinelMain]) spawnSync(process.execPath, [file, '--help'], { stdio: 'inherit' })
  process.exit(0)
}

/** Reads the settings of both programs and reports all problems at once, before anything starts. */
const settings = readConfig(process.env)
const sentinelSettings = readSentinelConfig(process.env)
if (!settings.ok || !sentinelSettings.ok) {
  const problems = [settings, sentinelSettings].flatMap((read) => (read.ok ? [] : read.problems))
  say(`Bongsu cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  process.exit(EXIT_CONFIG)
}
const { config } = settings
const { config: watch } = sentinelSettings

if (!ensureSite(root, say)) process.exit(1)
/** Browsers on other machines would look for a loopback address on themselves. */
const isForHere = config.origins.every((origin) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname))
const statusUrl = watch.url === '' && watch.port !== 0 && isForHere ? `http://localhost:${watch.port}` : watch.url
if (statusUrl === '' && !isForHere) say('The app does not show the status page until BONGSU_STATUS_URL is set to its public address.')
const running = new Set<Supervised>()
let kept: Supervised | null = null
process.on('SIGUSR2', () => void replaceMessenger())
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => void stop(0))

/** In a terminal this program shows addresses and links at a glance, when both programs are ready [O9]. */
const inTerminal = process.stdout.isTTY && process.stderr.isTTY
const greeting = inTerminal ? [NO_GREETING] : []

// Each program gets only its own settings, so that a leak of one program's memory does not contain the other's passwords.
const messenger: Program = {
  name: 'messenger',
  args: [main, ...greeting],
  env: { ...environmentOf(process.env), ...(statusUrl === '' ? {} : { BONGSU_STATUS_URL: statusUrl }) },
}
const sentinelOf = (port: number): Program => ({
  name: 'sentinel',
  args: [sentinelMain, ...greeting],
  env: {
    ...sentinelEnvironmentOf(process.env),
    BONGSU_STATUS_SERVER: given('BONGSU_STATUS_SERVER', `http://localhost:${port}`),
    BONGSU_STATUS_KEY_FILE: given('BONGSU_STATUS_KEY_FILE', join(config.data, 'sentinel-key')),
    BONGSU_STATUS_NAME: given('BONGSU_STATUS_NAME', config.name),
  },
})

interface Ready {
  readonly messenger?: { readonly port: number; readonly origin: string; readonly firstAdminCode: string | null }
  readonly sentinel?: { readonly url: string; readonly welcome: string | null }
}
/** The newest ready message of each program. */
let ready: Ready = {}
let isGreeted = false
/** Programs that have never been ready, with their exit codes. When both are in it, waiting is useless. */
const failed = new Map<string, number>()
const listening = keep(messenger)
// A failing program does not stop the other: without the messenger the page reports the outage, and without the page the messenger serves.
const watching = keep(sentinelOf(config.port === 0 ? ((await listening) as { port: number }).port : config.port))
if (inTerminal) void greet()

async function greet(): Promise<void> {
  await listening
  await Promise.race([watching, sleep(GLANCE_MS)])
  showAtAGlance()
  isGreeted = true
}

/** @param of the program whose links are shown; both by default. */
function showAtAGlance(of?: string): void {
  const { messenger: server, sentinel: page } = ready
  if (server === undefined) return
  const { origin, firstAdminCode } = server
  const adminLink = firstAdminCode === null || of === 'sentinel' ? null : `${origin}/#/invite/${firstAdminCode}`
  const operatorLink = of === 'messenger' ? null : (/https?:\S+/.exec(page?.welcome ?? '')?.[0] ?? null)
  say(atAGlance({ app: origin, adminLink, status: page?.url ?? null, operatorLink }, languageOf(process.env)))
}

/** A restarted program whose setup link is another one shows it. That of the other program may have been used meanwhile [O9]. */
function isReady(name: string, message: unknown): void {
  const shown = linkOf(name)
  ready = { ...ready, [name]: message }
  const link = linkOf(name)
  if (isGreeted && typeof link === 'string' && link !== shown) showAtAGlance(name)
}

function linkOf(name: string): string | null | undefined {
  return name === 'messenger' ? ready.messenger?.firstAdminCode : ready.sentinel?.welcome
}

/** Starts a program, repeatedly if necessary. @returns its first ready message. */
async function keep(program: Program): Promise<unknown> {
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(RETRY_MS_MAX, waitMs * 2)) {
    const one = supervise(program, say, (message) => isReady(program.name, message))
    running.add(one)
    if (program === messenger) kept = one
    try {
      const first = await one.ready
      failed.delete(program.name)
      return first
    } catch (cause) {
      running.delete(one)
      const code = cause instanceof EndedEarly ? cause.code : 1
      failed.set(program.name, code)
      if (failed.size === 2 || (program === messenger && config.port === 0)) return stop(failed.get('messenger') ?? code)
      say(`The ${program.name} could not start; see above. Next try in ${waitMs / 1_000} s. The other program keeps running.`)
      await sleep(waitMs)
    }
  }
}

/** Replaces the running messenger by a new process, without a pause for connected devices [O5]. */
async function replaceMessenger(): Promise<void> {
  if (config.port === 0) return say('The messenger cannot be replaced while it listens on a port of its own choice (BONGSU_PORT=0).')
  say('The messenger is being replaced by a new process.')
  say((await kept?.handOver()) === true ? 'The messenger was replaced.' : 'The messenger could not be replaced; see above.')
}

async function stop(code: number): Promise<never> {
  await Promise.all([...running].map((each) => each.stop()))
  process.exit(code)
}

/** An empty value counts as not set. */
function given(name: string, otherwise: string): string {
  const value = process.env[name]
  return value === undefined || value === '' ? otherwise : value
}
