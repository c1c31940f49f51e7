import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'

const keyBytes = 32
const macBytes = 24

/**
 * Links and secrets are computed from one key in a file of its own, and are stored nowhere: whoever gets a copy of the database can neither confirm
 * nor end anybody's subscription, nor sign as we do. Losing the key ends all links that were ever sent.
 */
export interface SubscriberKeys {
  /** For the link that confirms; good until `expiresAt`, to the second. */
  confirmToken(id: number, expiresAt: number): string
  /** @returns whom it confirms; null when it is forged or has expired. */
  readConfirmToken(token: string, now: number): number | null
  /** For the link that unsubscribes; good as long as the subscription. */
  leaveToken(id: number): string
  readLeaveToken(token: string): number | null
  /** What a webhook's receiver checks our signature with. */
  webhookSecret(id: number): string
  /** Names a mail for ever, without telling to whom it went. */
  mailName(...parts: readonly (string | number)[]): string
}

/** The key in this file, made when missing. @throws when the file cannot be read or written, or holds something else. */
export function openSubscriberKeys(file: string): SubscriberKeys {
  return subscriberKeys(readKey(file) ?? makeKey(file))
}

function readKey(file: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
    if (key.length !== keyBytes) throw new Error(`${file} does not hold a key of ${keyBytes} bytes. Put yours back, or delete it to have a new one.`)
    return key
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function makeKey(file: string): Buffer {
  const key = randomBytes(keyBytes)
  try {
    // 'wx': two processes that make it at the same time must not each have their own.
    writeFileSync(file, `${key.toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true })
    chmodSync(file, 0o600)
    return key
  } catch (error) {
    const other = error instanceof Error && 'code' in error && error.code === 'EEXIST' ? readKey(file) : null
    if (other === null) throw error
    return other
  }
}

export function subscriberKeys(key: Uint8Array): SubscriberKeys {
  const mac = (...parts: readonly (string | number)[]): string =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest().subarray(0, macBytes).toString('base64url')
  return {
    confirmToken(id, expiresAt) {
      const seconds = Math.floor(expiresAt / 1_000)
      return `${id}.${seconds}.${mac('confirm', id, seconds)}`
    },
    readConfirmToken(token, now) {
      const [, id = '', seconds = '', told = ''] = /^([1-9]\d{0,14})\.(\d{1,12})\.([\w-]{32})$/.exec(token) ?? []
      if (!same(told, mac('confirm', Number(id), Number(seconds))) || now >= (Number(seconds) + 1) * 1_000) return null
      return Number(id)
    },
    leaveToken: (id) => `${id}.${mac('leave', id)}`,
    readLeaveToken(token) {
      const [, id = '', told = ''] = /^([1-9]\d{0,14})\.([\w-]{32})$/.exec(token) ?? []
      return same(told, mac('leave', Number(id))) ? Number(id) : null
    },
    webhookSecret: (id) => `whsec_${mac('webhook', id)}`,
    mailName: (...parts) => mac('mail', ...parts),
  }
}

/** Takes as long for a near miss as for a far one. */
function same(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
