import { openRecord, recordIsThere } from '../record/open-record.ts'
import type { Recomputer } from '../record/verify.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { HELP, INCIDENT_HELP, MAINTENANCE_HELP, PEOPLE_HELP, RECORD_HELP } from './help.ts'
import { operatorCommand } from './people.ts'
import { actNamed } from '../acts/acts.ts'
import { parseCommand, type Parsed } from './parse.ts'
import { exportCommand, verifyCommand } from './record.ts'
import { listCommand, publish, speakCommand } from './speak.ts'
import { EXIT, speaker, type ExitCode, type PublishNow, type Terminal } from './terminal.ts'

export interface CommandParts {
  readonly terminal: Terminal
  readonly publishNow: PublishNow
  /** Address of the status page, without a trailing slash. */
  readonly serviceUrl: string
  /** How published numbers are computed again. */
  readonly recomputers: readonly Recomputer[]
}

const HELPS: Readonly<Record<string, string>> = {
  incident: INCIDENT_HELP,
  maintenance: MAINTENANCE_HELP,
  record: RECORD_HELP,
  operator: PEOPLE_HELP,
}

/** Runs one command: `incident open …`, `maintenance list`, `record verify` … @returns the exit code. */
export async function runCommand(args: readonly string[], parts: CommandParts): Promise<ExitCode> {
  const { terminal } = parts
  const parsed = parseCommand(args)
  if (typeof parsed === 'string') {
    terminal.note(`${parsed}\n\n${HELPS[args[0] ?? ''] ?? HELP}`)
    return EXIT.usage
  }
  if (parsed.flags['help'] === true) {
    terminal.out(HELPS[parsed.area] ?? HELP)
    return EXIT.done
  }
  try {
    return await run(parsed, parts)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Faults of record and disk are for the operator. A bug of this program is printed with its place in the code.
    const expected = error.name.startsWith('Record') || 'code' in error
    terminal.note(expected ? error.message : (error.stack ?? error.message))
    return EXIT.failed
  }
}

async function run(parsed: Parsed, { terminal, publishNow, serviceUrl, recomputers }: CommandParts): Promise<ExitCode> {
  const data = parsed.flags['data']
  const directory = typeof data === 'string' ? data : terminal.directory
  const speech = { terminal, publishNow, directory }
  switch (`${parsed.area} ${parsed.command}`) {
    case 'record verify':
      return verifyCommand(parsed, directory, recomputers, terminal)
    case 'record export':
      return exportCommand(parsed, directory, terminal)
    case 'incident list':
    case 'maintenance list':
      return withRecord(directory, terminal, (record) => listCommand(record, parsed, terminal))
    case 'incident publish':
      return withRecord(directory, terminal, () => publish(speech, true))
  }
  if (parsed.area === 'operator') return operatorCommand(parsed, directory, serviceUrl, terminal)
  const act = actNamed(parsed.area, parsed.command)
  return act === undefined ? EXIT.usage : speakCommand(act, parsed, speech)
}

function withRecord<T>(directory: string, terminal: Terminal, use: (record: SqliteRecord) => T): T | ExitCode {
  if (!recordIsThere(directory)) {
    terminal.note(
      speaker(terminal)(
        `${directory} 에 기록이 없습니다. --data 로 폴더를 알려 주십시오.`,
        `There is no record in ${directory}. Give its folder with --data.`,
      ),
    )
    return EXIT.failed
  }
  const record = openRecord(directory, { create: false })
  try {
    return use(record)
  } finally {
    record.close()
  }
}
