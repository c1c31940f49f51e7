import type { DeviceId } from '@bongsu/protocol'
import { statement } from './builder.ts'
import type { AccountsParts, Caller } from './parts.ts'

/** Most remembered answers. Beyond it the oldest is forgotten and read again. */
export const KNOWN_DEVICES_MAX = 50_000

/**
 * Tells whether a device is signed in to an account on this server. A valid token is not enough: after a restore there are tokens of devices that
 * were revoked, or signed in, after the backup, and nobody could revoke a device that is in no list [W4].
 *
 * Both answers stay true for the life of the process, so each costs one read: a token is sent only after its device is durable, and revocation is
 * checked elsewhere.
 */
export function createKnownDevices(parts: Pick<AccountsParts, 'sql' | 'db'>, max = KNOWN_DEVICES_MAX): (caller: Caller) => Promise<boolean> {
  const answers = new Map<DeviceId, string | null>()
  return async ({ accountId, deviceId }) => {
    const known = answers.get(deviceId)
    if (known !== undefined) return known === accountId
    const query = parts.db
      .selectFrom('devices')
      .innerJoin('accounts', 'accounts.account_key', 'devices.account_key')
      .select('accounts.account_id')
      .where('devices.device_id', '=', deviceId)
      .where('devices.revoked_at', 'is', null)
    const [row] = await parts.sql.read<{ account_id: string }>(statement(query))
    const owner = row?.account_id ?? null
    if (answers.size >= max) for (const oldest of answers.keys().take(1)) answers.delete(oldest)
    answers.set(deviceId, owner)
    return owner === accountId
  }
}
