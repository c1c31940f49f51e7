import { randomUUID } from 'node:crypto'
import { KINDS_OF_ACTS, LIMITS, type ActOfStaff, type CaseDetails, type Entry, type KindOfAct, type Reply, type ReportCase } from '@bongsu/protocol'
import { findCase, findCases, listCases, readCase, readKept } from '../accounts/cases.ts'
import { closeCase, type CloseParts } from '../accounts/close-case.ts'
import type { Answer } from '../accounts/parts.ts'
import { findAccount } from '../accounts/people.ts'
import { createActsOfStaff } from '../conversation/acts-of-staff.ts'
import { durationOf, SENTENCES } from './act.ts'
import type { Desk } from './desk.ts'

/** Exit code for a command that was not understood. */
export const EXIT_USAGE = 64

export interface ReportsWish {
  readonly json?: boolean | undefined
  readonly decided?: boolean | undefined
  readonly act?: string | undefined
  readonly reason?: string | undefined
  /** Whom to remove from a reported group. */
  readonly of?: string | undefined
  /** What a warned or suspended person is told, for how long, and how to appeal. */
  readonly text?: string | undefined
  readonly for?: string | undefined
  readonly appeal?: string | undefined
  /** Most cases of a list. */
  readonly limit?: string | undefined
}

const isAct = (act: string | undefined): act is KindOfAct => KINDS_OF_ACTS.some((kind) => kind === act)

/** `npx bongsu reports`: the queue of staff for the operator, who sees every case [B62, B65]. @returns the exit code. */
export async function reports(desk: Desk, [what = 'list', id, ...more]: readonly string[], wish: ReportsWish): Promise<number> {
  const parts = partsOf(desk)
  const { out } = desk
  const isClosing = what === 'close'
  const ofClosing = wish.act ?? wish.reason ?? wish.of ?? wish.text ?? wish.for ?? wish.appeal
  if (more.length > 0 || (!isClosing && ofClosing !== undefined)) return EXIT_USAGE
  if (what === 'list' && id === undefined) {
    const { cases, open, more: isMore } = await listed(parts, wish)
    if (wish.json === true) out(JSON.stringify({ cases, open, more: isMore }, null, 2))
    else {
      for (const each of cases) out(lineOf(each))
      out(
        wish.decided === true
          ? `The newest ${cases.length} decided cases${isMore ? '; --limit shows more' : ''}.`
          : `${open} cases wait${isMore ? `; the oldest ${cases.length} are shown, and more with --limit` : ''}.`,
      )
    }
    return 0
  }
  if (id === undefined || wish.decided === true) return EXIT_USAGE
  if (what === 'show') {
    const found = got(await readCase(parts, 'operator', await idOf(parts, id)))
    if (wish.json === true) out(JSON.stringify(found, null, 2))
    else for (const line of linesOf(found)) out(line)
    return found.kept.every(({ message }) => message === null || message.intact) ? 0 : 1
  }
  if (!isClosing || !isAct(wish.act)) return EXIT_USAGE
  const caseId = await idOf(parts, id)
  const closed = got(
    await closeCase(parts, 'operator', caseId, {
      act: await actOf(parts, caseId, wish.act, wish),
      ...(wish.reason === undefined ? {} : { note: wish.reason }),
    }),
  )
  out(wish.json === true ? JSON.stringify(closed, null, 2) : lineOf(closed))
  return 0
}

function partsOf(desk: Desk): CloseParts {
  const random = { uuid: () => randomUUID(), next: () => Math.random() }
  return { ...desk, random, acts: createActsOfStaff({ log: desk.log, clock: desk.clock, random }) }
}

const WHY: Partial<Record<string, string>> = {
  ...SENTENCES,
  'not-found': 'There is no such case.',
  'case-closed': 'Somebody else has decided this case: see `reports show`.',
  'body-invalid': 'This act is not possible in this case: no such message, or no person, was reported.',
  'text-too-long': `A reason has at most ${LIMITS.reportTextCodePointsMax} characters.`,
}

function got<T>(answered: Answer<T>): T {
  if (!answered.ok) throw new Error(WHY[answered.code] ?? `Not done: ${answered.code}.`)
  return answered.value
}

async function actOf(parts: CloseParts, caseId: string, kind: KindOfAct, wish: ReportsWish): Promise<ActOfStaff> {
  switch (kind) {
    case 'none':
    case 'hide':
      return { kind }
    case 'remove':
      return removal(parts, caseId, wish)
    case 'warn':
      return { kind, text: told(wish) }
    case 'suspend':
      return { kind, forMs: durationOf(wish.for), reason: told(wish), appeal: wish.appeal ?? '' }
  }
}

