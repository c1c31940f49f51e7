import { runCommand } from './cli/run.ts'
import { languageOf, systemTerminal } from './cli/system-terminal.ts'
import type { PublishNow } from './cli/terminal.ts'
import { readConfig, SETTINGS } from './config.ts'
import { RECOMPUTERS } from './present/measure.ts'

// The program behind `npx bongsu incident`, `maintenance`, `record` and `operator`, run with the Node.js version it was made for.

const env = process.env
const settings = readConfig(env)
// A person can always speak [S3]: a wrong setting is reported, and every command that does not need it still works.
if (!settings.ok) for (const problem of settings.problems) process.stderr.write(`${problem}\n`)

// A reader that has seen enough of an export closes the pipe. That is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const publishNow: PublishNow = async (directory) => {
  if (!settings.ok) return { places: [], problems: settings.problems }
  // Loaded as late as possible: a fault in the page code must not keep a statement out of the record.
  const { publishNowBy } = await import('./cli/publish-now.ts')
  return publishNowBy(settings.config)(directory)
}

const directory = settings.ok ? settings.config.data : (env[SETTINGS.data.env] ?? SETTINGS.data.default)
const url =
  settings.ok && settings.config.url !== '' ? settings.config.url : `http://localhost:${settings.ok ? settings.config.port : SETTINGS.port.default}`
process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: systemTerminal({
    directory,
    timeZone: settings.ok ? settings.config.timeZone : SETTINGS.timeZone.default,
    language: languageOf(env['LC_ALL'], env['LC_MESSAGES'], env['LANG']),
    sudoUser: env['SUDO_USER'],
  }),
  publishNow,
  serviceUrl: url,
  recomputers: RECOMPUTERS,
})
