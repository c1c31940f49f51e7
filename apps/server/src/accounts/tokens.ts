import type { AccountId, DeviceId } from '@bongsu/protocol'
import { SignJWT, jwtVerify } from 'jose'

export interface Claims {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  /** Epoch ms. */
  readonly issuedAt: number
}

/** A device's token: signed, so that every server process can check it alone, with sign-in down [O6]. */
export interface Tokens {
  issue(accountId: AccountId, deviceId: DeviceId, now: number): Promise<string>
  /** Null when it is forged, malformed, of another server or expired. Says nothing about revocation. */
  verify(token: string): Promise<Claims | null>
}

/** A token that was not renewed for this long ends. It is renewed on connecting, so only a device that stayed away so long signs in again. */
export const TOKEN_VALID_MS = 180 * 86_400_000
/** How far the clocks of two servers may be apart, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 300
/** After this long no token that was issued before is taken any more. */
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

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          currentDate: new Date(clock.now()),
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        })
        const { sub, device, iat } = payload
        if (typeof sub !== 'string' || typeof device !== 'string' || iat === undefined || !UUID.test(sub) || !UUID.test(device)) return null
        return { accountId: sub as AccountId, deviceId: device as DeviceId, issuedAt: iat * 1_000 }
      } catch {
        // jose throws for every kind of bad token; to the caller they are all the same.
        return null
      }
    },
  }
}
