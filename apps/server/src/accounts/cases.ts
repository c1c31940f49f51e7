import {
  LIMITS,
  type AccountId,
  type ActOfStaff,
  type CaseDetails,
  type ConversationId,
  type ConversationKind,
  type Entry,
  type KindOfAct,
  type Person,
  type Reply,
  type ReportCase,
  type ReportReason,
} from '@bongsu/protocol'
import { actorOf, isAllowed, whyNotOn, type By } from './acting.ts'
import { statement } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import { findAccount, PERSON, personOf, staffRole } from './people.ts'
import { REPORT_BOUNDS, sealOf } from './report.ts'
import { mayAct } from './staff-table.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db' | 'knownNow'>

interface CaseRow {
  readonly case_id: string
  readonly about: 'person' | 'room'
  readonly subject: string
  readonly opened_at: number
  readonly reported_at: number
  readonly decided_at: number | null
  readonly decider: AccountId | null
  readonly act: string | null
  readonly asked: string | null
  readonly note: string | null
  readonly done_at: number | null
  readonly title: string | null
  readonly reporters: number
  readonly earlier: number
}

/** The cases that this member of staff may see: nobody sees those about themselves, which say who reported them [B64]. */
function casesFor({ db }: Pick<Parts, 'db'>, staff: By) {
  const all = db
    .selectFrom('cases')
    .leftJoin('conversations', 'conversations.conversation_id', 'cases.subject')
    .leftJoin('accounts as decider', 'decider.account_key', 'cases.decided_by')
    .selectAll('cases')
    .select(['conversations.title', 'decider.account_id as decider'])
    .select((row) => [
      row
        .selectFrom('reports')
        .whereRef('reports.case_id', '=', 'cases.case_id')
        .select((each) => each.fn.count<number>('reports.reporter_key').distinct().as('n'))
        .as('reporters'),
      row
        .selectFrom('cases as past')
        .whereRef('past.subject', '=', 'cases.subject')
        .whereRef('past.case_id', '<>', 'cases.case_id')
        .where('past.decided_at', 'is not', null)
        .select((each) => each.fn.countAll<number>().as('n'))
        .as('earlier'),
    ])
  return staff === 'operator' ? all : all.where('cases.subject', '<>', staff)
}

export interface CasesWanted {
  /** Those that were decided, the newest first; otherwise those that wait for a decision or its act, the oldest first. */
  readonly decided?: boolean | undefined
  /** The case after which the page begins. */
  readonly after?: string | undefined
}

/** One page of cases, without the contents of reports [B83]. */
export async function listCases(parts: Parts, staff: By, { decided = false, after }: CasesWanted): Promise<Answer<Reply<'listCases'>>> {
  if (!(await isAllowed(parts, 'judge', staff))) return refuse('forbidden')
  const { sql, db } = parts
  const last = after === undefined ? null : await rowOf(parts, staff, after)
  if (after !== undefined && last === null) return refuse('not-found')
  let wanted = casesFor(parts, staff).where('cases.done_at', decided ? 'is not' : 'is', null)
  const [column, beyond, at] = decided
    ? (['cases.decided_at', '<', last?.decided_at ?? 0] as const)
    : (['cases.opened_at', '>', last?.opened_at ?? 0] as const)
  if (last !== null)
    wanted = wanted.where((row) => row.or([row(column, beyond, at), row.and([row(column, '=', at), row('cases.case_id', '>', last.case_id)])]))
  const page = wanted.orderBy(column, decided ? 'desc' : 'asc').orderBy('cases.case_id')
  const rows = await sql.read<CaseRow>(statement(page.limit(LIMITS.casesPerPageMax + 1)))
  const open = db
    .selectFrom('cases')
    .select((each) => each.fn.countAll<number>().as('n'))
    .where('done_at', 'is', null)
  const [counted] = await sql.read<{ n: number }>(statement(staff === 'operator' ? open : open.where('subject', '<>', staff)))
  const cases = await casesOf(parts, rows.slice(0, LIMITS.casesPerPageMax))
  return answer({ cases, open: counted?.n ?? 0, more: rows.length > cases.length })
}

