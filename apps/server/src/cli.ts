import { readConfig } from './config.ts'
import { runOperator } from './operator.ts'

// The program behind `npx bongsu`, run with the Node.js version it was made for.

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78

const settings = readConfig(process.env)
if (settings.ok) {
  process.exitCode = runOperator(process.argv.slice(2), settings.config.data, {
    out: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    now: () => Date.now(),
  })
} else {
  process.stderr.write(`${settings.problems.join('\n')}\n`)
  process.exitCode = EXIT_CONFIG
}
