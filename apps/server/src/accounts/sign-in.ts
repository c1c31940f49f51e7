import { LIMITS, type Body, type DeviceId, type Profile, type SignedIn } from '@bongsu/protocol'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { faultInName } from '../conversation/validate.ts'
import { step } from './builder.ts'
import { deviceSteps, endSurplusDevices, keepDevice, listDevices, revokeDevice, revokeSteps } from './devices.ts'
import { answer, refuse, type AccountsParts, type Answer, type Caller, type Done } from './parts.ts'
import { faultInPassword } from './passwords.ts'
import { findAccount, personOf } from './people.ts'
import type { Step } from './sql-database.ts'

/** Failed sign-ins allowed: for one handle, whoever tries, and for one address, whatever it tries. */
export interface SignInLimits {
  readonly failuresPerHandle: number
  readonly failuresPerAddress: number
  readonly windowMs: number
}

export interface SignInGuard {
  /**
   * A try begins. It counts as failed until one of the other two is called, so that tries made at the same time are no more than tries
   * made one after the other.
   * @returns milliseconds to wait before this handle or address may try again, 0 when it may now.
   */
  begin(handle: string, address: string): Promise<number>
  succeeded(handle: string, address: string): Promise<void>
  /** It could not be found out whether it would have succeeded. */
  undecided(handle: string, address: string): Promise<void>
}

export function createSignInGuard(limits: SignInLimits): SignInGuard {
  const duration = limits.windowMs / 1_000
  const byHandle = new RateLimiterMemory({ keyPrefix: 'handle', points: limits.failuresPerHandle, duration })
  const byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: limits.failuresPerAddress, duration })
  return {
    async begin(handle, address) {
      const [one, other] = await Promise.all([byHandle.penalty(handle), byAddress.penalty(address)])
      const waits = [
        one.consumedPoints > limits.failuresPerHandle ? one.msBeforeNext : 0,
        other.consumedPoints > limits.failuresPerAddress ? other.msBeforeNext : 0,
      ]
      const waitMs = Math.ceil(Math.max(...waits))
      // A try that is not made counts for nobody: one handle that is waited for must not use up a whole address.
      if (waitMs > 0) await Promise.all([byHandle.reward(handle), byAddress.reward(address)])
      return waitMs
    },
    async succeeded(handle, address) {
      await Promise.all([byHandle.delete(handle), byAddress.reward(address)])
    },
    async undecided(handle, address) {
      await Promise.all([byHandle.reward(handle), byAddress.reward(address)])
    },
  }
}

export async function signIn(parts: AccountsParts, guard: SignInGuard, wish: Body<'signIn'>, address: string): Promise<Answer<SignedIn>> {
  const handle = wish.handle.toLowerCase()
  const fault = faultInName(wish.deviceName, LIMITS.deviceNameCodePointsMax)
  if (fault !== null) return refuse(fault)
  const waitMs = await guard.begin(handle, address)
  if (waitMs > 0) return refuse('rate-limited', waitMs)
  const { row, matches } = await check(parts, handle, wish.password).catch(async (cause: unknown) => {
    // Whoever tries while the store is away must not be kept waiting once it is back.
    await guard.undecided(handle, address)
    throw cause
  })
  if (matches === 'busy') {
    await guard.undecided(handle, address)
    return refuse('busy', 1_000)
  }
  if (!matches || row === null) return refuse('sign-in-failed')
  await guard.succeeded(handle, address)
  const now = parts.clock.now()
  const profile: Profile = { ...personOf(row), role: row.role }
  if (wish.deviceId !== undefined) {
    // [F5] The device as it was: no row more, and nothing to tell its account's others. One that was revoked stays so.
    const kept = await parts.sql.atomic([samePassword(parts, row), keepDevice(parts, row.account_key, wish.deviceId)])
    if (kept.ok) return answer({ token: await parts.tokens.issue(row.account_id, wish.deviceId, now), deviceId: wish.deviceId, profile })
    if (kept.failed === 'password') return refuse('sign-in-failed')
  }
  const deviceId = parts.random.uuid() as DeviceId
  const result = await parts.sql.atomic([
    samePassword(parts, row),
    ...deviceSteps(parts, row.account_id, { deviceId, name: wish.deviceName.trim(), createdAt: now }),
  ])
  if (!result.ok) return refuse('sign-in-failed')
  await endSurplusDevices(parts, row.account_id, deviceId)
  parts.rose([row.account_id])
  return answer({ token: await parts.tokens.issue(row.account_id, deviceId, now), deviceId, profile })
}

async function check(parts: AccountsParts, handle: string, password: string) {
  const row = await findAccount(parts, { handle })
  return { row, matches: await parts.passwords.matches(password, row?.password_hash ?? null) }
}

/** Fails when the password has been changed since it was checked: nobody comes in with the old one beside the change. */
function samePassword({ db }: AccountsParts, row: { readonly account_key: number; readonly password_hash: string }): Step {
  const touch = db.updateTable('accounts').set((account) => ({ password_hash: account.ref('password_hash') }))
  return step(touch.where('account_key', '=', row.account_key).where('password_hash', '=', row.password_hash), 1, 'password')
}

/** Changes the password and ends every other device, for that is what somebody who fears a stranger wants. */
export async function changePassword(
  parts: AccountsParts,
  guard: SignInGuard,
  caller: Caller,
  wish: Body<'changePassword'>,
  address: string,
): Promise<Answer<Done>> {
  const fault = faultInPassword(wish.next)
  if (fault !== null) return refuse(fault)
  const row = await findAccount(parts, caller)
  if (row === null) return refuse('unauthenticated')
  const waitMs = await guard.begin(row.handle, address)
  if (waitMs > 0) return refuse('rate-limited', waitMs)
  const matches = await parts.passwords.matches(wish.current, row.password_hash)
  if (matches === 'busy') {
    await guard.undecided(row.handle, address)
    return refuse('busy', 1_000)
  }
  if (!matches) return refuse('sign-in-failed')
  await guard.succeeded(row.handle, address)
  const next = await parts.passwords.hash(wish.next)
  if (next === null) return refuse('busy', 1_000)
  const now = parts.clock.now()
  const set = parts.db.updateTable('accounts').set({ password_hash: next, password_changed_at: now }).where('account_key', '=', row.account_key)
  const others = await otherDevices(parts, caller)
  const result = await parts.sql.atomic([
    samePassword(parts, row),
    step(set, 1),
    ...others.flatMap((deviceId) => revokeSteps(parts, caller.accountId, deviceId)),
  ])
  if (!result.ok) return result.failed === 'password' ? refuse('sign-in-failed') : refuse('busy', 1_000)
  parts.revoked(others)
  parts.rose([caller.accountId])
  // Whoever came in by the old password while the list was being read.
  for (const deviceId of await otherDevices(parts, caller)) await revokeDevice(parts, caller.accountId, deviceId)
  return answer({})
}

async function otherDevices(parts: AccountsParts, caller: Caller): Promise<readonly DeviceId[]> {
  const devices = await listDevices(parts, caller.accountId)
  return devices.map((device) => device.deviceId).filter((deviceId) => deviceId !== caller.deviceId)
}
