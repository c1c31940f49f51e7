import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { NotifyStore } from './open-store.ts'
import type { SubscriberKeys } from './subscriber-keys.ts'
import type { Webhook } from './webhook-store.ts'

export const TARGET_BOUNDS = { urlCharsMax: 2_048 } as const

export type TargetFault = 'not-an-address' | 'too-long' | 'not-https' | 'holds-a-password' | 'private'

/** @returns the address to call, or what is wrong with it. Host names are checked again when they are resolved, at each call. */
export function readWebhookUrl(typed: string, allowPrivate: boolean): { readonly url: string } | { readonly fault: TargetFault } {
  const text = typed.trim()
  if (text.length > TARGET_BOUNDS.urlCharsMax) return { fault: 'too-long' }
  if (!URL.canParse(text)) return { fault: 'not-an-address' }
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return { fault: 'not-https' }
  if (url.username !== '' || url.password !== '') return { fault: 'holds-a-password' }
  url.hash = ''
  if (url.href.length > TARGET_BOUNDS.urlCharsMax) return { fault: 'too-long' }
  return !allowPrivate && isPrivateHost(url.hostname) ? { fault: 'private' } : { url: url.href }
}

/** Whether a literal address is private. A host name is checked only when it is resolved. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? /(?:^|\.)localhost\.?$/i.test(host) : !isPublicAddress(host)
}

/** The only range of globally assigned addresses (RFC 4291, IANA's registry of IPv6 unicast). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** Internal services of a cloud at addresses that look public. */
const INNER_SERVICES = new Set(['168.63.129.16'])

/**
 * Whether an address is on the public internet: not this machine, a local network, a cloud's metadata service, or an IPv6 address that wraps such an
 * IPv4 address (in any of five forms).
 */
export function isPublicAddress(address: string): boolean {
  // A zone, as in fe80::1%eth0, makes an address local.
  if (isIP(address) === 0 || address.includes('%')) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv6 ? parsed.match(GLOBAL_IPV6) : !INNER_SERVICES.has(parsed.toString())
}

/** A host name leads, possibly among other addresses, to a forbidden address. */
export class PrivateTarget extends Error {
  override readonly name = 'PrivateTarget'
}

export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void

const resolveBySystem: Resolve = (hostname, done) => systemLookup(hostname, { all: true }, (error, addresses) => done(error, addresses ?? []))

/**
 * Resolves names for the connection itself, and returns only checked addresses: a different answer next time (DNS rebinding) does not help an
 * attacker. One private address among public ones makes the name forbidden.
 */
export function guardedLookup(allowPrivate: boolean, resolve: Resolve = resolveBySystem): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, (error, found) => {
      const addresses = found.filter(({ family }) => options.family === undefined || options.family === 0 || options.family === family)
      const [first] = addresses
      if (error !== null) return done(error, [])
      if (first === undefined) return done(new Error(`${hostname} has no address.`), [])
      if (!allowPrivate && !found.every(({ address }) => isPublicAddress(address)))
        return done(new PrivateTarget(`${hostname} resolves to a private address.`), [])
      if (options.all === true) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }
}

export interface WebhookAdminParts {
  readonly store: Pick<NotifyStore, 'webhooks'>
  readonly keys: SubscriberKeys
  readonly allowPrivate: boolean
}

export type Added = { readonly webhook: Webhook; readonly secret: string } | { readonly fault: TargetFault | 'no-room' | 'known' }

/**
 * Only the operator adds webhooks: if strangers could name addresses for us to call, they could misuse us. The secret is shown here once and stored
 * nowhere.
 */
export function addWebhook({ store, keys, allowPrivate }: WebhookAdminParts, typed: string, by: string, now: number): Added {
  const read = readWebhookUrl(typed, allowPrivate)
  if ('fault' in read) return read
  const webhook = store.webhooks.add(read.url, by, now)
  if (webhook !== null) return { webhook, secret: keys.webhookSecret(webhook.id) }
  return { fault: store.webhooks.list().some(({ url }) => url === read.url) ? 'known' : 'no-room' }
}
