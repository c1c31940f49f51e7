import {
  LIMITS,
  type AccountId,
  type CaseDetails,
  type ConversationId,
  type ConversationKind,
  type Entry,
  type Person,
  type Reply,
  type ReportCase,
  type ReportReason,
} from '@bongsu/protocol'
import { statement } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import { findAccount, PERSON, personOf, staffRole } from './people.ts'
import { sealOf } from './report.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db'>

/** Who works on reports: a member of staff, or the operator by a command. */
export type Staff = AccountId | 'operator'

interface CaseRow {
  readonly case_id: string
  readonly about: 'person' | 'room'
  readonly subject: string
  readonly opened_at: number
  readonly reported_at: number
  readonly decided_at: number | null
  readonly decider: AccountId | null
  readonly act: string | null
  readonly note: string | null
  readonly done_at: number | null
  readonly title: string | null
  readonly reporters: number
  readonly earlier: number
}

/** Whether this account decides on reports: administrators and moderators do. */
export async function isStaff(parts: Parts, staff: Staff): Promise<boolean> {
  if (staff === 'operator') return true
  const row = await findAccount(parts, { accountId: staff })
  return row !== null && staffRole(row) !== 'member'
}

/** The cases that this member of staff may see: nobody sees those about themselves, which say who reported them [B64]. */
function casesFor({ db }: Parts, staff: Staff) {
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

/** Cases without the contents of reports: those that wait for a decision or its act, the oldest first, or the others, the newest first. */
export async function listCases(parts: Parts, staff: Staff, isDecided: boolean): Promise<Answer<Reply<'listCases'>>> {
  if (!(await isStaff(parts, staff))) return refuse('forbidden')
  const { sql, db } = parts
  const all = casesFor(parts, staff)
  const wanted = isDecided
    ? all.where('cases.done_at', 'is not', null).orderBy('cases.decided_at', 'desc')
    : all.where('cases.done_at', 'is', null).orderBy('cases.opened_at')
  const rows = await sql.read<CaseRow>(statement(wanted.orderBy('cases.case_id').limit(LIMITS.casesPerPageMax)))
  const open = db
    .selectFrom('cases')
    .select((each) => each.fn.countAll<number>().as('n'))
    .where('done_at', 'is', null)
  const [counted] = await sql.read<{ n: number }>(statement(staff === 'operator' ? open : open.where('subject', '<>', staff)))
  return answer({ cases: await casesOf(parts, rows), open: counted?.n ?? 0 })
}

/** A case that this member of staff may see; null when there is none. */
export async function findCase(parts: Parts, staff: Staff, caseId: string): Promise<ReportCase | null> {
  const rows = await parts.sql.read<CaseRow>(statement(casesFor(parts, staff).where('cases.case_id', '=', caseId)))
  return (await casesOf(parts, rows))[0] ?? null
}

/** Ids of two cases at most that begin so. */
export async function findCases({ sql, db }: Parts, beginning: string): Promise<readonly string[]> {
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

function decisionOf({ decided_at: at, act, note, decider, done_at: doneAt }: CaseRow, people: ReadonlyMap<string, Person>): ReportCase['decision'] {
  if (at === null || act === null) return null
  return { act, note: note ?? '', by: people.get(decider ?? '') ?? null, at, done: doneAt !== null }
}

async function peopleOf({ sql, db }: Parts, accountIds: readonly string[]): Promise<ReadonlyMap<string, Person>> {
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
  readonly seal: string | null
  readonly kind: ConversationKind | null
  readonly title: string | null
}

/** A case with what was reported: the one way to the copies. That it was opened is written before it is shown [B62]. */
export async function readCase(parts: Parts & Pick<AccountsParts, 'journal'>, staff: Staff, caseId: string): Promise<Answer<CaseDetails>> {
  if (!(await isStaff(parts, staff))) return refuse('forbidden')
  const found = await findCase(parts, staff, caseId)
  if (found === null) return refuse('not-found')
  const opened = parts.journal.record({ kind: 'report-read', actor: staff, ...aboutOf(found), details: { case: caseId } })
  const written = await parts.sql.atomic([opened])
  if (!written.ok) throw new Error(`The opening of a case could not be written: ${written.failed}`)
  const kept = (await readKept(parts, caseId)).map((row) => ({
    reportedAt: row.reported_at,
    reason: row.reason,
    text: row.text,
    message: messageOf(row),
  }))
  const named = kept.flatMap(({ message }) => message?.entries.flatMap(namesIn) ?? [])
  return answer({ ...found, kept, people: [...(await peopleOf(parts, named)).values()] })
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

/** The reports of a case that are kept whole, the first one first. */
export function readKept({ sql, db }: Parts, caseId: string): Promise<readonly KeptRow[]> {
  const query = db
    .selectFrom('reports')
    .leftJoin('conversations', 'conversations.conversation_id', 'reports.conversation_id')
    .select(['reported_at', 'reason', 'text', 'reports.conversation_id', 'seq', 'copy', 'seal', 'kind', 'title'])
    .where('case_id', '=', caseId)
    .where('text', 'is not', null)
    .orderBy('reported_at')
    .orderBy('report_id')
  return sql.read<KeptRow>(statement(query))
}

function messageOf({ conversation_id: conversationId, kind, title, seq, copy, seal }: KeptRow): CaseDetails['kept'][number]['message'] {
  if (conversationId === null || seq === null || copy === null || seal === null) return null
  const entries = JSON.parse(copy) as Entry[]
  return { conversationId, kind: kind ?? 'group', title: title ?? '', seq, entries, seal, intact: sealOf(copy) === seal }
}
