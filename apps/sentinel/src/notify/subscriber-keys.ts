import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'

const keyBytes = 32
const macBytes = 24

export type SubscriberKeys = ReturnType<typeof subscriberKeys>

/** Opens the key file, and creates it when missing. @throws when the file cannot be read or written, or holds something else. */
export function openSubscriberKeys(file: string): SubscriberKeys {
  return subscriberKeys(readKey(file) ?? makeKey(file))
}

function readKey(file: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
    if (key.length !== keyBytes) throw new Error(`${file} does not hold a key of ${keyBytes} bytes. Restore the file, or delete it to get a new key.`)
    return key
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function makeKey(file: string): Buffer {
  const key = randomBytes(keyBytes)
  try {
    // 'wx': two processes that create the file at the same time must end up with one key.
    writeFileSync(file, `${key.toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true })
    chmodSync(file, 0o600)
    return key
  } catch (error) {
    const other = error instanceof Error && 'code' in error && error.code === 'EEXIST' ? readKey(file) : null
    if (other === null) throw error
    return other
  }
}

/**
 * Links and secrets are derived from one key in a file of its own and stored nowhere. A copy of the database is therefore useless for confirming or
 * ending subscriptions, and for signing. Losing the key invalidates all links sent so far.
 */
export function subscriberKeys(key: Uint8Array) {
  const mac = (...parts: readonly (string | number)[]): string =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest().subarray(0, macBytes).toString('base64url')
  return {
    /** Token of a confirmation link, valid until `expiresAt`, to the second. */
    confirmToken(id: number, expiresAt: number): string {
      const seconds = Math.floor(expiresAt / 1_000)
      return `${id}.${seconds}.${mac('confirm', id, seconds)}`
    },
    /** @returns the subscriber; null when the token is forged or expired. */
    readConfirmToken(token: string, now: number): number | null {
      const [, id = '', seconds = '', told = ''] = /^([1-9]\d{0,14})\.(\d{1,12})\.([\w-]{32})$/.exec(token) ?? []
      if (!same(told, mac('confirm', Number(id), Number(seconds))) || now >= (Number(seconds) + 1) * 1_000) return null
      return Number(id)
    },
    /** Token of an unsubscribe link, valid as long as the subscription. */
    leaveToken: (id: number): string => `${id}.${mac('leave', id)}`,
    readLeaveToken(token: string): number | null {
      const [, id = '', told = ''] = /^([1-9]\d{0,14})\.([\w-]{32})$/.exec(token) ?? []
      return same(told, mac('leave', Number(id))) ? Number(id) : null
    },
    /** Secret with which the receiver of a webhook verifies the signature. */
    webhookSecret: (id: number): string => `whsec_${Buffer.from(mac('webhook', id), 'base64url').toString('base64')}`,
    /** A permanent name of a mail that does not reveal its recipient. */
    mailName: (...parts: readonly (string | number)[]): string => mac('mail', ...parts),
  }
}

/** Compares in constant time. */
function same(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
