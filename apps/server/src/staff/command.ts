import { parseArgs } from 'node:util'
import { createBuilder } from '../accounts/builder.ts'
import { createJournal } from '../accounts/journal.ts'
import { readKnownTime } from '../accounts/known-time.ts'
import type { Clock } from '../ops/clock.ts'
import { createServerTime } from '../ops/server-time.ts'
import { openSql } from '../storage.ts'
import { act, ACTS } from './act.ts'
import type { Desk } from './desk.ts'
import { EXIT_USAGE, reports } from './reports.ts'
import { showJournal } from './show-journal.ts'

const HELP = `npx bongsu audit [--of HANDLE] [--limit N] [--json]   acts of staff and security events; checks that none was changed or removed
npx bongsu reports [list] [--decided] [--limit N] [--json]
                                                     cases that wait for a decision, or those that were decided
npx bongsu reports show CASE [--json]                a case with what was reported; that it was shown is recorded
npx bongsu reports close CASE --act none|hide|remove|warn|suspend [--reason TEXT] [--json]
                                                     decide a case; CASE is its id, or enough of its beginning
                       remove from a reported group: --of HANDLE
                       warn: --text TEXT; suspend: --for 30m|12h|7d|ever --text TEXT [--appeal TEXT]
npx bongsu role HANDLE administrator|moderator|member [--reason TEXT]
npx bongsu suspend HANDLE --for 30m|12h|7d|ever --reason TEXT [--appeal TEXT]
npx bongsu unsuspend HANDLE --reason TEXT
npx bongsu warn HANDLE --reason TEXT

They work beside a running server, which follows within a heartbeat, and without one. Each is written into the journal.

--reason TEXT  why: the person is told, except of a role and in a case
--text TEXT    what the person is told who is warned or suspended in a case
--appeal TEXT  how the person can appeal
--data DIR     the data directory; BONGSU_DATA when left out, else ./data
--help         this text

Exit codes: 0 done; 1 the journal is not as it was written, or not done for the reason printed; 64 the command was not understood.
`

export const STAFF_COMMANDS: readonly string[] = ['audit', 'reports', ...ACTS]

export interface Surroundings {
  readonly settings: { readonly data: string; readonly database: string | null; readonly databaseUnsafe: 'refuse' | 'allow' }
  readonly clock: Clock
  readonly out: (line: string) => void
  readonly note: (line: string) => void
}

/** What the operator does as staff. @returns the exit code. */
export async function staff(args: readonly string[], { settings, clock, out, note }: Surroundings): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (cause) {
    note(`${messageOf(cause)}\n\n${HELP}`)
    return EXIT_USAGE
  }
  const { values, positionals } = parsed
  const [command, handle, role, ...more] = positionals
  const what = ACTS.find((each) => each === command)
  if (values.help === true) {
    out(HELP)
    return 0
  }
  const isWhole = what === undefined ? handle === undefined : handle !== undefined && (role !== undefined) === (what === 'role')
  if (command !== 'reports' && (!isWhole || more.length > 0)) {
    note(HELP)
    return EXIT_USAGE
  }
  try {
    const database = values.data === undefined ? settings.database : null
    const opened = await openSql({ directory: values.data ?? settings.data, database, unsafe: settings.databaseUnsafe })
    try {
      const parts = { sql: opened.sql, db: createBuilder(opened.sql.dialect), clock }
      const time = createServerTime(clock, await readKnownTime(parts))
      const nobody = (): void => undefined
      const desk: Desk = {
        ...parts,
        journal: createJournal(parts),
        knownNow: () => time.forExpiry(),
        rose: nobody,
        suspended: async () => undefined,
        log: opened.log,
        out,
      }
      if (command === 'reports') {
        const code = await reports(desk, positionals.slice(1), values)
        if (code === EXIT_USAGE) note(HELP)
        return code
      }
      if (what === undefined || handle === undefined)
        return await showJournal(desk, { handle: values.of, limit: values.limit, json: values.json === true })
      await act(desk, what, { handle, role, for: values.for, reason: values.reason, appeal: values.appeal })
      return 0
    } finally {
      await opened.close()
    }
  } catch (cause) {
    note(messageOf(cause))
    return 1
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = {
    data: text,
    of: text,
    limit: text,
    for: text,
    reason: text,
    appeal: text,
    text,
    act: text,
    decided: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
