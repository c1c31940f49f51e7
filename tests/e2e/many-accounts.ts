import { randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApi, type Api } from '@bongsu/client'
import type { AccountId, DeviceId } from '@bongsu/protocol'
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { forgeToken } from './tokens.ts'

/** An account with a token for one device. It has no password anybody knows: hashing thousands would take minutes. */
export interface BareAccount {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly token: string
  api(url: string): Api
}

/** Puts accounts into a data directory that no server has opened yet. */
export async function insertAccounts(directory: string, count: number): Promise<readonly BareAccount[]> {
  const key = randomBytes(32)
  const store = await openSqliteStore({ directory })
  try {
    writeFileSync(join(directory, 'token.key'), key.toString('base64url'), { mode: 0o600 })
    const accounts = Array.from({ length: count }, (): BareAccount => {
      const [accountId, deviceId] = [randomUUID() as AccountId, randomUUID() as DeviceId]
      const token = forgeToken({ accountId, deviceId, key, expiresInS: 3_600 })
      return { accountId, deviceId, token, api: (url) => createApi({ baseUrl: url, token: () => token }) }
    })
    const sql = `INSERT INTO accounts (account_id, handle, display_name, password_hash, role, created_at, password_changed_at)
                 VALUES (?, ?, ?, '-', 'member', 0, 0)`
    const signIn = `INSERT INTO devices (device_id, account_key, name, created_at, last_seen_at)
                    SELECT ?, account_key, '시험', 0, 0 FROM accounts WHERE account_id = ?`
    const result = await store.sql.atomic(
      accounts.flatMap(({ accountId, deviceId }, index) => [
        { sql, parameters: [accountId, `villager${index}`, `주민 ${index}`], rows: 1 },
        { sql: signIn, parameters: [deviceId, accountId], rows: 1 },
      ]),
    )
    if (!result.ok) throw new Error(`the accounts were not inserted: ${result.failed}`)
    return accounts
  } finally {
    await store.close()
  }
}
