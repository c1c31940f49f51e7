import { randomUUID } from 'node:crypto'
import { LIMITS, REFUSALS, STAFF_ROLES, type StaffRole } from '@bongsu/protocol'
import type { Answer } from '../accounts/parts.ts'
import { liftSuspension, lookUpForStaff, setRole, suspend, warn } from '../accounts/staff.ts'
import type { Desk } from './desk.ts'

export interface ActWish {
  readonly handle: string
  /** A role of `role`. */
  readonly role: string | undefined
  readonly for: string | undefined
  readonly reason: string | undefined
  readonly appeal: string | undefined
}

export const ACTS = ['role', 'suspend', 'unsuspend', 'warn'] as const
export type Act = (typeof ACTS)[number]

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30m`, `12h`, `7d`, or `ever`. @returns ms; null for good. */
export function durationOf(text: string | undefined): number | null {
  if (text === 'ever') return null
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text ?? '') ?? []
  const ms = Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (!(ms >= LIMITS.suspensionMsMin && ms <= LIMITS.suspensionMsMax)) throw new Error('--for is a time such as 30m, 12h or 7d, or the word ever.')
  return ms
}

function roleOf(name: string | undefined): StaffRole {
  const role = STAFF_ROLES.find((each) => each === (name === 'administrator' ? 'admin' : name))
  if (role === undefined) throw new Error('A role is administrator, moderator or member.')
  return role
}

export const SENTENCES: Partial<Readonly<Record<string, string>>> = {
  'acted-already': 'It is so already, or somebody else has just acted. Look with npx bongsu audit.',
  forbidden: 'An administrator is not suspended or warned. Give the account another role first.',
  'limit-reached': 'The person has not put away the warnings before.',
  'not-a-person': 'This is an account of the sentinel, which tests the server with it. Nothing was done.',
}

/** An act of the operator on a person, as the app does it for staff. Throws a sentence when it is refused. */
export async function act(desk: Desk, what: Act, wish: ActWish): Promise<void> {
  const sheet = told(await lookUpForStaff(desk, 'operator', wish.handle), wish.handle)
  const { accountId, handle } = sheet.person
  if (what === 'role') {
    const role = roleOf(wish.role)
    told(await setRole(desk, 'operator', accountId, { role, was: sheet.role, reason: wish.reason ?? 'by the operator' }), handle)
    return desk.out(`${handle} is ${role === 'admin' ? 'an administrator' : `a ${role}`} now.`)
  }
  if (wish.reason === undefined) throw new Error('Say why with --reason. It stands in the journal, and the person is told.')
  const { reason } = wish
  switch (what) {
    case 'suspend': {
      const forMs = durationOf(wish.for)
      const suspension = { suspensionId: randomUUID(), forMs, reason, appeal: wish.appeal ?? '' }
      const { until } = told(await suspend(desk, 'operator', accountId, suspension), handle)
      return desk.out(`${handle} is suspended ${until === null ? 'for good' : `until ${new Date(until).toISOString()}`}.`)
    }
    case 'unsuspend':
      if (sheet.suspension === null) throw new Error(`${handle} is not suspended.`)
      told(await liftSuspension(desk, 'operator', accountId, { suspensionId: sheet.suspension.suspensionId, reason }), handle)
      return desk.out(`${handle} is not suspended any more.`)
    case 'warn':
      told(await warn(desk, 'operator', accountId, randomUUID(), reason), handle)
      return desk.out(`${handle} is warned.`)
  }
}

function told<T>(answer: Answer<T>, handle: string): T {
  if (answer.ok) return answer.value
  if (answer.code === 'not-found') throw new Error(`There is no account ${handle}.`)
  throw new Error(SENTENCES[answer.code] ?? REFUSALS[answer.code].about)
}
