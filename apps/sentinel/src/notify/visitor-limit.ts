import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'
import type { Clock } from '../clock.ts'

/** Most visitors remembered. The oldest is forgotten first. */
export const visitorsMax = 20_000

/** A number of tries in each window, which starts with the first try. Uses a clock that is never set back. */
export function createVisitorLimit(most: number, windowMs: number, clock: Pick<Clock, 'monotonic'>) {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()
  return {
    /** Counts one try. @returns 0 within the limit, else the ms to wait. A try over the limit is not counted. */
    spend(visitor: string): number {
      const now = clock.monotonic()
      const known = windows.get(visitor)
      const window = known !== undefined && known.endsAt > now ? known : { endsAt: now + windowMs, count: 0 }
      if (window.count >= most) return Math.ceil(window.endsAt - now)
      window.count++
      windows.delete(visitor)
      windows.set(visitor, window)
      const [oldest] = windows.keys()
      if (windows.size > visitorsMax && oldest !== undefined) windows.delete(oldest)
      return 0
    },
    giveBack(visitor: string): void {
      const window = windows.get(visitor)
      if (window !== undefined && window.count > 0) window.count--
    },
  }
}

/** The unit that counts as one visitor. With IPv6 every household has 2^64 addresses (RFC 6177), so the first 64 bits count. */
export function visitorOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString()
}

/** The address a request came from. X-Forwarded-For is trusted only through the proxies named in the settings. */
export function createAddressOf(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = proxyAddr.compile([...trustedProxies])
  return (request) => {
    try {
      return proxyAddr(request, trust)
    } catch {
      return request.socket.remoteAddress ?? 'unknown'
    }
  }
}
