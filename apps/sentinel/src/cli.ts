import { runCommand } from './cli/run.ts'
import { languageOf, systemTerminal } from './cli/system-terminal.ts'
import type { PublishNow } from './cli/terminal.ts'
import { readConfig, SETTINGS } from './config.ts'
import { RECOMPUTERS } from './present/recomputers.ts'

// What `npx bongsu incident`, `maintenance` and `record` run, under the Node.js this program is made for.

const env = process.env
const settings = readConfig(env)
// A person can always speak [S3]: a wrong setting is told, and what it is not needed for is done.
if (!settings.ok) for (const problem of settings.problems) process.stderr.write(`${problem}\n`)

// A reader of an export that has seen enough closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const publishNow: PublishNow = async (directory) => {
  if (!settings.ok) return { places: [], problems: settings.problems }
  // Loaded only now: whatever is wrong with the pages must not keep a word out of the record.
  const { publishNowBy } = await import('./cli/publish-now.ts')
  return publishNowBy(settings.config)(directory)
}

process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: systemTerminal({
    directory: settings.ok ? settings.config.data : (env[SETTINGS.data.env] ?? SETTINGS.data.default),
    timeZone: settings.ok ? settings.config.timeZone : SETTINGS.timeZone.default,
    language: languageOf(env['LC_ALL'], env['LC_MESSAGES'], env['LANG']),
    editor: env['VISUAL'] ?? env['EDITOR'],
  }),
  publishNow,
  recomputers: RECOMPUTERS,
})