/** A case that this member of staff may see; null when there is none. */
export async function findCase(parts: Parts, staff: By, caseId: string): Promise<ReportCase | null> {
  const row = await rowOf(parts, staff, caseId)
  return row === null ? null : ((await casesOf(parts, [row]))[0] ?? null)
}

async function rowOf(parts: Parts, staff: By, caseId: string): Promise<CaseRow | null> {
  const rows = await parts.sql.read<CaseRow>(statement(casesFor(parts, staff).where('cases.case_id', '=', caseId)))
  return rows[0] ?? null
}

/** Ids of two cases at most that begin so. */
export async function findCases({ sql, db }: Pick<Parts, 'sql' | 'db'>, beginning: string): Promise<readonly string[]> {
  const query = db.selectFrom('cases').select('case_id').where('case_id', '>=', beginning).where('case_id', '<', `${beginning}~`).limit(2)
  return (await sql.read<{ case_id: string }>(statement(query))).map(({ case_id: caseId }) => caseId)
}

async function casesOf(parts: Parts, rows: readonly CaseRow[]): Promise<ReportCase[]> {
  if (rows.length === 0) return []
  const { sql, db } = parts
  const counts = db
    .selectFrom('reports')
    .select(['case_id', 'reason'])
    .select((each) => each.fn.count<number>('reporter_key').distinct().as('reporters'))
    .where(
      'case_id',
      'in',
      rows.map((row) => row.case_id),
    )
    .groupBy(['case_id', 'reason'])
  const reasons = await sql.read<{ case_id: string; reason: ReportReason; reporters: number }>(statement(counts))
  const people = await peopleOf(
    parts,
    rows.flatMap(({ about, subject, decider }) => [...(about === 'person' ? [subject] : []), ...(decider === null ? [] : [decider])]),
  )
  return rows.map((row) => ({
    caseId: row.case_id,
    about: row.about,
    person: people.get(row.subject) ?? null,
    room: row.about === 'room' ? { conversationId: row.subject as ConversationId, title: row.title ?? '' } : null,
    openedAt: row.opened_at,
    reportedAt: row.reported_at,
    reporters: row.reporters,
    reasons: reasons
      .filter(({ case_id: caseId }) => caseId === row.case_id)
      .map(({ reason, reporters }) => ({ reason, reporters }))
      .toSorted((one, other) => other.reporters - one.reporters || (one.reason < other.reason ? -1 : 1)),
    earlier: row.earlier,
    decision: decisionOf(row, people),
  }))
}

function decisionOf(
  { decided_at: at, act, asked, note, decider, done_at: doneAt }: CaseRow,
  people: ReadonlyMap<string, Person>,
): ReportCase['decision'] {
  if (at === null || act === null) return null
  const whole = asked === null ? {} : { asked: JSON.parse(asked) as ActOfStaff }
  return { act, ...whole, note: note ?? '', by: people.get(decider ?? '') ?? null, at, done: doneAt !== null }
}

async function peopleOf({ sql, db }: Pick<Parts, 'sql' | 'db'>, accountIds: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  if (accountIds.length === 0) return new Map()
  const query = db
    .selectFrom('accounts')
    .select(PERSON)
    .where('account_id', 'in', [...new Set(accountIds)])
  const rows = await sql.read<Parameters<typeof personOf>[0]>(statement(query))
  return new Map(rows.map((row) => [row.account_id, personOf(row)]))
}

interface KeptRow {
  readonly reported_at: number
  readonly reason: ReportReason
  readonly text: string
  readonly conversation_id: ConversationId | null
  readonly seq: number | null
  readonly copy: string | null
  readonly salt: string | null
  readonly seal: string | null
  readonly kind: ConversationKind | null
  readonly title: string | null
  /** 1: it is about an account of the sentinel. */
  readonly canary: number | null
}

