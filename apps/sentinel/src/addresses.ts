import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

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
