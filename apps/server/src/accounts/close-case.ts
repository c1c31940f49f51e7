import { faultInText, LIMITS, type ActOfStaff, type Body, type Entry, type ReportCase } from '@bongsu/protocol'
import type { ActsOfStaff, Hiding } from '../conversation/acts-of-staff.ts'
import type { Clock } from '../ops/clock.ts'
import { step } from './builder.ts'
import { aboutOf, findCase, isStaff, readKept, type Staff } from './cases.ts'
import type { JournalEvent } from './journal.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import { findAccount } from './people.ts'
import { REPORT_BOUNDS } from './report.ts'

export interface CloseParts extends Pick<AccountsParts, 'sql' | 'db' | 'journal'> {
  readonly clock: Pick<Clock, 'now'>
  readonly acts: ActsOfStaff
}

/** What an act consists of: each deed may be done twice, and has a row in the journal. */
interface Deed {
  readonly event: Pick<JournalEvent, 'kind' | 'account' | 'details'>
  readonly run: () => Promise<void>
}

/**
 * Decides a case. The decision is written first, and only where there is none: of two at once one is refused and does nothing. Then the act is done. When
 * that was interrupted, the case stays in the queue, and the same decision again, of anybody, does the rest [B65].
 */
export async function closeCase(parts: CloseParts, staff: Staff, caseId: string, { act, note }: Body<'closeCase'>): Promise<Answer<ReportCase>> {
  const fault = note === undefined ? null : faultInText(note, LIMITS.reportTextCodePointsMax)
  if (fault !== null) return refuse(fault)
  if (!(await isStaff(parts, staff))) return refuse('forbidden')
  const found = await findCase(parts, staff, caseId)
  if (found === null) return refuse('not-found')
  const deeds = await deedsOf(parts, found, act)
  if (deeds === null) return refuse('body-invalid')
  const { sql, db } = parts
  const reason = note ?? ''
  const decidedBy = staff === 'operator' ? null : ((await findAccount(parts, { accountId: staff }))?.account_key ?? null)
  const decide = db
    .updateTable('cases')
    .set({ decided_at: parts.clock.now(), decided_by: decidedBy, act: act.kind, note: reason })
    .where('case_id', '=', caseId)
    .where('decided_at', 'is', null)
  const told = parts.journal.record({
    kind: 'report-closed',
    actor: staff,
    ...aboutOf(found),
    details: { case: caseId, act: act.kind, reason },
  })
  const decided = await sql.atomic([step(decide, 1, 'decided'), told])
  const after = await findCase(parts, staff, caseId)
  if (after === null) return refuse('not-found')
  if (!decided.ok && !isInterrupted(parts, staff, act.kind, after)) return refuse('case-closed')
  for (const { run } of deeds) await run()
  const end = db.updateTable('cases').set({ done_at: parts.clock.now() }).where('case_id', '=', caseId).where('done_at', 'is', null)
  const acts = deeds.map(({ event }) => parts.journal.record({ ...event, actor: staff, details: { case: caseId, ...event.details, reason } }))
  await sql.atomic([step(end, 1, 'done'), ...acts])
  const done = await findCase(parts, staff, caseId)
  return done === null ? refuse('not-found') : answer(done)
}

/** Whether this act was decided and is not done: by the same person, or so long ago that nobody does it now. */
function isInterrupted({ clock }: CloseParts, staff: Staff, act: string, { decision }: ReportCase): boolean {
  if (decision === null || decision.done || decision.act !== act) return false
  return (decision.by?.accountId ?? 'operator') === staff || decision.at <= clock.now() - REPORT_BOUNDS.actMsMax
}

/** Null: this cannot be done in this case. */
async function deedsOf(parts: CloseParts, { caseId, person }: ReportCase, act: ActOfStaff): Promise<readonly Deed[] | null> {
  if (act.kind === 'none') return []
  const messages = await messagesOf(parts, caseId)
  if (act.kind === 'hide') {
    const deeds = messages.map((entry): Deed => {
      const { conversationId, seq, author } = entry
      return {
        event: { kind: 'message-hidden', account: author, details: { conversation: conversationId, entry: seq } },
        run: () => parts.acts.hide(entry),
      }
    })
    return deeds.length === 0 ? null : deeds
  }
  const { conversationId } = act
  if (person === null || !messages.some((entry) => entry.conversationId === conversationId && entry.isInGroup)) return null
  const { accountId } = person
  return [
    {
      event: { kind: 'member-removed', account: accountId, details: { conversation: conversationId } },
      run: () => parts.acts.remove({ conversationId, accountId }),
    },
  ]
}

/** The reported messages of a case, each once. */
async function messagesOf(parts: CloseParts, caseId: string): Promise<readonly (Hiding & { readonly isInGroup: boolean })[]> {
  const found = new Map<string, Hiding & { readonly isInGroup: boolean }>()
  for (const { conversation_id: conversationId, kind, copy } of await readKept(parts, caseId)) {
    const entry = copy === null ? undefined : (JSON.parse(copy) as Entry[]).at(-1)
    if (conversationId !== null && entry !== undefined)
      found.set(`${conversationId} ${entry.seq}`, { ...entry, conversationId, isInGroup: kind === 'group' })
  }
  return [...found.values()]
}
