import { readFileSync } from 'node:fs'
import { destination, pino } from 'pino'
import { startSentinel } from './compose.ts'
import { describeSettings, readConfig } from './config.ts'
import type { Log } from './log.ts'

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78
/** A stop that takes longer than this is forced. */
const STOP_MS = 10_000
/** Most text of log lines kept for an output that takes nothing, in UTF-16 units. Beyond it lines are dropped. */
const WAITING_CHARS_MAX = 1_048_576

if (process.argv.includes('--help')) {
  process.stdout.write(
    `The sentinel of Bongsu: it publishes the truth when the messenger cannot.\n\nSettings are environment variables:\n\n${describeSettings()}`,
  )
  process.exit(0)
}

const settings = readConfig(process.env)
if (!settings.ok) {
  say(`The sentinel cannot start with these settings:\n${settings.problems.map((problem) => `  - ${problem}`).join('\n')}`)
  process.exit(EXIT_CONFIG)
}
const { config } = settings
const output = destination({ dest: 1, sync: true, maxLength: WAITING_CHARS_MAX })
// An output that takes nothing, such as a file on a full disk, stops nobody [O4].
output.on('error', () => undefined)
process.stderr.on('error', () => undefined)
const lines = pino({ level: config.logLevel, base: { program: 'sentinel' } }, output)
/** In a terminal, where a person looks: what needs attention, in words. Everything else is for machines. */
const plain: Log = {
  note: () => undefined,
  warn: (sentence, cause) => say(`  ${new Date().toTimeString().slice(0, 8)}  ${sentence}${cause instanceof Error ? ` (${cause.message})` : ''}`),
}
const log: Log = process.stdout.isTTY
  ? plain
  : {
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
  const running = await startSentinel({ config, log, version, say })
  log.note('The sentinel is running.', { server: config.server, port: running.port, data: config.data })
  // A parent that shows addresses and links itself says so.
  if (!process.argv.includes('--no-greeting'))
    say(`\n  봉수 상태 / Status: ${running.url}\n${running.welcome === null ? '' : `${running.welcome}\n`}`)
  process.send?.({ port: running.port, url: running.url, welcome: running.welcome })
  stop = (event) => {
    stop = () => undefined
    log.note('The sentinel is stopping.', { event })
    setTimeout(() => process.exit(1), STOP_MS).unref()
    running.stop().then(() => process.exit(0), fatal)
  }
} catch (cause) {
  say(`The sentinel could not start: ${cause instanceof Error ? cause.message : String(cause)}`)
  process.exit(1)
}

function say(text: string): void {
  try {
    process.stderr.write(`${text}\n`)
  } catch {
    // There is nowhere left to say so.
  }
}
