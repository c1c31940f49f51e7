import { LIMITS, type Body, type DeviceId, type SignedIn } from '@bongsu/protocol'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { faultInName } from '../conversation/validate.ts'
import { statement, step } from './builder.ts'
import { deviceSteps, listDevices, makeRoomForDevice, revokeDevice } from './devices.ts'
import { answer, refuse, type AccountsParts, type Answer, type Caller } from './parts.ts'
import { faultInPassword } from './passwords.ts'
import { findAccount, personOf } from './people.ts'

/** Failed sign-ins allowed: for one handle, whoever tries, and for one address, whatever it tries. */
export interface SignInLimits {
  readonly failuresPerHandle: number
  readonly failuresPerAddress: number
  readonly windowMs: number
}

export interface SignInGuard {
  /** Milliseconds to wait before this handle or address may try again, 0 when it may now. */
  waitMs(handle: string, address: string): Promise<number>
  failed(handle: string, address: string): Promise<void>
  succeeded(handle: string): Promise<void>
}

export function createSignInGuard(limits: SignInLimits): SignInGuard {
  const duration = limits.windowMs / 1_000
  const byHandle = new RateLimiterMemory({ keyPrefix: 'handle', points: limits.failuresPerHandle, duration })
  const byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: limits.failuresPerAddress, duration })
  return {
    async waitMs(handle, address) {
      const [one, other] = await Promise.all([byHandle.get(handle), byAddress.get(address)])
      const waits = [one, other].map((used) => (used !== null && used.remainingPoints <= 0 ? used.msBeforeNext : 0))
      return Math.max(...waits)
    },
    async failed(handle, address) {
      await Promise.all([byHandle.penalty(handle), byAddress.penalty(address)])
    },
    async succeeded(handle) {
      await byHandle.delete(handle)
    },
  }
}

export async function signIn(parts: AccountsParts, guard: SignInGuard, wish: Body<'signIn'>, address: string): Promise<Answer<SignedIn>> {
  const handle = wish.handle.toLowerCase()
  const fault = faultInName(wish.deviceName, LIMITS.deviceNameCodePointsMax)
  if (fault !== null) return refuse(fault)
  const waitMs = await guard.waitMs(handle, address)
  if (waitMs > 0) return refuse('rate-limited', waitMs)
  const row = await findAccount(parts, { handle })
  const matches = await parts.passwords.matches(wish.password, row?.password_hash ?? null)
  if (matches === 'busy') return refuse('busy', 1_000)
  if (!matches || row === null) {
    await guard.failed(handle, address)
    return refuse('sign-in-failed')
  }
  await guard.succeeded(handle)
  await makeRoomForDevice(parts, row.account_id)
  const now = parts.clock.now()
  const deviceId = parts.random.uuid() as DeviceId
  const result = await parts.sql.atomic(deviceSteps(parts, row.account_id, { deviceId, name: wish.deviceName.trim(), createdAt: now }))
  if (!result.ok) throw new Error(`A device could not be signed in: ${result.failed}`)
  parts.rose([row.account_id])
  return answer({ token: await parts.tokens.issue(row.account_id, deviceId, now), deviceId, profile: { ...personOf(row), role: row.role } })
}

/** Changes the password and ends every other device, for that is what somebody who fears a stranger wants. */
export async function changePassword(parts: AccountsParts, guard: SignInGuard, caller: Caller, wish: Body<'changePassword'>, address: string): Promise<Answer<Record<never, never>>> {
  const fault = faultInPassword(wish.next)
  if (fault !== null) return refuse(fault)
  const row = await findAccount(parts, caller)
  if (row === null) return refuse('unauthenticated')
  const waitMs = await guard.waitMs(row.handle, address)
  if (waitMs > 0) return refuse('rate-limited', waitMs)
  const matches = await parts.passwords.matches(wish.current, row.password_hash)
  if (matches === 'busy') return refuse('busy', 1_000)
  if (!matches) {
    await guard.failed(row.handle, address)
    return refuse('sign-in-failed')
  }
  const next = await parts.passwords.hash(wish.next)
  if (next === 'busy') return refuse('busy', 1_000)
  const set = parts.db.updateTable('accounts').set({ password_hash: next, password_changed_at: parts.clock.now() }).where('account_key', '=', row.account_key)
  const result = await parts.sql.atomic([step(set, 1)])
  if (!result.ok) throw new Error(`A password could not be changed: ${result.failed}`)
  for (const device of await listDevices(parts, caller.accountId)) {
    if (device.deviceId !== caller.deviceId) await revokeDevice(parts, caller.accountId, device.deviceId)
  }
  return answer({})
}

/** May this account do what only administrators may? */
export async function isAdmin({ sql, db }: AccountsParts, caller: Caller): Promise<boolean> {
  const [row] = await sql.read<{ role: string }>(statement(db.selectFrom('accounts').select('role').where('account_id', '=', caller.accountId)))
  return row?.role === 'admin'
}
