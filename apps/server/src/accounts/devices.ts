import { LIMITS, type AccountId, type Device, type DeviceId } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import { only, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import type { Step } from './sql-database.ts'
import { TOKEN_GONE_MS } from './tokens.ts'

interface DeviceRow {
  readonly device_id: DeviceId
  readonly name: string
  readonly created_at: number
}

/** The steps that sign a device in: its row, and its item in the account log. */
export function deviceSteps({ db }: AccountsParts, accountId: AccountId, device: Device): readonly Step[] {
  const insert = db.insertInto('devices').values((row) => ({
    device_id: device.deviceId,
    account_key: row.selectFrom('accounts').select('account_key').where('account_id', '=', accountId).$asScalar().$notNull(),
    name: device.name,
    created_at: device.createdAt,
    last_seen_at: device.createdAt,
    revoked_at: null,
  }))
  return [step(insert, 1), ...writeItem(db, only(accountId), { kind: 'device', key: device.deviceId, value: device })]
}

/** The step that signs an existing device in again. Fails as 'device' when it is not one of the account's signed-in devices. */
export function keepDevice({ db, clock }: AccountsParts, accountKey: number, deviceId: DeviceId): Step {
  const touch = db
    .updateTable('devices')
    .set({ last_seen_at: clock.now() })
    .where('device_id', '=', deviceId)
    .where('account_key', '=', accountKey)
    .where('revoked_at', 'is', null)
  return step(touch, 1, 'device')
}

/** The device, when it is signed in to this account; otherwise null. */
export async function ownDevice({ sql, db }: AccountsParts, accountKey: number, deviceId: DeviceId): Promise<DeviceId | null> {
  const query = db
    .selectFrom('devices')
    .select('device_id')
    .where('device_id', '=', deviceId)
    .where('account_key', '=', accountKey)
    .where('revoked_at', 'is', null)
  return (await sql.read(statement(query))).length > 0 ? deviceId : null
}

/** Signed-in devices, oldest first. */
export async function listDevices({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>, accountId: AccountId): Promise<readonly Device[]> {
  const query = db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.account_key', 'devices.account_key')
    .select(['devices.device_id', 'devices.name', 'devices.created_at'])
    .where('accounts.account_id', '=', accountId)
    .where('devices.revoked_at', 'is', null)
    .orderBy('devices.created_at')
    .orderBy('devices.device_id')
  const rows = await sql.read<DeviceRow>(statement(query))
  return rows.map((row) => ({ deviceId: row.device_id, name: row.name, createdAt: row.created_at }))
}

/** The steps that revoke a device. They fail as 'absent' when it is not one of the account's signed-in devices. */
export function revokeSteps({ db, clock }: AccountsParts, accountId: AccountId, deviceId: DeviceId): readonly Step[] {
  const revoke = db
    .updateTable('devices')
    .set({ revoked_at: clock.now() })
    .where('device_id', '=', deviceId)
    .where('revoked_at', 'is', null)
    .where('account_key', '=', (row) => row.selectFrom('accounts').select('account_key').where('account_id', '=', accountId))
  return [step(revoke, 1, 'absent'), ...writeItem(db, only(accountId), { kind: 'device', key: deviceId, value: null })]
}

/** Revokes a device: requests with its token are refused from now on, and its connections are closed. */
export async function revokeDevice(parts: AccountsParts, accountId: AccountId, deviceId: DeviceId): Promise<Answer<Done>> {
  // An id that is nobody's counts for nothing in the journal [B51].
  const there = parts.db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.account_key', 'devices.account_key')
    .select('device_id')
    .where('device_id', '=', deviceId)
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
  if ((await parts.sql.read(statement(there))).length === 0) return refuse('not-found')
  const told = parts.journal.own({ kind: 'device-revoked', actor: accountId, account: accountId, details: { device: deviceId } })
  const result = await parts.sql.atomic([...revokeSteps(parts, accountId, deviceId), ...told])
  if (!result.ok) return refuse('not-found')
  parts.revoked([deviceId])
  parts.rose([accountId])
  return answer({})
}

/** Enforces the most devices of an account after a new one signed in: the oldest are revoked, never the new one. */
export async function endSurplusDevices(parts: AccountsParts, accountId: AccountId, newcomer: DeviceId): Promise<void> {
  const others = (await listDevices(parts, accountId)).filter((device) => device.deviceId !== newcomer)
  const surplus = others.slice(0, Math.max(0, others.length + 1 - LIMITS.devicesPerAccountMax))
  for (const device of surplus) await revokeDevice(parts, accountId, device.deviceId)
}

/** Whether the device was revoked, for as long as that is known [B73]. */
export async function wasRevoked({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>, deviceId: DeviceId): Promise<boolean> {
  const query = db.selectFrom('devices').select('device_id').where('device_id', '=', deviceId).where('revoked_at', 'is not', null)
  return (await sql.read(statement(query))).length > 0
}

/** Devices revoked so recently that one of their tokens could still be valid, or within another time. */
export async function revokedDevices(
  { sql, db, clock }: Pick<AccountsParts, 'sql' | 'db' | 'clock'>,
  withinMs: number = TOKEN_GONE_MS,
): Promise<readonly DeviceId[]> {
  const query = db
    .selectFrom('devices')
    .select('device_id')
    .where('revoked_at', '>', clock.now() - withinMs)
  const rows = await sql.read<{ device_id: DeviceId }>(statement(query))
  return rows.map((row) => row.device_id)
}

export const REVOKED_BOUNDS = {
  /** How long a revoked device is known as revoked: two years. Its tokens end long before. */
  keptMs: 730 * 86_400_000,
  /** Most revoked devices of one account that are known. The oldest are forgotten first. */
  perAccountMax: 1_000,
  /** Time between two looks for them, and the most rows deleted in one. */
  everyMs: 3_600_000,
  batch: 1_000,
} as const

/**
 * Deletes what is known of devices revoked long ago, and of the oldest of an account with very many [B73]. Nobody can do more by it: a device without
 * a row is not signed in.
 */
export async function forgetRevoked({ sql, db, knownNow }: Pick<AccountsParts, 'sql' | 'db' | 'knownNow'>): Promise<void> {
  const { keptMs, perAccountMax, batch } = REVOKED_BOUNDS
  const old = db
    .selectFrom('devices')
    .select('device_id')
    .where('revoked_at', '<', knownNow() - keptMs)
    .limit(batch)
  const many = db
    .selectFrom('devices')
    .select('account_key')
    .where('revoked_at', 'is not', null)
    .groupBy('account_key')
    .having(raw<boolean>`count(*) > ${perAccountMax}`)
    .limit(batch)
  await sql.atomic([step(db.deleteFrom('devices').where('device_id', 'in', old))])
  for (const { account_key: key } of await sql.read<{ account_key: number }>(statement(many))) {
    const newest = db.selectFrom('devices').select('revoked_at').where('account_key', '=', key).where('revoked_at', 'is not', null)
    const last = newest.orderBy('revoked_at', 'desc').offset(perAccountMax).limit(1).$asScalar()
    const surplus = db.selectFrom('devices').select('device_id').where('account_key', '=', key).where('revoked_at', '<=', last).limit(batch)
    await sql.atomic([step(db.deleteFrom('devices').where('device_id', 'in', surplus))])
  }
}
