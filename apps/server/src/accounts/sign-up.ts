import {
  faultInName,
  HANDLE_PATTERN,
  LIMITS,
  type AccountId,
  type Body,
  type DeviceId,
  type Person,
  type Profile,
  type Role,
  type SignedIn,
} from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { deviceSteps } from './devices.ts'
import { befriend } from './friends.ts'
import { findInvite, useInvite } from './invites.ts'
import { isReserved, skeleton } from './likeness.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import { faultInPassword, networkOf } from './passwords.ts'
import { personOf, storedName } from './people.ts'
import { signIn } from './sign-in.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import type { Step } from './sql-database.ts'

const HANDLE = new RegExp(HANDLE_PATTERN)

/**
 * A sign-up that may be repeated after a lost answer [C7]. The device made its own id beforehand. When that device exists, an earlier request made the
 * account: its owner, who knows the password, is signed in to it.
 */
export async function signUpOnce(
  parts: AccountsParts,
  guard: SignInGuard,
  wish: Body<'signUp'>,
  registration: 'invite' | 'open',
  address: string,
): Promise<Answer<SignedIn>> {
  const made = await signUp(parts, wish, registration, networkOf(address))
  if (made.ok || wish.deviceId === undefined) return made
  const owner = parts.db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.account_key', 'devices.account_key')
    .select('accounts.handle')
    .where('devices.device_id', '=', wish.deviceId)
  const [before] = await parts.sql.read<{ handle: string }>(statement(owner))
  if (before === undefined) return made
  const { password, deviceName, deviceId } = wish
  return signIn(parts, guard, { handle: before.handle, password, deviceName, deviceId }, address)
}

/** Creates an account and signs its first device in. If any part fails, nothing is stored and the invite is not used up. */
export async function signUp(parts: AccountsParts, wish: Body<'signUp'>, registration: 'invite' | 'open', network = ''): Promise<Answer<SignedIn>> {
  // Before lower case is written: other letters, such as the Kelvin sign, become ASCII by it.
  if (!HANDLE.test(wish.handle)) return refuse('body-invalid')
  const handle = wish.handle.toLowerCase()
  const fault =
    faultInName(wish.displayName, LIMITS.displayNameCodePointsMax) ??
    faultInName(wish.deviceName, LIMITS.deviceNameCodePointsMax) ??
    faultInPassword(wish.password, handle)
  if (fault !== null) return refuse(fault)
  if (wish.code === undefined && registration !== 'open') return refuse('registration-closed')
  let role: Role = 'member'
  if (wish.code !== undefined) {
    const invite = await findInvite(parts, wish.code)
    if (!invite.ok) return invite
    role = invite.value.role
  }
  // [B30]
  if (role === 'member' && isReserved(handle)) return refuse('handle-taken')
  if (role === 'member' && isReserved(wish.displayName)) return refuse('forbidden')
  const passwordHash = await parts.passwords.hash(wish.password, { known: false, network })
  return passwordHash === null ? refuse('busy', 1_000) : makeAccount(parts, wish, handle, passwordHash)
}

async function makeAccount(parts: AccountsParts, wish: Body<'signUp'>, handle: string, passwordHash: string): Promise<Answer<SignedIn>> {
  const invite = wish.code === undefined ? null : await findInvite(parts, wish.code)
  if (invite !== null && !invite.ok) return invite
  const now = parts.clock.now()
  const accountId = parts.random.uuid() as AccountId
  const deviceId = wish.deviceId ?? (parts.random.uuid() as DeviceId)
  const role = invite?.value.role ?? 'member'
  const person = personOf({ account_id: accountId, handle, display_name: storedName(wish.displayName), role, moderator: 0 })
  const profile: Profile = { ...person, role }
  const inviter = invite?.value.from ?? null
  const canary = invite?.value.canary ?? false
  const result = await parts.sql.atomic([
    ...(wish.code === undefined ? [] : [useInvite(parts, wish.code)]),
    insertAccount(parts, person, { role, passwordHash, canary, now }),
    ...writeItem(parts.db, only(accountId), { kind: 'profile', key: '', value: profile }),
    // Canaries speak with each other, and with nobody else.
    ...(canary || parts.reach === 'everyone' ? [] : writeItem(parts.db, only(accountId), { kind: 'reach', key: '', value: { from: parts.reach } })),
    ...deviceSteps(parts, accountId, { deviceId, name: wish.deviceName.trim(), createdAt: now }),
    ...(inviter === null ? [] : [...befriend(parts, accountId, inviter), ...befriend(parts, inviter.accountId, person)]),
    ...parts.journal.own({ kind: 'account-made', actor: accountId, account: accountId, details: { device: deviceId, role } }),
  ])
  // The inviter was renamed, or the invite ended meanwhile: it is read again.
  if (!result.ok && (result.failed === 'renamed' || result.failed === 'invite')) return makeAccount(parts, wish, handle, passwordHash)
  if (!result.ok) return refuse('handle-taken')
  if (inviter !== null) parts.rose([inviter.accountId])
  if (canary) parts.canaryJoined(person)
  return answer({ token: await parts.tokens.issue(accountId, deviceId, now), deviceId, profile })
}

interface NewAccount {
  readonly role: Role
  readonly passwordHash: string
  readonly canary: boolean
  readonly now: number
}

function insertAccount({ db }: AccountsParts, person: Person, { role, passwordHash, canary, now }: NewAccount): Step {
  const insert = db.insertInto('accounts').values({
    account_id: person.accountId,
    handle: person.handle,
    likeness: skeleton(person.handle),
    display_name: person.displayName,
    password_hash: passwordHash,
    role,
    created_at: now,
    password_changed_at: now,
    canary: canary ? 1 : 0,
  })
  return step(insert, 1)
}
