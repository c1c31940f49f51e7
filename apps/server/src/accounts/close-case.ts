import { faultInText, LIMITS, type AccountId, type ActOfStaff, type Body, type Entry, type ReportCase } from '@bongsu/protocol'
import type { ActsOfStaff, Hiding, Removing } from '../conversation/acts-of-staff.ts'
import { lockAccounts, raisedBy, writeItem, type Audience } from './account-log.ts'
import { actorOf, isAllowed, pairOf, refusedAct, type By } from './acting.ts'
import { keepOut } from './bars.ts'
import { step } from './builder.ts'
import { aboutOf, findCase, readKept } from './cases.ts'
import type { JournalEvent } from './journal.ts'
import { answer, refuse, type AccountsParts, type Answer, type StaffParts } from './parts.ts'
import { findAccount } from './people.ts'
import { REPORT_BOUNDS, reportersOf } from './report.ts'
import type { Step } from './sql-database.ts'
import { suspending, warning } from './staff.ts'

export interface CloseParts extends StaffParts, Pick<AccountsParts, 'random'> {
  readonly acts: ActsOfStaff
}

/** What an act in conversations consists of: each deed may be done twice, and has a row in the journal. */
interface Deed {
  readonly event: Pick<JournalEvent, 'kind' | 'account' | 'details'>
  readonly run: () => Promise<void>
}

/** How a decision is carried out. */
interface Plan {
  /** Fail when who decides, or whom it is about, has another role meanwhile [B54]. */
  readonly still: readonly Step[]
  /** What is done about accounts, in the transaction of the decision. */
  readonly steps: readonly Step[]
  readonly written: () => Promise<void>
  /** What is done in conversations, after the decision. */
  readonly deeds: readonly Deed[]
}

/**
 * Decides a case. The decision is written only where there is none: of two at once one is refused and does nothing. What concerns an account is written
 * with it. What concerns conversations is done afterwards: when that was interrupted, the case stays in the queue, and the same decision again, of
 * anybody, does the rest [B65].
 */
export async function closeCase(parts: CloseParts, staff: By, caseId: string, { act: given, note }: Body<'closeCase'>): Promise<Answer<ReportCase>> {
  const fault = note === undefined ? null : faultInText(note, LIMITS.reportTextCodePointsMax)
  if (fault !== null) return refuse(fault)
  if (!(await isAllowed(parts, 'judge', staff))) return refuse('forbidden')
  const found = await findCase(parts, staff, caseId)
  if (found === null) return refuse('not-found')
  const asked = found.decision?.asked
  // Who repeats a decision need not say again what was shown.
  const act = given.kind === 'hide' && given.upTo === undefined && asked?.kind === 'hide' ? asked : given
  const plan = await planOf(parts, staff, found, act)
  if (!plan.ok) return plan
  const { still, steps, written, deeds } = plan.value
  const { sql, db } = parts
  const reason = note ?? ''
  const now = parts.clock.now()
  const decidedBy = staff === 'operator' ? null : ((await findAccount(parts, { accountId: staff }))?.account_key ?? null)
  const decide = db
    .updateTable('cases')
    .set({ decided_at: now, decided_by: decidedBy, act: act.kind, asked: textOf(act), note: reason, done_at: deeds.length === 0 ? now : null })
    .where('case_id', '=', caseId)
    .where('decided_at', 'is', null)
  const event = { kind: 'report-closed', actor: staff, ...aboutOf(found), details: { case: caseId, act: act.kind, reason } } as const
  const reporters = reportersOf(parts, caseId)
  const decided = await sql.atomic([
    ...lockAccounts(parts, (row) =>
      row.or([row('account_key', 'in', reporters), ...(found.person === null ? [] : [row('account_id', '=', found.person.accountId)])]),
    ),
    ...still,
    step(decide, 1, 'decided'),
    parts.journal.record(event),
    ...steps,
    ...tellReporters(parts, caseId, act, now),
  ])
  if (decided.ok) {
    parts.rose(raisedBy(decided.rows))
    await written()
  } else if (decided.failed !== 'decided') return refusedAct(decided.failed)
  const after = await findCase(parts, staff, caseId)
  if (after === null) return refuse('not-found')
  if (!decided.ok && !isInterrupted(parts, staff, act, after)) return refuse('case-closed')
  if (deeds.length === 0) return answer(after)
  for (const { run } of deeds) await run()
  const end = db.updateTable('cases').set({ done_at: parts.clock.now() }).where('case_id', '=', caseId).where('done_at', 'is', null)
  const acts = deeds.map((deed) => parts.journal.record({ ...deed.event, actor: staff, details: { case: caseId, ...deed.event.details, reason } }))
  await sql.atomic([step(end, 1, 'done'), ...acts])
  const done = await findCase(parts, staff, caseId)
  return done === null ? refuse('not-found') : answer(done)
}

/** The act as text, the same for equal acts. */
const textOf = (act: ActOfStaff): string => JSON.stringify(act, Object.keys(act).toSorted())