/** A case with what was reported: the one way to the copies. That it was opened is written before it is shown [B62]. */
export async function readCase(parts: Parts & Pick<AccountsParts, 'journal'>, staff: By, caseId: string): Promise<Answer<CaseDetails>> {
  if (!(await isAllowed(parts, 'judge', staff))) return refuse('forbidden')
  const found = await findCase(parts, staff, caseId)
  if (found === null) return refuse('not-found')
  const opened = parts.journal.record({ kind: 'report-read', actor: staff, ...aboutOf(found), details: { case: caseId } })
  const written = await parts.sql.atomic([opened])
  if (!written.ok) throw new Error(`The opening of a case could not be written: ${written.failed}`)
  const kept = (await readKept(parts, staff, found)).map((row) => ({
    reportedAt: row.reported_at,
    reason: row.reason,
    text: row.text,
    message: messageOf(row),
  }))
  const named = kept.flatMap(({ message }) => message?.entries.flatMap(namesIn) ?? [])
  return answer({ ...found, may: await actsIn(parts, staff, found, kept), kept, people: [...(await peopleOf(parts, named)).values()] })
}

/** What this member of staff may decide in a case [B54, B65]. */
async function actsIn(parts: Parts, staff: By, { person }: ReportCase, kept: Pick<CaseDetails, 'kept'>['kept']): Promise<KindOfAct[]> {
  const [{ role }, row] = await Promise.all([actorOf(parts, staff), person === null ? null : findAccount(parts, person)])
  const may = (act: 'hide' | 'remove' | 'warn' | 'suspend'): boolean =>
    row === null ? act === 'hide' || act === 'remove' : mayAct(act, role, staffRole(row)) && whyNotOn(act, row) === null
  const messages = kept.flatMap(({ message }) => message ?? [])
  const possible = {
    none: true,
    hide: messages.length > 0 && may('hide'),
    remove: messages.some(({ kind }) => kind === 'group') && may('remove'),
    warn: may('warn'),
    suspend: may('suspend'),
  }
  return (Object.keys(possible) as KindOfAct[]).filter((kind) => possible[kind])
}

/** Who wrote an entry, and who is named in it. */
function namesIn({ author, body }: Entry): readonly AccountId[] {
  if (body.kind === 'invited' || body.kind === 'created') return [author, ...body.accounts]
  return body.kind === 'removed' || body.kind === 'role' ? [author, body.accountId] : [author]
}

/** Whom the journal names. */
export function aboutOf({ person }: ReportCase): { readonly account?: AccountId } {
  return person === null ? {} : { account: person.accountId }
}

/**
 * The reports of a case that are kept whole, the first one first. Of a group also those of messages in it, in cases about people that were not decided
 * before this one was opened, and without a case about who reads it [B62, B81].
 */
export function readKept(
  { sql, db }: Pick<Parts, 'sql' | 'db'>,
  staff: By,
  { caseId, room, openedAt }: Pick<ReportCase, 'caseId' | 'room' | 'openedAt'>,
): Promise<readonly KeptRow[]> {
  const query = db
    .selectFrom('reports')
    .innerJoin('cases', 'cases.case_id', 'reports.case_id')
    .leftJoin('accounts', 'accounts.account_id', 'cases.subject')
    .leftJoin('conversations', 'conversations.conversation_id', 'reports.conversation_id')
    .select(['reports.reported_at', 'reason', 'text', 'reports.conversation_id', 'seq', 'copy', 'salt', 'seal', 'kind', 'title', 'accounts.canary'])
    .where((row) =>
      row.or([
        row('reports.case_id', '=', caseId),
        ...(room === null
          ? []
          : [
              row.and([
                row('reports.conversation_id', '=', room.conversationId),
                row('cases.subject', '<>', staff),
                row.or([row('cases.decided_at', 'is', null), row('cases.decided_at', '>=', openedAt)]),
              ]),
            ]),
      ]),
    )
    .where('text', 'is not', null)
    .orderBy('reports.reported_at')
    .orderBy('report_id')
    .limit(REPORT_BOUNDS.shownPerCaseMax)
  return sql.read<KeptRow>(statement(query))
}

function messageOf({ conversation_id: conversationId, kind, title, seq, copy, salt, seal }: KeptRow): CaseDetails['kept'][number]['message'] {
  if (conversationId === null || seq === null || copy === null || seal === null) return null
  const entries = JSON.parse(copy) as Entry[]
  return { conversationId, kind: kind ?? 'group', title: title ?? '', seq, entries, seal, intact: sealOf(copy, salt) === seal }
}
