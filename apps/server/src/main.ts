import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createLogger, say } from './adapters/system/logger.ts'
import { startServer } from './compose.ts'
import { describeSettings, readConfig } from './config.ts'
import { NO_GREETING, STAND_BY } from './supervise.ts'

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78

if (process.argv.includes('--help')) {
  process.stdout.write(`Bongsu, a messenger that does not go dark.\n\nSettings are environment variables:\n\n${describeSettings()}`)
  process.exit(0)
}

const settings = readConfig(process.env)
if (!settings.ok) {
  say(`Bongsu cannot start with these settings:\n${settings.problems.map((problem) => `  - ${problem}`).join('\n')}`)
  process.exit(EXIT_CONFIG)
}
const { config } = settings
const logger = createLogger(config.logLevel)
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

function fatal(cause: unknown): never {
  // Any unforeseen fault ends the process. The supervisor starts it again and devices resume [O4].
  logger.error({ err: cause }, 'An unexpected error. The process ends.')
  process.exit(1)
}
process.on('uncaughtException', fatal)
process.on('unhandledRejection', fatal)

/** Before the start is complete there is nothing to finish. */
let stop: (event: string) => void = () => process.exit(0)
// The channel to the parent process disconnects when the parent is gone [O4].
for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const) process.once(event, () => stop(event))

try {
  if (process.argv.includes(STAND_BY)) await standBy()
  const site = fileURLToPath(new URL('../../web/dist', import.meta.url))
  const running = await startServer({ config, logger, version, site, fatal })
  logger.info({ port: running.port, data: config.data }, 'Bongsu is listening.')
  if (!process.argv.includes(NO_GREETING)) greet(running)
  // Tells the parent process that the server is ready.
  process.send?.({ port: running.port, origin: running.origin, firstAdminCode: running.firstAdminCode })
  process.on('message', (order) => {
    if (order === 'release') running.release().then(() => process.send?.('released'), fatal)
    if (order === 'move') running.move().then(() => process.exit(0), fatal)
  })
  stop = (event) => {
    stop = () => undefined
    logger.info({ event }, 'Bongsu stops.')
    setTimeout(() => process.exit(1), running.stopMsMax()).unref()
    running.stop().then(() => process.exit(0), fatal)
  }
} catch (cause) {
  say(`Bongsu could not start: ${cause instanceof Error ? cause.message : String(cause)}`)
  process.exit(1)
}

/** Everything is loaded. The store is opened when the process before has released it. */
async function standBy(): Promise<void> {
  process.send?.('standing-by')
  const [order] = (await once(process, 'message')) as [unknown]
  assert(order === 'go', 'a process that stands by is told to go')
}

function greet({ origin, firstAdminCode }: { origin: string; firstAdminCode: string | null }): void {
  const invite =
    firstAdminCode === null
      ? ''
      : `\n  첫 관리자 가입 / Become the first administrator (valid for 24 hours, once):\n\n    ${origin}/#/invite/${firstAdminCode}\n`
  say(`\n  봉수 Bongsu\n\n  열기 / Open: ${origin}\n${invite}`)
}
