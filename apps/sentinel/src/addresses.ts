import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/** The address a request came from, X-Forwarded-For believed only as far as the proxies of the settings reach. */
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
