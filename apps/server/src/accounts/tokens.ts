import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccountId, DeviceId } from '@bongsu/protocol'
import { SignJWT } from 'jose'

export interface Claims {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  /** Epoch ms. */
  readonly issuedAt: number
}

/** Device tokens. They are signed, so that every server process can check them alone, even with sign-in down [O6]. */
export interface Tokens {
  issue(accountId: AccountId, deviceId: DeviceId, now: number): Promise<string>
  /** Null when the token is forged, malformed, expired or from another server. Says nothing about revocation. */
  verify(token: string): Promise<Claims | null>
  /** The claims of a token that was issued here and whose time is over; null for any other. */
  expired(token: string): Claims | null
}

/**
 * A token expires when it was not renewed for this long. It is renewed on connecting, so only a device that stayed away this long must sign in again.
 */
export const TOKEN_VALID_MS = 180 * 86_400_000
/** Tolerated difference between the clocks of two servers, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 300
/** After this long, no token issued before is accepted. */
export const TOKEN_GONE_MS = TOKEN_VALID_MS + (CLOCK_TOLERANCE_SECONDS + 1) * 1_000

const ISSUER = 'bongsu'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @param key 32 random bytes, kept with the data. */
export function createTokens(key: Uint8Array, clock: { now(): number }): Tokens {
  return {
    issue: (accountId, deviceId, now) =>
      new SignJWT({ device: deviceId })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(accountId)
        .setIssuedAt(Math.floor(now / 1_000))
        .setExpirationTime(Math.floor((now + TOKEN_VALID_MS) / 1_000))
        .sign(key),

    verify: async (token) => read(token, (seconds) => seconds > clock.now() / 1_000 - CLOCK_TOLERANCE_SECONDS),
    expired: (token) => read(token, (seconds) => seconds <= clock.now() / 1_000 - CLOCK_TOLERANCE_SECONDS),
  }

  /** @param ends what must be true of the end of its time, in seconds. */
  function read(token: string, ends: (seconds: number) => boolean): Claims | null {
    const payload = payloadOf(token, key)
    if (payload === null) return null
    const { iss, sub, device, iat, exp } = payload
    if (iss !== ISSUER || typeof iat !== 'number' || typeof exp !== 'number' || !ends(exp)) return null
    if (typeof sub !== 'string' || typeof device !== 'string' || !UUID.test(sub) || !UUID.test(device)) return null
    return { accountId: sub as AccountId, deviceId: device as DeviceId, issuedAt: iat * 1_000 }
  }
}

/** The only valid header. It is compared and not interpreted, so that no token can choose how it is checked. */
const HEADER = Buffer.from('{"alg":"HS256"}').toString('base64url')

/**
 * The payload of a token signed by this key (RFC 7515, HS256). Uses Node's synchronous HMAC: in a storm every device brings a token, and the
 * library's asynchronous check took 60-80 µs of the event loop where this takes 10.
 */
function payloadOf(token: string, key: Uint8Array): Readonly<Record<string, unknown>> | null {
  const [header, payload, signature, more] = token.split('.', 4)
  if (header !== HEADER || payload === undefined || signature === undefined || more !== undefined) return null
  const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest()
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  // Signed by this key, so made by `issue`.
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>
}
