import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'
import proxyAddr from 'proxy-addr'

/**
 * The address a request came from. X-Forwarded-For is trusted only through the proxies named in the settings. From anyone else it is only a claim,
 * and the socket's own address counts.
 */
export function createAddressOf(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = proxyAddr.compile([...trustedProxies])
  return (request) => {
    const own = request.socket.remoteAddress ?? 'unknown'
    try {
      const said = proxyAddr(request, trust)
      // Some proxies add the port. What is no address says nothing: it must not be a new visitor each time.
      const bare = /^\[(.+)\]:\d+$/.exec(said)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(said)?.[1] ?? said
      return isIP(bare) === 0 ? own : bare
    } catch {
      return own
    }
  }
}

/** Whether an address is one of the trusted proxies: its sockets carry the requests of many visitors. */
export function createIsProxy(trustedProxies: readonly string[]): (address: string) => boolean {
  const trust = proxyAddr.compile([...trustedProxies])
  return (address) => trust(address, 0)
}

/**
 * Tells once that a proxy forwards visitors whose addresses are not believed: they all count as one, and the failures of one hold for all [B26].
 * @returns called for each request.
 */
export function createProxyWatch(trustedProxies: readonly string[], told: (address: string) => void): (request: IncomingMessage) => void {
  const isProxy = createIsProxy([...trustedProxies])
  const isNear = proxyAddr.compile(['loopback', 'linklocal', 'uniquelocal'])
  let isTold = false
  return ({ headers, socket }) => {
    const { remoteAddress } = socket
    if (isTold || headers['x-forwarded-for'] === undefined || remoteAddress === undefined || isProxy(remoteAddress)) return
    // From elsewhere the header is anybody's claim.
    if (!isNear(remoteAddress, 0)) return
    isTold = true
    told(remoteAddress)
  }
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
