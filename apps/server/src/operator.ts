import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { KINDS, moveStore, storeKeeper, verifyServer, type Kind } from './storage.ts'
import type { RestoreOptions, Verified, VerifyWatcher } from './store/store-keeper.ts'

export const HELP = `npx bongsu verify [--data DIR | FILE] [--hashes]   check a data directory, or one database file such as a backup
npx bongsu backup --to FILE [--data DIR]           copy one moment of the history into a file, while the server runs
npx bongsu restore FILE [--data DIR] [--replace] [--without-log]
                                                   restore a backup, while the server is stopped
npx bongsu migrate --from sqlite --to postgres [--data DIR]
npx bongsu migrate --from postgres --to sqlite --data DIR
                                                   move the history, while the server runs; BONGSU_DATABASE is the address
npx bongsu doctor [--json]                         say what could lose data in this installation
npx bongsu audit [--of HANDLE] [--limit N] [--json]
                                                   acts of staff and security events, and whether their chain holds
npx bongsu role|suspend|unsuspend|warn --help     roles of people, suspensions, warnings
npx bongsu reports [list|show|close]                what people reported, and what is done about it; see reports --help
npx bongsu conformance -- COMMAND                  test a client program against the promises of SPEC.md
npx bongsu incident|maintenance|record --help      publish outages and maintenance; check the record of them

--data DIR   the data directory; BONGSU_DATA when left out, else ./data
--hashes     print the running hash of each conversation
--replace    move the existing database aside, under a dated name
--without-log  restore a database file that was not closed, and whose write-ahead log is lost for good
--help       this text

Exit codes: 0 done and sound; 1 not sound, or not done, for the reason printed; 64 the command was not understood;
78 a setting is invalid.

With BONGSU_DATABASE and without --data or FILE, verify checks the PostgreSQL database. Its backups are made by its own tools.
Only migrate touches token.key, which keeps devices signed in: copy it once, to a separate place, readable by you alone (mode 0600).
`

/** Exit code for an unknown command. */
export const EXIT_USAGE = 64
/** Most violations that are printed one by one. Further ones are counted. */
export const violationsShownMax = 1_000

export interface Terminal {
  /** Findings and results. */
  out(line: string): void
  /** Progress and errors. */
  note(line: string): void
  now(): number
}

/** The settings that commands need. */
export interface OperatorSettings {
  readonly data: string
  readonly database: string | null
  readonly databaseUnsafe: 'refuse' | 'allow'
}

/** Runs one operator command. @returns the exit code. */
export async function runOperator(args: readonly string[], settings: OperatorSettings, terminal: Terminal): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (cause) {
    terminal.note(`${messageOf(cause)}\n\n${HELP}`)
    return EXIT_USAGE
  }
  const { values, positionals } = parsed
  const [command, file, ...more] = positionals
  if (values.help === true) {
    terminal.out(HELP)
    return 0
  }
  const directory = values.data ?? settings.data
  // A folder or a file named by hand is meant, whatever the settings say.
  const database = values.data === undefined ? settings.database : null
  const isRestoring = values.replace !== undefined || values['without-log'] !== undefined
  const wanted = more.length === 0 ? command : undefined
  try {
    if (wanted === 'migrate' && file === undefined && !isRestoring && isKind(values.from) && isKind(values.to) && values.from !== values.to)
      return await migrate(values.to, { ...settings, data: directory }, terminal)
    if (values.from === undefined && wanted === 'verify' && values.to === undefined && !isRestoring)
      return await verify(file ?? null, { data: directory, database }, values.hashes === true, terminal)
    if (values.from === undefined && wanted === 'backup' && values.to !== undefined && file === undefined && !isRestoring) {
      if (database !== null) throw new Error(BY_ITS_OWN_TOOLS)
      return backup(directory, values.to, terminal)
    }
    if (values.from === undefined && wanted === 'restore' && file !== undefined && values.to === undefined) {
      if (database !== null) throw new Error(BY_ITS_OWN_TOOLS)
      return restore(file, directory, { replace: values.replace === true, withoutLog: values['without-log'] === true }, terminal)
    }
  } catch (cause) {
    terminal.note(sentenceOf(cause))
    return 1
  }
  terminal.note(HELP)
  return EXIT_USAGE
}

