import assert from 'node:assert/strict'
import type { AccountId } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import type { Clock } from '../ops/clock.ts'
import { statement, step, type Builder } from './builder.ts'
import { canonical, createChainCheck, trimmedIn, type JournalRow, type Trimmed } from './journal-chain.ts'
import type { SqlDatabase, Step } from './sql-database.ts'

/** Everything that the journal tells of [B50]. A kind never gets another meaning. */
export const JOURNAL_KINDS = {
  begun: 'The journal begins.',
  trimmed: 'Rows whose time is over were removed.',
  'account-made': 'An account was created, with its first device.',
  'device-added': 'A device signed in.',
  'device-revoked': 'A device was signed out, or revoked by its account.',
  'password-changed': 'A password was changed, and the other devices were revoked.',
  'sign-in-failed': 'Sign-ins with a wrong handle or password.',
  'sign-in-slowed': 'Sign-ins that were refused after too many failed ones.',
  'role-changed': 'An account got another role.',
  suspended: 'An account was suspended.',
  'suspension-lifted': 'A suspension was lifted.',
  'suspension-ended': 'A suspension ended at its time.',
  warned: 'A person was warned.',
  'report-made': 'Something was reported.',
  'report-read': 'What was reported was opened by staff.',
  'report-closed': 'A report was decided on.',
  'message-hidden': 'A message was hidden by staff.',
  'member-removed': 'A member was removed from a room by staff, or kept out after leaving.',
  'bar-lifted': 'Somebody whom staff keep out of a room was let back in by a member who may.',
} as const

export type JournalKind = keyof typeof JOURNAL_KINDS

export const JOURNAL_BOUNDS = {
  /** Longest details of a row, as JSON, in UTF-16 units. */
  detailsLengthMax: 8_000,
  /** How long a row is kept. */
  keptMs: 365 * 86_400_000,
  /** Rows are removed when the oldest one has been kept this much longer. */
  trimEveryMs: 7 * 86_400_000,
  /** What an account does by itself has a row of its own this often in an hour, for each process. What is beyond is only counted. */
  ownPerHourMax: 30,
  /** Accounts whose rows are counted at a time. Beyond it all that they do is only counted. */
  ownAccountsMax: 10_000,
  /** What strangers can cause is counted over this time, and written at its end. */
  windowMs: 300_000,
  /** Most rows that a window writes for each kind: those with the highest counts, and one for all others together. */
  rowsPerKindMax: 8,
  /** Most counts of a window in memory. What is beyond is counted together. */
  countsMax: 2_000,
} as const

/** Who did something: an account, the operator at the command line, or the server by itself. */
export type Actor = AccountId | 'operator' | 'system'

export interface JournalEvent {
  readonly kind: JournalKind
  readonly actor: Actor
  /** The account that it is about. */
  readonly account?: AccountId
  /** Ids, numbers, and the reason of an act of staff. Never what anybody said. */
  readonly details?: Readonly<Record<string, string | number | null>>
}

/** What can be caused by the thousand is told with its number. */
export interface Counted {
  readonly kind: JournalKind
  readonly account?: AccountId
  /** The visitor, as limits count it [B26]. */
  readonly address?: string
}

/** The append-only, hash-chained record of acts of staff and of security events [B50]. */
export interface Journal {
  /**
   * The step that writes a row, for a list of steps of `SqlDatabase.atomic`: it is written when the act is, and only then. The store numbers and chains
   * it: these transactions run one at a time, over all processes.
   */
  record(event: JournalEvent): Step
  /** The steps for what an account does by itself; none when it has done so too often, and then it is counted [B51]. */
  own(event: JournalEvent & { readonly actor: AccountId }): readonly Step[]
  /** Counts what strangers can cause [B51]. */
  count(event: Counted): void
  /** Writes what was counted. Called at the end of each window, and at a stop. */
  flush(): Promise<void>
}

export interface JournalParts {
  readonly sql: SqlDatabase
  readonly db: Builder
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
}

