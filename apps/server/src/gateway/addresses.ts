import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import proxyAddr from 'proxy-addr'

/**
 * The address a request came from. X-Forwarded-For is trusted only through the proxies named in the settings. From anyone else it is only a claim,
 * and the socket's own address counts.
 */
export function createAddressOf(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = proxyAddr.compile([...trustedProxies])
  return (request) => {
    try {
      return proxyAddr(request, trust)
    } catch {
      // A header that is not a list of addresses says nothing.
      return request.socket.remoteAddress ?? 'unknown'
    }
  }
}

/** Whether an address is one of the trusted proxies: its sockets carry the requests of many visitors. */
export function createIsProxy(trustedProxies: readonly string[]): (address: string) => boolean {
  const trust = proxyAddr.compile([...trustedProxies])
  return (address) => trust(address, 0)
}

/** A request with two Host headers is about two places, and each program on its way may choose another one. */
export function hasTwoHosts({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length > 1
}

/**
 * The unit that counts as one visitor. With IPv6 every household has 2^64 addresses (RFC 6177), so a single one says nothing: the first 64 bits
 * count.
 */
export function visitorOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [left = '', right] = address.split('%')[0]?.split('::') ?? []
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
