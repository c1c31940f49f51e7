import { createHmac, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DeviceId } from '@bongsu/protocol'

export interface Forged {
  readonly accountId: string
  readonly deviceId: string
  readonly key: Uint8Array
  /** Seconds from now. */
  readonly expiresInS: number
  readonly alg?: 'HS256' | 'none' | 'HS512'
  /** Says how it is signed, and is not. */
  readonly unsigned?: boolean
  readonly issuer?: string
}

/** A device token made by hand, without any code of the server (RFC 7519). */
export function forgeToken({ accountId, deviceId, key, expiresInS, alg = 'HS256', unsigned = alg === 'none', issuer = 'bongsu' }: Forged): string {
  const nowS = Math.floor(Date.now() / 1_000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg })}.${part({ iss: issuer, sub: accountId, device: deviceId, iat: Math.min(nowS, nowS + expiresInS - 1), exp: nowS + expiresInS })}`
  if (unsigned) return `${signed}.`
  return `${signed}.${createHmac(alg === 'HS256' ? 'sha256' : 'sha512', key)
    .update(signed)
    .digest('base64url')}`
}

/** Signs devices in behind the server's back, which takes no token of a device it does not know: signing in costs a tenth of a second each. */
export function insertDevices(directory: string, accountId: string, count: number): readonly DeviceId[] {
  const deviceIds = Array.from({ length: count }, () => randomUUID() as DeviceId)
  const db = new DatabaseSync(join(directory, 'bongsu.db'), { timeout: 5_000 })
  try {
    const insert = db.prepare(`INSERT INTO devices (device_id, account_key, name, created_at, last_seen_at)
                               SELECT ?, account_key, '시험', 0, 0 FROM accounts WHERE account_id = ?`)
    db.exec('BEGIN IMMEDIATE')
    for (const deviceId of deviceIds) insert.run(deviceId, accountId)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
  return deviceIds
}