/** The step that writes one row. */
export function recordStep({ sql, db, clock }: JournalParts, { kind, actor, account, details }: JournalEvent): Step {
  const row = { at: clock.now(), kind, actor, account_id: account ?? null, details: JSON.stringify(details ?? {}) }
  assert(row.details.length <= JOURNAL_BOUNDS.detailsLengthMax, 'the details of an event are bounded')
  const text = raw<string>`last.hash || ${'\n'} || CAST(last.seq + 1 AS text) || ${`\n${canonical(row)}`}`
  const hash = sql.dialect === 'sqlite' ? raw<string>`sha256(${text})` : raw<string>`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`
  const insert = db
    .insertInto('journal')
    .columns(['seq', 'at', 'kind', 'actor', 'account_id', 'details', 'hash'])
    .expression((from) =>
      from
        .selectFrom(from.selectFrom('journal').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).as('last'))
        .select([
          raw<number>`last.seq + 1`.as('seq'),
          raw<number>`CAST(${row.at} AS bigint)`.as('at'),
          raw<string>`CAST(${row.kind} AS text)`.as('kind'),
          raw<string>`CAST(${row.actor} AS text)`.as('actor'),
          raw<string | null>`CAST(${row.account_id} AS text)`.as('account_id'),
          raw<string>`CAST(${row.details} AS text)`.as('details'),
          hash.as('hash'),
        ]),
    )
  return step(insert, 1, 'journal')
}

export function createJournal(parts: JournalParts): Journal {
  const { clock } = parts
  let counts = new Map<string, { readonly event: Counted; times: number }>()
  let own = new Map<AccountId, number>()
  let hourEndsAt = 0

  function add(event: Counted, times = 1): void {
    const key = `${event.kind} ${event.account ?? ''} ${event.address ?? ''}`
    const found = counts.get(key)
    if (found !== undefined) found.times += times
    else if (counts.size < JOURNAL_BOUNDS.countsMax || event.address === OTHERS) counts.set(key, { event, times })
    else add({ kind: event.kind, address: OTHERS }, times)
  }

  function mayWrite(account: AccountId): boolean {
    const now = clock.monotonic()
    if (now >= hourEndsAt) {
      own = new Map()
      hourEndsAt = now + HOUR_MS
    }
    const written = own.get(account) ?? 0
    if (written >= JOURNAL_BOUNDS.ownPerHourMax || (written === 0 && own.size >= JOURNAL_BOUNDS.ownAccountsMax)) return false
    own.set(account, written + 1)
    return true
  }

  return {
    record: (event) => recordStep(parts, event),
    own(event) {
      if (mayWrite(event.actor)) return [recordStep(parts, event)]
      add({ kind: event.kind, account: event.actor })
      return []
    },
    count: (event) => add(event),
    async flush() {
      const counted = counts
      counts = new Map()
      const steps = rowsOf([...counted.values()]).map((event) => recordStep(parts, event))
      if (steps.length === 0) return
      try {
        await parts.sql.atomic(steps)
      } catch (cause) {
        for (const { event, times } of counted.values()) add(event, times)
        throw cause
      }
    },
  }
}

const HOUR_MS = 3_600_000
/** Stands for all addresses beyond the bound. */
const OTHERS = 'others'

/** The rows of a window: for each kind those with the highest counts, and one for the rest. */
function rowsOf(counted: readonly { readonly event: Counted; readonly times: number }[]): readonly JournalEvent[] {
  const byKind = Map.groupBy(counted, ({ event }) => event.kind)
  return [...byKind].flatMap(([kind, all]) => {
    const named = all.filter(({ event }) => event.address !== OTHERS).toSorted((one, other) => other.times - one.times)
    const first = named.slice(0, JOURNAL_BOUNDS.rowsPerKindMax - 1)
    const rest = all.filter((each) => !first.includes(each))
    const rows: JournalEvent[] = first.map(({ event, times }) => ({
      kind,
      actor: 'system',
      ...(event.account === undefined ? {} : { account: event.account }),
      details: { ...(event.address === undefined ? {} : { address: event.address }), times },
    }))
    if (rest.length > 0) rows.push({ kind, actor: 'system', details: { address: OTHERS, times: rest.reduce((sum, { times }) => sum + times, 0) } })
    return rows
  })
}

