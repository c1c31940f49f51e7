import { fileURLToPath } from 'node:url'
import { systemClock } from './adapters/system/clock.ts'
import { conformance } from './conformance/command.ts'
import { readConfig } from './config.ts'
import { doctor } from './doctor/command.ts'
import { runOperator } from './operator.ts'
import { staff, STAFF_COMMANDS } from './staff/command.ts'

// The program behind `npx bongsu`, run with the Node.js version it was made for.

/** Exit code for settings that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78

const args = process.argv.slice(2)
process.exitCode = args[0] === 'conformance' ? await testClient() : await operate()

async function operate(): Promise<number> {
  const settings = readConfig(process.env)
  if (settings.ok) {
    if (args[0] === 'doctor') {
      return doctor(args.slice(1), {
        config: settings.config,
        out: (text) => process.stdout.write(text),
        note: (text) => process.stderr.write(text),
        now: () => Date.now(),
      })
    }
    const terminal = { out: (line: string) => process.stdout.write(`${line}\n`), note: (line: string) => process.stderr.write(`${line}\n`) }
    if (STAFF_COMMANDS.includes(args[0] ?? '')) return staff(args, { settings: settings.config, clock: systemClock, ...terminal })
    return runOperator(args, settings.config, { ...terminal, now: () => Date.now() })
  }
  process.stderr.write(`${settings.problems.join('\n')}\n`)
  return EXIT_CONFIG
}

function testClient(): Promise<number> {
  return conformance(args.slice(1), {
    programs: { server: fileURLToPath(new URL('main.ts', import.meta.url)), operator: import.meta.filename },
    env: process.env,
    out: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
  })
}
