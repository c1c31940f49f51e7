import { createHash, randomBytes } from 'node:crypto'
import { entryKind, faultInText, LIMITS, type AccountId, type Body, type Entry, type Refusal, type Reported } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import type { LogStore } from '../conversation/log-store.ts'
import { lockAccounts, raisedBy, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { joinedSeqOf } from './membership.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import { findAccount, lookUpPeople } from './people.ts'
import { askerOf } from './requests.ts'

export const REPORT_BOUNDS = {
  /** Most UTF-16 units of JSON of the entries copied before a reported one. */
  beforeUnitsMax: 16_000,
  /** Reports of a case that are kept with text and copy, of all people and of one. */
  keptPerCaseMax: 50,
  keptPerReporterMax: 5,
  /** Reports that are shown of a case. Of a case about a group these are more than its own. */
  shownPerCaseMax: 100,
  /** How long a decided case is kept, and one to which no report came any more. */
  decidedKeptMs: 90 * 86_400_000,
  openKeptMs: 365 * 86_400_000,
  /** Cases that one look deletes. The next look deletes others. */
  forgottenAtOnceMax: 100,
  /** An act that is not done after this time was interrupted. */
  actMsMax: 60_000,
} as const

export type ReportParts = AccountsParts & { readonly log: Pick<LogStore, 'read'> }

/** What a case is about, and the copy of a reported message. */
interface Found {
  readonly about: 'person' | 'room'
  readonly subject: string
  readonly message: { readonly conversationId: string; readonly seq: number; readonly copy: string } | null
}

/** Bytes of chance kept beside a copy: without them nobody guesses a short text from its hash, which outlives it. */
const SALT_BYTES = 32

/** The hash by which a copy is known to be the one that was made when the report came [B61]. @param salt null: an older server made it without. */
export function sealOf(copy: string, salt: string | null): string {
  return createHash('sha256')
    .update(salt === null ? copy : `${salt}\n${copy}`)
    .digest('hex')
}

/**
 * Tells staff about a message, a person or a group [B60]. @param counted counts the report of this account, and says when it is one too many; a repeated
 * one is not counted.
 */
export async function report(
  parts: ReportParts,
  accountId: AccountId,
  { id, reported, reason, text }: Body<'report'>,
  counted: () => Promise<(Refusal & { readonly ok: false }) | null>,
): Promise<Answer<Done>> {
  const { sql, db } = parts
  const fault = text === undefined ? null : faultInText(text, LIMITS.reportTextCodePointsMax)
  if (fault !== null) return refuse(fault)
  const own = await findAccount(parts, { accountId })
  if (own === null) return refuse('unauthenticated')
  const before = db.selectFrom('reports').select('case_id').where('reporter_key', '=', own.account_key).where('report_id', '=', id)
  if ((await sql.read(statement(before))).length > 0) return answer({})
  const found = await find(parts, accountId, reported)
  if (!found.ok) return found
  const refusal = await counted()
  if (refusal !== null) return refusal
  const { about, subject, message } = found.value
  const now = parts.clock.now()
  const open = db
    .insertInto('cases')
    .values({ case_id: parts.random.uuid(), about, subject, opened_at: now, reported_at: now })
    .onConflict((conflict) => conflict.columns(['about', 'subject']).where('decided_at', 'is', null).doUpdateSet({ reported_at: now }))
  const present = db.selectFrom('cases').where('about', '=', about).where('subject', '=', subject).where('decided_at', 'is', null)
  const hasRoom = present.select('case_id').where((row) => {
    const kept = row.selectFrom('reports').whereRef('reports.case_id', '=', 'cases.case_id').where('reports.text', 'is not', null)
    const count = kept.select((each) => each.fn.countAll<number>().as('n'))
    return row.and([
      row(count, '<', REPORT_BOUNDS.keptPerCaseMax),
      row(count.where('reports.reporter_key', '=', own.account_key), '<', REPORT_BOUNDS.keptPerReporterMax),
    ])
  })
  const salt = message === null ? null : randomBytes(SALT_BYTES).toString('hex')
  const seal = message === null ? null : sealOf(message.copy, salt)
  const write = (isWhole: boolean) =>
    db
      .insertInto('reports')
      .columns(['reporter_key', 'report_id', 'case_id', 'reported_at', 'reason', 'conversation_id', 'seq', 'text', 'copy', 'salt', 'seal'])
      .expression(
        present.select([
          raw.val(own.account_key).as('reporter_key'),
          raw.val<string>(id).as('report_id'),
          'case_id',
          raw.val(now).as('reported_at'),
          raw.val(reason).as('reason'),
          raw.val(message?.conversationId ?? null).as('conversation_id'),
          raw.val(message?.seq ?? null).as('seq'),
          raw.val(isWhole ? (text ?? '') : null).as('text'),
          raw.val(isWhole ? (message?.copy ?? null) : null).as('copy'),
          raw.val(isWhole ? salt : null).as('salt'),
          raw.val(isWhole ? seal : null).as('seal'),
        ]),
      )
  // Who reported is not in the journal, which the reported person may read.
  const told = parts.journal.record({ kind: 'report-made', actor: 'system', details: { report: id, about: subject, seal } })
  let result = await sql.atomic([step(open, 1), step(hasRoom, 1, 'full'), step(write(true), 1), told])
  if (!result.ok && result.failed === 'full') result = await sql.atomic([step(open, 1), step(write(false), 1)])
  // Of the same report twice at once, one is written.
  if (!result.ok && result.failed !== 'unique') throw new Error(`A report could not be written: ${result.failed}`)
  return answer({})
}

async function find(parts: ReportParts, accountId: AccountId, reported: Reported): Promise<Answer<Found>> {
  switch (reported.kind) {
    case 'message':
      return findMessage(parts, accountId, reported)
    case 'person': {
      if (reported.accountId === accountId) return refuse('body-invalid')
      const seen = await lookUpPeople(parts, accountId, [reported.accountId])
      // A stranger who waits to be let in can be reported like one who was [B40].
      const isSeen = (seen.ok && seen.value.people.length > 0) || (await askerOf(parts, accountId, reported.accountId)) !== null
      if (!isSeen) return refuse('not-found')
      return answer({ about: 'person', subject: reported.accountId, message: null })
    }
    case 'room': {
      if ((await joinedSeqOf(parts, accountId, reported.conversationId)) === null) return refuse('not-a-member')
      const { sql, db } = parts
      const query = db.selectFrom('conversations').select('kind').where('conversation_id', '=', reported.conversationId)
      const [room] = await sql.read<{ kind: string }>(statement(query))
      if (room?.kind !== 'group') return refuse('conversation-kind')
      return answer({ about: 'room', subject: reported.conversationId, message: null })
    }
  }
}

/** The message as the log has it now, with those before it that the reporter may read [B61, W4]. */
async function findMessage(
  parts: ReportParts,
  accountId: AccountId,
  { conversationId, seq, subject }: Extract<Reported, { kind: 'message' }>,
): Promise<Answer<Found>> {
  const joinedSeq = await joinedSeqOf(parts, accountId, conversationId)
  if (joinedSeq === null) return refuse('not-a-member')
  if (seq < joinedSeq) return refuse('subject-gone')
  const first = Math.max(joinedSeq, seq - LIMITS.reportedBeforeMax)
  const entries = await parts.log.read(conversationId, first - 1, seq - first + 1)
  // Whoever left during the read must not take anything along [W4].
  if ((await joinedSeqOf(parts, accountId, conversationId)) !== joinedSeq) return refuse('not-a-member')
  const entry = entries.at(-1)
  if (entry === undefined || entry.seq !== seq || entry.id !== subject || entry.body.kind === 'erased') return refuse('subject-gone')
  if (entry.author === accountId || entryKind(entry.body.kind)?.class !== 'said') return refuse('body-invalid')
  return answer({ about: 'person', subject: entry.author, message: { conversationId, seq, copy: copyOf(entries) } })
}

/** The last entry, and of those before it as many as fit. */
function copyOf(entries: readonly Entry[]): string {
  const texts = entries.map((entry) => JSON.stringify(entry))
  let first = texts.length - 1
  let units = 0
  while (first > 0 && units + (texts[first - 1]?.length ?? 0) <= REPORT_BOUNDS.beforeUnitsMax) units += texts[--first]?.length ?? 0
  return `[${texts.slice(first).join(',')}]`
}

/** The keys of the accounts that reported, as a query. */
export function reportersOf({ db }: Pick<AccountsParts, 'db'>, caseId: string) {
  return db.selectFrom('reports').select('reporter_key').where('case_id', '=', caseId)
}

/**
 * Deletes cases that are kept no longer, with what was copied for them, and with what reporters were told and have not put away [B62, B80]. Called now
 * and then.
 */
export async function forgetOldCases({ sql, db, knownNow, rose }: Pick<AccountsParts, 'sql' | 'db' | 'knownNow' | 'rose'>): Promise<void> {
  const now = knownNow()
  const old = db
    .selectFrom('cases')
    .select('case_id')
    .where((row) =>
      row.or([
        row('decided_at', '<', now - REPORT_BOUNDS.decidedKeptMs),
        row.and([row('decided_at', 'is', null), row('reported_at', '<', now - REPORT_BOUNDS.openKeptMs)]),
      ]),
    )
    .limit(REPORT_BOUNDS.forgottenAtOnceMax)
  for (const { case_id: caseId } of await sql.read<{ case_id: string }>(statement(old))) {
    const reporters = reportersOf({ db }, caseId)
    const told = db
      .selectFrom('account_items')
      .select('account_items.account_key')
      .where('kind', '=', 'notice')
      .where('key', '=', caseId)
      .where('value', 'is not', null)
      // Items are found by account.
      .where('account_items.account_key', 'in', reporters)
    const result = await sql.atomic([
      ...lockAccounts({ sql, db }, (row) => row('account_key', 'in', reporters)),
      // A report may have come meanwhile.
      step(old.where('case_id', '=', caseId), 1, 'younger'),
      ...writeItem(db, (account) => account('account_key', 'in', told), { kind: 'notice', key: caseId, value: null }),
      step(db.deleteFrom('reports').where('case_id', '=', caseId)),
      step(db.deleteFrom('cases').where('case_id', '=', caseId)),
    ])
    if (result.ok) rose(raisedBy(result.rows))
  }
}
