import { LIMITS, type AccountId, type Device, type DeviceId } from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import type { Step } from './sql-database.ts'
import { TOKEN_VALID_MS } from './tokens.ts'

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

/** Devices signed in, the longest known first. */
export async function listDevices({ sql, db }: AccountsParts, accountId: AccountId): Promise<readonly Device[]> {
  const query = db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.account_key', 'devices.account_key')
    .select(['devices.device_id', 'devices.name', 'devices.created_at'])
    .where('accounts.account_id', '=', accountId)
    .where('devices.revoked_at', 'is', null)
    .orderBy('devices.created_at')
  const rows = await sql.read<DeviceRow>(statement(query))
  return rows.map((row) => ({ deviceId: row.device_id, name: row.name, createdAt: row.created_at }))
}

/** Ends a device: no request of its token is answered from now on, and its connections are closed. */
export async function revokeDevice(parts: AccountsParts, accountId: AccountId, deviceId: DeviceId): Promise<Answer<Record<never, never>>> {
  const { sql, db, clock } = parts
  const revoke = db
    .updateTable('devices')
    .set({ revoked_at: clock.now() })
    .where('device_id', '=', deviceId)
    .where('revoked_at', 'is', null)
    .where('account_key', '=', (row) => row.selectFrom('accounts').select('account_key').where('account_id', '=', accountId))
  const result = await sql.atomic([step(revoke, 1, 'absent'), ...writeItem(db, only(accountId), { kind: 'device', key: deviceId, value: null })])
  if (!result.ok) return refuse('not-found')
  parts.revoked([deviceId])
  parts.rose([accountId])
  return answer({})
}

/** Makes room for one more device: those signed in longest ago go. */
export async function makeRoomForDevice(parts: AccountsParts, accountId: AccountId): Promise<void> {
  const devices = await listDevices(parts, accountId)
  const surplus = devices.slice(0, Math.max(0, devices.length - LIMITS.devicesPerAccountMax + 1))
  for (const device of surplus) await revokeDevice(parts, accountId, device.deviceId)
}

/** Devices revoked so lately that a token of theirs could still be within its time. */
export async function revokedDevices({ sql, db, clock }: Pick<AccountsParts, 'sql' | 'db' | 'clock'>): Promise<readonly DeviceId[]> {
  const query = db.selectFrom('devices').select('device_id').where('revoked_at', '>', clock.now() - TOKEN_VALID_MS)
  const rows = await sql.read<{ device_id: DeviceId }>(statement(query))
  return rows.map((row) => row.device_id)
}
