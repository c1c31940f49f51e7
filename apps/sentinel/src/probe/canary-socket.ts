import type { OpenSocket } from '@bongsu/client'
import { SUBPROTOCOL } from '@bongsu/protocol'

/** The options that Node's WebSocket accepts and browsers do not. */
type OpenNode = new (url: string, init: { readonly protocols: string; readonly headers: Readonly<Record<string, string>> }) => WebSocket

/** Like the client's own socket, but with a user agent, so that the operator's logs tell canaries from people. */
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
    // A close event follows every error and says as much.
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
