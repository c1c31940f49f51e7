import ipaddr from 'ipaddr.js'
import type { Clock } from '../clock.ts'

/** Most visitors remembered. The oldest is forgotten first. */
export const visitorsMax = 20_000

export interface VisitorLimit {
  /** Counts one try. @returns 0 within the limit, else the ms to wait. A try over the limit is not counted. */
  spend(visitor: string): number
  /** Takes back one counted try. */
  giveBack(visitor: string): void
  clear(visitor: string): void
}

/** A number of tries in each window, which starts with the first try. Uses a clock that is never set back. */
export function createVisitorLimit(most: number, windowMs: number, clock: Pick<Clock, 'monotonic'>): VisitorLimit {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()
  return {
    spend(visitor) {
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
    giveBack(visitor) {
      const window = windows.get(visitor)
      if (window !== undefined && window.count > 0) window.count--
    },
    clear: (visitor) => void windows.delete(visitor),
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