export interface JournalPage {
  /** Newest first. */
  readonly rows: readonly JournalRow[]
  readonly more: boolean
}

/** @param below only rows below this seq. @param account only rows about this account. */
export async function readJournal(
  { sql, db }: Pick<JournalParts, 'sql' | 'db'>,
  { below, limit, account }: { readonly below?: number | undefined; readonly limit: number; readonly account?: AccountId | undefined },
): Promise<JournalPage> {
  let query = db
    .selectFrom('journal')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(limit + 1)
  if (below !== undefined) query = query.where('seq', '<', below)
  if (account !== undefined) query = query.where('account_id', '=', account)
  const rows = await sql.read<JournalRow>(statement(query))
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

/** Removes rows whose time is over, and says so in a row of its own, with the hash that the first one left follows from [B52]. */
export async function trimJournal(parts: JournalParts & { readonly knownNow: () => number }): Promise<void> {
  const { sql, db } = parts
  const cutAt = parts.knownNow() - JOURNAL_BOUNDS.keptMs
  const tooOld = db
    .selectFrom('journal')
    .select('seq')
    .where('seq', '>', 0)
    .where('at', '<', cutAt - JOURNAL_BOUNDS.trimEveryMs)
    .orderBy('seq')
    .limit(1)
  if ((await sql.read(statement(tooOld))).length === 0) return
  // A row that a wrong clock has dated too early removes nothing of before.
  const recent = db.selectFrom('journal').select('seq').where('seq', '>', 0).where('at', '>=', cutAt).orderBy('seq').limit(1)
  const [kept] = await sql.read<{ seq: number }>(statement(recent))
  let newest = db.selectFrom('journal').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1)
  if (kept !== undefined) newest = newest.where('seq', '<', kept.seq)
  const [last] = await sql.read<{ seq: number; hash: string }>(statement(newest))
  if (last === undefined) return
  const told: Trimmed = { first: last.seq + 1, before: last.hash }
  await sql.atomic([
    // Another process may have done the same.
    step(db.selectFrom('journal').select('seq').where('seq', '=', last.seq), 1, 'trimmed'),
    recordStep(parts, { kind: 'trimmed', actor: 'system', details: { ...told } }),
    step(db.deleteFrom('journal').where('seq', '<=', last.seq)),
  ])
}

/** Rows of one page of a check. */
const CHECK_PAGE = 1_000

/** Reads the whole journal and calls back for each row that does not follow from the one before [B50]. @returns the number of rows, and the last one. */
export async function checkJournal(
  parts: Pick<JournalParts, 'sql' | 'db'>,
  fault: (seq: number, what: string) => void,
): Promise<{ readonly count: number; readonly last: Pick<JournalRow, 'seq' | 'hash'> | null }> {
  const { sql, db } = parts
  const trims = db.selectFrom('journal').select('details').where('kind', '=', 'trimmed').orderBy('seq', 'desc').limit(1)
  const [newest] = await sql.read<{ details: string }>(statement(trims))
  const faultIn = createChainCheck(trimmedIn(newest?.details))
  let count = 0
  let last: Pick<JournalRow, 'seq' | 'hash'> | null = null
  for (let after = -1; ;) {
    const page = db.selectFrom('journal').selectAll().where('seq', '>', after).orderBy('seq').limit(CHECK_PAGE)
    const rows = await sql.read<JournalRow>(statement(page))
    for (const row of rows) {
      const what = faultIn(row)
      if (what !== null) fault(row.seq, what)
      after = row.seq
      last = { seq: row.seq, hash: row.hash }
    }
    count += rows.length
    if (rows.length < CHECK_PAGE) break
  }
  if (count === 0) fault(0, 'is missing: the journal has no rows')
  return { count, last }
}
