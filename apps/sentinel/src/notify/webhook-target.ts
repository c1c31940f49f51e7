import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

export const TARGET_BOUNDS = { urlCharsMax: 2_048 } as const

export type TargetFault = 'not-an-address' | 'too-long' | 'not-https' | 'holds-a-password' | 'private'

/** @returns the address as it will be called, or what is wrong with it. Names are looked at again when they are resolved, at each call. */
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

/** Tells of a literal address whether it may be called; a name is only known when it is resolved. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? /(?:^|\.)localhost\.?$/i.test(host) : !isPublicAddress(host)
}

/** Only these are handed out to the world (RFC 4291, IANA's registry of IPv6 unicast). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** A cloud's own service behind an address that looks public. */
const INNER_SERVICES = new Set(['168.63.129.16'])

/**
 * Whether an address is one of the open internet: not of this machine, of this network, of a cloud's metadata service, nor one that only wraps such
 * an address (IPv4 in IPv6 in its five forms).
 */
export function isPublicAddress(address: string): boolean {
  // A zone, as in fe80::1%eth0, makes it local whatever the rest says.
  if (isIP(address) === 0 || address.includes('%')) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv6 ? parsed.match(GLOBAL_IPV6) : !INNER_SERVICES.has(parsed.toString())
}

/** A name leads, or leads also, to where no webhook may go. */
export class PrivateTarget extends Error {
  override readonly name = 'PrivateTarget'
}

export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void

const resolveBySystem: Resolve = (hostname, done) => systemLookup(hostname, { all: true }, (error, addresses) => done(error, addresses ?? []))

/**
 * Resolves names for the connection itself, and hands on only what it has looked at: a name that answers otherwise the next time (DNS rebinding)
 * is of no use. One private address among public ones condemns the name.
 */
export function guardedLookup(allowPrivate: boolean, resolve: Resolve = resolveBySystem): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, (error, found) => {
      const addresses = found.filter(({ family }) => options.family === undefined || options.family === 0 || options.family === family)
      const [first] = addresses
      if (error !== null) return done(error, [])
      if (first === undefined) return done(new Error(`${hostname} has no address.`), [])
      if (!allowPrivate && !found.every(({ address }) => isPublicAddress(address)))
        return done(new PrivateTarget(`${hostname} leads to a private address.`), [])
      if (options.all === true) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }
}
