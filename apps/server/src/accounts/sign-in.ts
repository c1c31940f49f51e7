import { faultInName, LIMITS, type Body, type DeviceId, type Reply, type SignedIn } from '@bongsu/protocol'
import { step } from './builder.ts'
import { deviceSteps, endSurplusDevices, keepDevice, listDevices, ownDevice, revokeDevice, revokeSteps } from './devices.ts'
import { answer, refuse, type AccountsParts, type Answer, type Caller } from './parts.ts'
import { faultInPassword, networkOf } from './passwords.ts'
import { findAccount, profileOf } from './people.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import type { Step } from './sql-database.ts'
import { notSuspended, refuseSuspended } from './suspensions.ts'

export async function signIn(parts: AccountsParts, guard: SignInGuard, wish: Body<'signIn'>, address: string): Promise<Answer<SignedIn>> {
  const handle = wish.handle.toLowerCase()
  const fault = faultInName(wish.deviceName, LIMITS.deviceNameCodePointsMax)
  if (fault !== null) return refuse(fault)
  const row = await findAccount(parts, { handle })
  const device = row === null || wish.deviceId === undefined ? null : await ownDevice(parts, row.account_key, wish.deviceId)
  const about = { ...(row === null ? {} : { account: row.account_id }), address }
  const attempt = await guard.begin({ handle, address, device })
  if (!attempt.ok) {
    if (attempt.code === 'rate-limited') parts.journal.count({ kind: 'sign-in-slowed', ...about })
    return refuse(attempt.code, attempt.retryAfterMs)
  }
  const whom = { known: attempt.known, network: networkOf(address) }
  const matches = await parts.passwords.matches(wish.password, row?.password_hash ?? null, whom).catch((cause: unknown) => {
    // A try during a store failure must not delay the person once the store is back.
    attempt.undecided()
    throw cause
  })
  if (matches === 'busy') {
    attempt.undecided()
    return refuse('busy', 1_000)
  }
  if (!matches || row === null) {
    parts.journal.count({ kind: 'sign-in-failed', ...about })
    await attempt.failed()
    return refuse('sign-in-failed')
  }
  await attempt.succeeded()
  const now = parts.clock.now()
  const profile = profileOf(row)
  if (wish.deviceId !== undefined) {
    // [F5] The same device as before: no new row, and nothing for the account's other devices. A revoked device stays revoked.
    const kept = await parts.sql.atomic([
      samePassword(parts, row),
      notSuspended(parts, row.account_key),
      keepDevice(parts, row.account_key, wish.deviceId),
    ])
    if (kept.ok) return answer({ token: await parts.tokens.issue(row.account_id, wish.deviceId, now), deviceId: wish.deviceId, profile })
    if (kept.failed === 'password') return refuse('sign-in-failed')
    if (kept.failed === 'suspended') return refuseSuspended(parts, row.account_id)
  }
  const deviceId = parts.random.uuid() as DeviceId
  const result = await parts.sql.atomic([
    samePassword(parts, row),
    notSuspended(parts, row.account_key), // [B55]
    ...deviceSteps(parts, row.account_id, { deviceId, name: wish.deviceName.trim(), createdAt: now }),
    ...parts.journal.own({ kind: 'device-added', actor: row.account_id, account: row.account_id, details: { device: deviceId, address } }),
  ])
  if (!result.ok) return result.failed === 'suspended' ? refuseSuspended(parts, row.account_id) : refuse('sign-in-failed')
  await endSurplusDevices(parts, row.account_id, deviceId)
  parts.rose([row.account_id])
  return answer({ token: await parts.tokens.issue(row.account_id, deviceId, now), deviceId, profile })
}

/** Fails when the password has changed since it was checked: nobody signs in with the old password during the change. */
function samePassword({ db }: AccountsParts, row: { readonly account_key: number; readonly password_hash: string }): Step {
  const touch = db.updateTable('accounts').set((account) => ({ password_hash: account.ref('password_hash') }))
  return step(touch.where('account_key', '=', row.account_key).where('password_hash', '=', row.password_hash), 1, 'password')
}

/** How long a repeated change of the password, whose answer may have been lost, counts as done [C7]. */
export const REPEATED_PASSWORD_MS = 900_000

/**
 * Changes the password and revokes every other device: a person who fears a stranger wants that. A caller that names a new id for its device goes on
 * under that id, with a new token, so that no token from before is good any more [B70].
 */
export async function changePassword(
  parts: AccountsParts,
  guard: SignInGuard,
  caller: Caller,
  wish: Body<'changePassword'>,
  address: string,
): Promise<Answer<Reply<'changePassword'>>> {
  const row = await findAccount(parts, caller)
  if (row === null) return refuse('unauthenticated')
  const fault = faultInPassword(wish.next, row.handle)
  if (fault !== null) return refuse(fault)
  // [B20] A signed-in device has failures of its own: strangers' guesses do not count here.
  const attempt = await guard.begin({ handle: row.handle, address, device: caller.deviceId })
  if (!attempt.ok) return refuse(attempt.code, attempt.retryAfterMs)
  const whom = { known: true, network: networkOf(address) }
  const matches = await parts.passwords.matches(wish.current, row.password_hash, whom).catch((cause: unknown) => {
    attempt.undecided()
    throw cause
  })
  if (matches === 'busy') {
    attempt.undecided()
    return refuse('busy', 1_000)
  }
  if (!matches) {
    const isRecent = parts.clock.now() - row.password_changed_at <= REPEATED_PASSWORD_MS
    const isDone = isRecent && (await parts.passwords.matches(wish.next, row.password_hash, whom).catch(() => false))
    if (isDone === 'busy') {
      attempt.undecided()
      return refuse('busy', 1_000)
    }
    if (!isDone) parts.journal.count({ kind: 'sign-in-failed', account: row.account_id, address })
    await (isDone ? attempt.succeeded() : attempt.failed())
    return isDone ? answer({}) : refuse('sign-in-failed')
  }
  await attempt.succeeded()
  const next = await parts.passwords.hash(wish.next, whom)
  if (next === null) return refuse('busy', 1_000)
  const now = parts.clock.now()
  const set = parts.db.updateTable('accounts').set({ password_hash: next, password_changed_at: now }).where('account_key', '=', row.account_key)
  const { accountId } = caller
  const devices = await listDevices(parts, accountId)
  const own = devices.find(({ deviceId }) => deviceId === caller.deviceId)
  if (own === undefined) return refuse('unauthenticated')
  const stays = wish.deviceId ?? caller.deviceId
  const ended = devices.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== stays)
  const result = await parts.sql.atomic([
    samePassword(parts, row),
    step(set, 1),
    ...ended.flatMap((deviceId) => revokeSteps(parts, accountId, deviceId)),
    ...(stays === own.deviceId ? [] : deviceSteps(parts, accountId, { ...own, deviceId: stays })),
    ...parts.journal.own({
      kind: 'password-changed',
      actor: accountId,
      account: accountId,
      details: { device: stays, address, revoked: ended.length },
    }),
  ])
  if (!result.ok && result.failed === 'unique') return refuse('id-conflict')
  if (!result.ok) return result.failed === 'password' ? refuse('sign-in-failed') : refuse('busy', 1_000)
  parts.revoked(ended)
  parts.rose([accountId])
  // Devices that signed in with the old password while the list was being read.
  for (const { deviceId } of await listDevices(parts, accountId)) if (deviceId !== stays) await revokeDevice(parts, accountId, deviceId)
  return answer(stays === own.deviceId ? {} : { token: await parts.tokens.issue(accountId, stays, now) })
}
