import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/**
 * The address a request came from. X-Forwarded-For is believed only as far as the proxies named in the settings reach; from anyone else it
 * is a claim, and the socket's own address counts.
 */
export function createAddressOf(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = proxyAddr.compile([...trustedProxies])
  return (request) => {
    try {
      return proxyAddr(request, trust)
    } catch {
      // A header that is no list of addresses says nothing.
      return request.socket.remoteAddress ?? 'unknown'
    }
  }
}