function told({ text }: ReportsWish): string {
  if (text === undefined) throw new Error('Say with --text what the person is told. --reason stays with the case.')
  return text
}

/** From the one group in which messages were reported; where there are several, from the one of the last report. */
async function removal(parts: CloseParts, caseId: string, { of }: ReportsWish): Promise<ActOfStaff> {
  const found = await findCase(parts, 'operator', caseId)
  if (found === null) throw new Error('There is no such case.')
  // What was decided and is not done is done in the same way.
  if (found.decision?.asked?.kind === 'remove') return found.decision.asked
  const messages = (await readKept(parts, 'operator', found)).filter((row) => row.kind === 'group')
  const last = messages.at(-1)
  if (last?.conversation_id === undefined || last.conversation_id === null) throw new Error('No message of a group was reported in this case.')
  const removed = { kind: 'remove', conversationId: last.conversation_id } as const
  if (found.person !== null) return removed
  if (of === undefined) throw new Error('Say with --of HANDLE whom to remove: somebody of whom a message was reported.')
  const account = await findAccount(parts, { handle: of })
  if (account === null) throw new Error(`There is no account ${of}.`)
  return { ...removed, accountId: account.account_id }
}

const LISTED = 100

/** As many pages as asked for. */
async function listed(parts: CloseParts, { decided, limit = `${LISTED}` }: ReportsWish): Promise<Reply<'listCases'>> {
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1) throw new Error('--limit is a number of cases.')
  let page = got(await listCases(parts, 'operator', { decided }))
  const { cases } = page
  while (page.more && cases.length < most) {
    page = got(await listCases(parts, 'operator', { decided, after: cases.at(-1)?.caseId }))
    cases.push(...page.cases)
  }
  return { ...page, more: page.more || cases.length > most, cases: cases.slice(0, most) }
}

/** The case whose id begins so. */
async function idOf(parts: CloseParts, beginning: string): Promise<string> {
  const [found, other] = await findCases(parts, beginning.toLowerCase())
  if (found === undefined) throw new Error('There is no such case.')
  if (other !== undefined) throw new Error(`Several cases begin with ${beginning}.`)
  return found
}

const time = (ms: number): string => new Date(ms).toISOString()

function lineOf({ caseId, person, room, reporters, reasons, openedAt, decision }: ReportCase): string {
  const about = person === null ? `the group "${room?.title ?? ''}"` : `${person.displayName} (@${person.handle})`
  const why = reasons.map(({ reason, reporters: count }) => `${reason} ${count}`).join(', ')
  const done = decision === null ? '' : `  ${decision.done ? decision.act : `${decision.act}, not finished`} by ${decision.by?.handle ?? 'operator'}`
  return `${caseId}  ${time(openedAt)}  ${about}  ${reporters} people: ${why}${done}`
}

function linesOf(found: CaseDetails): readonly string[] {
  const nameOf = (author: string): string => found.people.find(({ accountId }) => accountId === author)?.handle ?? author
  const said = ({ seq, author, acceptedAt, body }: Entry, reported: number): string =>
    `  ${seq === reported ? '>' : ' '} ${time(acceptedAt)}  ${nameOf(author)}: ${body.kind === 'text' ? body.text : JSON.stringify(body)}`
  return [
    lineOf(found),
    `${found.earlier} cases about the same were decided before.`,
    ...found.kept.flatMap(({ reportedAt, reason, text, message }) => [
      `${time(reportedAt)}  ${reason}${text === '' ? '' : `: ${text}`}`,
      ...(message === null
        ? []
        : [
            ...message.entries.map((entry) => said(entry, message.seq)),
            `    ${message.intact ? 'as sealed' : 'CHANGED since it was sealed'} ${message.seal}`,
          ]),
    ]),
    ...(found.decision === null || found.decision.note === '' ? [] : [`Reason: ${found.decision.note}`]),
    ...toldBy(found.decision?.asked),
  ]
}

/** What the person was told by the decision. */
function toldBy(act: ActOfStaff | undefined): readonly string[] {
  if (act?.kind === 'warn') return [`Told: ${act.text}`]
  return act?.kind === 'suspend' ? [`Told: ${act.reason}`, ...(act.appeal === '' ? [] : [`To appeal: ${act.appeal}`])] : []
}
