import type { AccountId, StaffRole } from '@bongsu/protocol'
import { step } from './builder.ts'
import { answer, refuse, type Answer, type StaffParts } from './parts.ts'
import { findAccount, staffRole, type PersonRow } from './people.ts'
import type { Step } from './sql-database.ts'
import { mayAct, type StaffAct } from './staff-table.ts'
import { notSuspended } from './suspensions.ts'

/** Who acts: an account of the staff, or the operator at the command line. */
export type By = AccountId | 'operator'

type Parts = Pick<StaffParts, 'sql' | 'db' | 'knownNow'>

export interface Acting {
  readonly role: StaffRole
  /** Fail as 'actor' when who acts is no longer what they were when this was decided. */
  readonly still: readonly Step[]
}

/** The role of who acts. */
export async function actorOf(parts: Parts, by: By): Promise<Acting> {
  if (by === 'operator') return { role: 'admin', still: [] }
  const row = await findAccount(parts, { accountId: by })
  if (row === null) return { role: 'member', still: [] }
  return { role: staffRole(row), still: [sameRole(parts, row, 'actor'), { ...notSuspended(parts, row.account_key), otherwise: 'actor' }] }
}

function sameRole({ db }: Pick<Parts, 'db'>, row: PersonRow, otherwise: string): Step {
  const same = db.selectFrom('accounts').select('account_key').where('account_key', '=', row.account_key)
  return step(same.where('role', '=', row.role).where('moderator', '=', row.moderator), 1, otherwise)
}

/** Why this act is not for this person, whoever acts; null when it may be. */
export function whyNotOn(act: StaffAct, { canary }: Pick<PersonRow, 'canary'>): 'not-a-person' | null {
  return canary === 1 && act !== 'look' && act !== 'lift' ? 'not-a-person' : null // [B84]
}

export interface Pair {
  readonly row: PersonRow
  readonly still: readonly Step[]
}

/** Both of an act, and the steps by which it fails when either has another role meanwhile [B54, B56]. */
export async function pairOf(parts: Parts, act: StaffAct, by: By, accountId: AccountId): Promise<Answer<Pair>> {
  const [actor, row] = await Promise.all([actorOf(parts, by), findAccount(parts, { accountId })])
  if (!mayAct(act, actor.role)) return refuse('forbidden')
  if (row === null) return refuse('not-found')
  const fault = whyNotOn(act, row)
  if (fault !== null) return refuse(fault)
  if (!mayAct(act, actor.role, staffRole(row))) return refuse('forbidden')
  return answer({ row, still: [...actor.still, sameRole(parts, row, 'person')] })
}

/** @param failed the step that did. */
export function refusedAct(failed: string): Exclude<Answer<never>, { ok: true }> {
  if (failed === 'full') return { ...refuse('limit-reached'), limit: 'noticesPerAccountMax' }
  return refuse(failed === 'actor' ? 'forbidden' : 'acted-already')
}

/** Whether an account may do an act that is about nobody. */
export async function isAllowed(parts: Parts, act: StaffAct, by: By): Promise<boolean> {
  return mayAct(act, (await actorOf(parts, by)).role)
}