/** Whether this very act was decided and is not done: by the same person, or so long ago that nobody does it now. */
function isInterrupted({ clock }: CloseParts, staff: By, act: ActOfStaff, { decision }: ReportCase): boolean {
  if (decision === null || decision.done || decision.act !== act.kind) return false
  if (decision.asked !== undefined && textOf(decision.asked) !== textOf(act)) return false
  return (decision.by?.accountId ?? 'operator') === staff || decision.at <= clock.now() - REPORT_BOUNDS.actMsMax
}

/** For apps of before, which show the text of a notice alone. */
const LOOKED_AT = '신고하신 내용을 살펴봤어요. (What you reported was looked at.)'

/** Who reported learns that it was decided, and whether anything was done; not about whom, and not what [B80]. */
function tellReporters(parts: CloseParts, caseId: string, { kind }: ActOfStaff, at: number): readonly Step[] {
  const { db } = parts
  const reporters = reportersOf(parts, caseId)
  const full = db
    .selectFrom('account_items')
    .select('account_items.account_key')
    .where('kind', '=', 'notice')
    .where('value', 'is not', null)
    .where('account_items.account_key', 'in', reporters)
    .groupBy('account_items.account_key')
    .having((row) => row.fn.countAll(), '>=', LIMITS.reportAnswersMax)
  const audience: Audience = (account) => account.and([account('account_key', 'in', reporters), account('account_key', 'not in', full)])
  const report = kind === 'none' ? 'none' : 'acted'
  return writeItem(db, audience, { kind: 'notice', key: caseId, value: { at, text: LOOKED_AT, report } })
}

const nothing = async (): Promise<void> => undefined

/** What a decision does; `body-invalid` when that is not possible in this case. */
async function planOf(parts: CloseParts, staff: By, found: ReportCase, act: ActOfStaff): Promise<Answer<Plan>> {
  const { caseId, person } = found
  const ofCase = { case: caseId }
  switch (act.kind) {
    case 'none': {
      const { still } = await actorOf(parts, staff)
      return answer({ still, steps: [], written: nothing, deeds: [] })
    }
    case 'warn':
    case 'suspend': {
      if (person === null) return refuse('body-invalid')
      const { accountId } = person
      const id = parts.random.uuid()
      const ready =
        act.kind === 'warn'
          ? await warning(parts, staff, accountId, id, act.text, ofCase)
          : await suspending(parts, staff, accountId, { ...act, suspensionId: id }, ofCase)
      return ready.ok ? answer({ ...ready.value, deeds: [] }) : ready
    }
    case 'hide': {
      // Nobody hides what was reported after they looked.
      const messages = await messagesOf(parts, staff, found, act.upTo)
      if (messages.length === 0) return refuse('body-invalid')
      const still = await stillOn(parts, 'hide', staff, [...new Set(messages.map(({ author }) => author))])
      return still.ok ? answer({ still: still.value, steps: [], written: nothing, deeds: messages.map((entry) => hiding(parts, entry)) }) : still
    }
    case 'remove': {
      const { conversationId, accountId = person?.accountId } = act
      const messages = await messagesOf(parts, staff, found)
      const isReported = messages.some((entry) => entry.isInGroup && entry.conversationId === conversationId && entry.author === accountId)
      if (accountId === undefined || !isReported) return refuse('body-invalid')
      const still = await stillOn(parts, 'remove', staff, [accountId])
      const removal = { conversationId, accountId }
      return still.ok ? answer({ still: still.value, steps: [], written: nothing, deeds: [removing(parts, removal)] }) : still
    }
  }
}

/** The steps that fail when any of these people has another role meanwhile. */
async function stillOn(parts: CloseParts, act: 'hide' | 'remove', staff: By, people: readonly AccountId[]): Promise<Answer<readonly Step[]>> {
  const all: Step[] = []
  for (const accountId of people) {
    const pair = await pairOf(parts, act, staff, accountId)
    if (!pair.ok) return pair
    all.push(...pair.value.still)
  }
  return answer(all)
}

function hiding({ acts }: CloseParts, entry: Hiding): Deed {
  const { conversationId, seq, author } = entry
  return {
    event: { kind: 'message-hidden', account: author, details: { conversation: conversationId, entry: seq } },
    run: () => acts.hide(entry),
  }
}

function removing(parts: CloseParts, removal: Removing): Deed {
  const { conversationId, accountId } = removal
  return {
    event: { kind: 'member-removed', account: accountId, details: { conversation: conversationId } },
    async run() {
      // Before: who has left, and is let in at this moment, is removed by what follows.
      await keepOut(parts, removal)
      await parts.acts.remove(removal)
    },
  }
}

/** The reported messages of a case, each once; not those of the sentinel, on which nobody acts [B84]. */
async function messagesOf(
  parts: CloseParts,
  staff: By,
  found: ReportCase,
  upTo = Infinity,
): Promise<readonly (Hiding & { readonly isInGroup: boolean })[]> {
  const messages = new Map<string, Hiding & { readonly isInGroup: boolean }>()
  for (const { conversation_id: conversationId, kind, copy, reported_at: at, canary } of await readKept(parts, staff, found)) {
    const entry = copy === null || at > upTo || canary === 1 ? undefined : (JSON.parse(copy) as Entry[]).at(-1)
    if (conversationId !== null && entry !== undefined)
      messages.set(`${conversationId} ${entry.seq}`, { ...entry, conversationId, isInGroup: kind === 'group' })
  }
  return [...messages.values()]
}
