import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { startSentinel } from './compose.ts'
import { describeSettings, readConfig } from './config.ts'
import type { Log } from './log.ts'

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78
/** A stop that takes longer than this is forced. */
const STOP_MS = 10_000

if (process.argv.includes('--help')) {
  process.stdout.write(
    `The sentinel of Bongsu: it publishes the truth when the messenger cannot.\n\nSettings are environment variables:\n\n${describeSettings()}`,
  )
  process.exit(0)
}

const settings = readConfig(process.env)
if (!settings.ok) {
  process.stderr.write(`The sentinel cannot start with these settings:\n${settings.problems.map((problem) => `  - ${problem}`).join('\n')}\n`)
  process.exit(EXIT_CONFIG)
}
const { config } = settings
const lines = pino({ level: config.logLevel, base: { program: 'sentinel' } })
const log: Log = {
  note: (sentence, details = {}) => lines.info(details, sentence),
  warn: (sentence, cause) => lines.warn(cause === undefined ? {} : { err: cause }, sentence),
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

function fatal(cause: unknown): never {
  // Any unforeseen fault ends the process. The process is started again, and everything said so far is in the record and on the pages.
  lines.error({ err: cause }, 'An unexpected error. The sentinel ends.')
  process.exit(1)
}
process.on('uncaughtException', fatal)
process.on('unhandledRejection', fatal)

/** Before the start is complete there is nothing to finish. */
let stop: (event: string) => void = () => process.exit(0)
// The channel to the parent process disconnects when the parent is gone [O4].
for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const) process.once(event, () => stop(event))

try {
  const running = await startSentinel({ config, log, version, say: (text) => process.stderr.write(`${text}\n`) })
  log.note('The sentinel is running.', { server: config.server, port: running.port, data: config.data })
  process.stderr.write(`\n  봉수 상태 / Status: ${running.url}\n${running.welcome === null ? '' : `${running.welcome}\n`}\n`)
  process.send?.({ port: running.port })
  stop = (event) => {
    stop = () => undefined
    log.note('The sentinel is stopping.', { event })
    setTimeout(() => process.exit(1), STOP_MS).unref()
    running.stop().then(() => process.exit(0), fatal)
  }
} catch (cause) {
  process.stderr.write(`The sentinel could not start: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exit(1)
}
