import { randomUUID } from 'node:crypto'
import { LIMITS, type ActOfStaff, type CaseDetails, type ConversationId, type Entry, type ReportCase } from '@bongsu/protocol'
import { findCases, listCases, readCase, readKept } from '../accounts/cases.ts'
import { closeCase, type CloseParts } from '../accounts/close-case.ts'
import type { Answer } from '../accounts/parts.ts'
import { createActsOfStaff } from '../conversation/acts-of-staff.ts'
import type { Desk } from './desk.ts'

/** Exit code for a command that was not understood. */
export const EXIT_USAGE = 64

export interface ReportsWish {
  readonly json?: boolean | undefined
  readonly decided?: boolean | undefined
  readonly act?: string | undefined
  readonly reason?: string | undefined
}

const ACTS: readonly ActOfStaff['kind'][] = ['none', 'hide', 'remove']
const isAct = (act: string | undefined): act is ActOfStaff['kind'] => ACTS.some((kind) => kind === act)

/** `npx bongsu reports`: the queue of staff for the operator, who sees every case [B62, B65]. @returns the exit code. */
export async function reports(desk: Desk, [what = 'list', id, ...more]: readonly string[], wish: ReportsWish): Promise<number> {
  const parts = partsOf(desk)
  const { out } = desk
  const isClosing = what === 'close'
  if (more.length > 0 || (!isClosing && (wish.act ?? wish.reason) !== undefined)) return EXIT_USAGE
  if (what === 'list' && id === undefined) {
    const { cases, open } = got(await listCases(parts, 'operator', wish.decided === true))
    if (wish.json === true) out(JSON.stringify({ cases, open }, null, 2))
    else {
      for (const each of cases) out(lineOf(each))
      out(
        wish.decided === true
          ? `The newest ${cases.length} decided cases.`
          : `${open} cases wait${open > cases.length ? `; the oldest ${cases.length} are shown` : ''}.`,
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
      act: await actOf(parts, caseId, wish.act),
      ...(wish.reason === undefined ? {} : { note: wish.reason }),
    }),
  )
  out(wish.json === true ? JSON.stringify(closed, null, 2) : lineOf(closed))
  return 0
}

function partsOf(desk: Desk): CloseParts {
  return { ...desk, acts: createActsOfStaff({ log: desk.log, clock: desk.clock, random: { uuid: () => randomUUID() } }) }
}

const WHY: Partial<Record<string, string>> = {
  'not-found': 'There is no such case.',
  'case-closed': 'Somebody else has decided this case: see `reports show`.',
  'body-invalid': 'This act is not possible in this case: no such message was reported.',
  'text-too-long': `A reason has at most ${LIMITS.reportTextCodePointsMax} characters.`,
}

function got<T>(answered: Answer<T>): T {
  if (!answered.ok) throw new Error(WHY[answered.code] ?? `Not done: ${answered.code}.`)
  return answered.value
}

/** A removal is from the one group in which messages were reported; where there are several, from the one of the last report. */
async function actOf(parts: CloseParts, caseId: string, kind: ActOfStaff['kind']): Promise<ActOfStaff> {
  if (kind !== 'remove') return { kind }
  const rooms = (await readKept(parts, caseId)).filter((row) => row.kind === 'group')
  const conversationId = rooms.at(-1)?.conversation_id
  if (conversationId === undefined || conversationId === null) throw new Error('No message of a group was reported in this case.')
  return { kind, conversationId: conversationId satisfies ConversationId }
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
  ]
}
