import { createHmac } from 'node:crypto'

export interface Forged {
  readonly accountId: string
  readonly deviceId: string
  readonly key: Uint8Array
  /** Seconds from now. */
  readonly expiresInS: number
  readonly alg?: 'HS256' | 'none' | 'HS512'
  readonly issuer?: string
}

/** A device token made by hand, without any code of the server (RFC 7519). */
export function forgeToken({ accountId, deviceId, key, expiresInS, alg = 'HS256', issuer = 'bongsu' }: Forged): string {
  const nowS = Math.floor(Date.now() / 1_000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg })}.${part({ iss: issuer, sub: accountId, device: deviceId, iat: Math.min(nowS, nowS + expiresInS - 1), exp: nowS + expiresInS })}`
  if (alg === 'none') return `${signed}.`
  return `${signed}.${createHmac(alg === 'HS256' ? 'sha256' : 'sha512', key)
    .update(signed)
    .digest('base64url')}`
}