function parse(args: readonly string[]) {
  const options = {
    data: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    replace: { type: 'boolean' },
    'without-log': { type: 'boolean' },
    hashes: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

function isKind(name: string | undefined): name is Kind {
  return KINDS.some((kind) => kind === name)
}

const BY_ITS_OWN_TOOLS =
  'BONGSU_DATABASE is set: the messages are in PostgreSQL, which is backed up and restored by its own tools. See docs/runbooks/postgres-backup.md. ' +
  'With --data the command means a data directory.'

type Where = Pick<OperatorSettings, 'data' | 'database'>

async function verify(file: string | null, { data, database }: Where, hashes: boolean, terminal: Terminal): Promise<number> {
  const startedAt = terminal.now()
  const watcher: VerifyWatcher = {
    ...watcherOf(terminal),
    ...(hashes ? { hash: (conversationId: string, head: number, hash: string) => terminal.out(`${conversationId} ${head} ${hash}`) } : {}),
  }
  const verified =
    file === null && database !== null
      ? await verifyServer({ directory: data, database }, watcher)
      : storeKeeper.verify(file ?? storeKeeper.fileIn(data), watcher)
  terminal.out(summary(verified, terminal.now() - startedAt))
  return verified.violations === 0 ? 0 : 1
}

async function migrate(to: Kind, { data, database, databaseUnsafe }: OperatorSettings, terminal: Terminal): Promise<number> {
  if (database === null) throw new Error('Set BONGSU_DATABASE to the address of the PostgreSQL database; nothing was changed.')
  const startedAt = terminal.now()
  const moved = await moveStore(to, { directory: data, database, unsafe: databaseUnsafe }, watcherOf(terminal))
  const [rooms, said] = [moved.conversations, moved.entries].map((number) => number.toLocaleString('en'))
  const [all, held] = [terminal.now() - startedAt, moved.readOnlyMs].map((ms) => (ms / 1_000).toFixed(1))
  terminal.out(
    `The history is in ${moved.name} now: ${rooms} conversations, ${said} entries, each conversation with the same hash. ${all} s, ${held} s of them without writes.`,
  )
  terminal.out(to === 'postgres' ? 'Start the server with BONGSU_DATABASE.' : `Start the server without BONGSU_DATABASE, on ${data}.`)
  return 0
}

function backup(directory: string, to: string, terminal: Terminal): number {
  const startedAt = terminal.now()
  const verified = storeKeeper.backup(storeKeeper.fileIn(directory), to, watcherOf(terminal))
  terminal.out(`${to} is complete and checked. ${summary(verified, terminal.now() - startedAt)}`)
  terminal.note('token.key is not in it: copy that file once, to a separate place, readable by you alone.')
  return 0
}

function restore(file: string, directory: string, options: RestoreOptions, terminal: Terminal): number {
  const startedAt = terminal.now()
  const restored = storeKeeper.restore(file, directory, options, startedAt, watcherOf(terminal))
  terminal.out(`${directory} holds the backup. ${summary(restored, terminal.now() - startedAt)}`)
  terminal.out(`The history has the new epoch ${restored.epoch}: devices load it again and put their own messages back.`)
  if (restored.keptIn.length > 0) terminal.out(`The previous files are kept in ${restored.keptIn.join(' and ')}.`)
  if (!existsSync(join(directory, 'token.key')))
    terminal.note('There is no token.key here. Put yours back before the server starts; otherwise everybody has to sign in again.')
  return 0
}

function watcherOf(terminal: Terminal): VerifyWatcher {
  let shown = 0
  return {
    violation(where, what) {
      if (++shown <= violationsShownMax) terminal.out(`${where}: ${what}`)
      if (shown === violationsShownMax) terminal.out('Further violations are only counted.')
    },
    progress: (sentence) => terminal.note(`… ${sentence}`),
  }
}

function summary({ accounts, conversations, entries, violations, history }: Verified, ms: number): string {
  const [people, rooms, said] = [accounts, conversations, entries].map((number) => number.toLocaleString('en'))
  const verdict = violations === 0 ? 'Everything is as promised' : `${violations.toLocaleString('en')} violations`
  return `${verdict}: ${people} accounts, ${rooms} conversations, ${said} entries, history ${history.slice(0, 16)}, ${(ms / 1_000).toFixed(1)} s.`
}

function sentenceOf(cause: unknown): string {
  if (storeKeeper.isFull(cause) || (cause as { code?: string }).code === 'ENOSPC')
    return `The disk is full (${messageOf(cause)}). No file was left. Free some space and try again.`
  return messageOf(cause)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
