import type { OpenSocket } from '@bongsu/client'
import { SUBPROTOCOL } from '@bongsu/protocol'

/** What Node's WebSocket takes besides what browsers let a page say. */
type OpenNode = new (url: string, init: { readonly protocols: string; readonly headers: Readonly<Record<string, string>> }) => WebSocket

/** As the client's own, but coming as a named program, so that the operator's logs tell the canaries from people. */
export function createCanarySocket(url: string, userAgent: string): OpenSocket {
  const Open = WebSocket as unknown as OpenNode
  return (events) => {
    const socket = new Open(url, { protocols: SUBPROTOCOL, headers: { 'user-agent': userAgent } })
    let ended = false
    socket.addEventListener('open', () => {
      if (!ended) events.opened()
    })
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (!ended) events.message(typeof event.data === 'string' ? event.data : '')
    })
    socket.addEventListener('close', (event) => {
      if (ended) return
      ended = true
      events.closed(event.code)
    })
    // After an error comes close, which tells as much.
    socket.addEventListener('error', () => undefined)
    return {
      send(text) {
        if (socket.readyState === WebSocket.OPEN) socket.send(text)
      },
      close(code) {
        ended = true
        socket.close(code)
      },
    }
  }
}
