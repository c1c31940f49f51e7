import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig as readSentinelConfig } from '../../sentinel/src/config.ts'
import { readConfig } from './config.ts'
import { EndedEarly, supervise, type Supervised } from './supervise.ts'

// What `npm start` runs: builds the web app when its sources are newer than what was built, then keeps the messenger and its sentinel running, each a
// process of its own. What ends one does not end the other.

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78
const root = fileURLToPath(new URL('../../..', import.meta.url))
const main = join(root, 'apps/server/src/main.ts')
const sentinelMain = join(root, 'apps/sentinel/src/main.ts')
const say = (text: string): void => void process.stderr.write(`${text}\n`)

if (process.argv.includes('--help')) {
  for (const file of [main, sentinelMain]) spawnSync(process.execPath, [file, '--help'], { stdio: 'inherit' })
  process.exit(0)
}

/** The settings of both, all problems at once, before anything is started. */
const settings = readConfig(process.env)
const sentinelSettings = readSentinelConfig(process.env)
if (!settings.ok || !sentinelSettings.ok) {
  const problems = [settings, sentinelSettings].flatMap((read) => (read.ok ? [] : read.problems))
  say(`Bongsu cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  process.exit(EXIT_CONFIG)
}
const { config } = settings
const { config: watch } = sentinelSettings

build()
const statusUrl = watch.url === '' && watch.port !== 0 ? `http://localhost:${watch.port}` : watch.url
const running: Supervised[] = []
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(0))
try {
  const server = supervise(
    { name: 'messenger', args: [main], env: { ...process.env, ...(statusUrl === '' ? {} : { BONGSU_STATUS_URL: statusUrl }) } },
    say,
  )
  running.push(server)
  const { port } = (await server.ready) as { port: number }
  const env = {
    ...process.env,
    BONGSU_STATUS_SERVER: process.env['BONGSU_STATUS_SERVER'] ?? `http://localhost:${port}`,
    BONGSU_STATUS_KEY_FILE: process.env['BONGSU_STATUS_KEY_FILE'] ?? join(config.data, 'sentinel-key'),
    BONGSU_STATUS_NAME: process.env['BONGSU_STATUS_NAME'] ?? config.name,
  }
  const sentinel = supervise({ name: 'sentinel', args: [sentinelMain], env }, say)
  running.push(sentinel)
  await sentinel.ready
} catch (cause) {
  await stop(cause instanceof EndedEarly ? cause.code : 1)
}

async function stop(code: number): Promise<never> {
  await Promise.all(running.map((each) => each.stop()))
  process.exit(code)
}

function build(): void {
  const built = join(root, 'apps/web/dist/index.html')
  const sources = ['apps/web', 'packages/client', 'packages/protocol', 'package-lock.json']
  const stale = !existsSync(built) || Math.max(...sources.map((path) => newest(join(root, path)))) > statSync(built).mtimeMs
  if (!stale) return
  say('Building the web app (only when it has changed) …')
  const result = spawnSync('npm', ['run', 'build', '--workspace', 'apps/web'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (result.status === 0) return
  say('The web app could not be built; see above.')
  process.exit(1)
}

function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  const names = readdirSync(path).filter((name) => name !== 'node_modules' && name !== 'dist')
  return Math.max(0, ...names.map((name) => newest(join(path, name))))
}
