import type { DeviceId } from '@bongsu/protocol'
import { statement } from './builder.ts'
import type { AccountsParts, Caller } from './parts.ts'

/** Answers that are remembered; beyond it, the oldest is asked for again. */
export const KNOWN_DEVICES_MAX = 50_000

/**
 * Tells whether a device is signed in to an account here. A good token is not enough: after a restore there are tokens of devices that were revoked
 * or came after the backup, and nobody could revoke what is in no list [W4].
 *
 * Both answers hold for the life of the process, so each costs one read: a token goes out only after its device is durable, and whoever is revoked
 * is asked about elsewhere, at once.
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
