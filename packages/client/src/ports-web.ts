import { SUBPROTOCOL } from '@bongsu/protocol'
import { v4, v7 } from 'uuid'
import type { Clock, OpenSocket, Random } from './ports.ts'

/** Opens the platform's own WebSocket: browsers, and Node from version 22 on. @param url of the server's socket, wss:// or ws://. */
export function createOpenSocket(url: string): OpenSocket {
  return (events) => {
    const socket = new WebSocket(url, SUBPROTOCOL)
    let ended = false
    const end = (code: number): void => {
      if (ended) return
      ended = true
      events.closed(code)
    }
    socket.addEventListener('open', () => {
      if (!ended) events.opened()
    })
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      // A binary frame is not part of this protocol. As an empty text it is refused as malformed.
      if (!ended) events.message(typeof event.data === 'string' ? event.data : '')
    })
    socket.addEventListener('close', (event) => end(event.code))
    // A close event follows every error and says as much.
    socket.addEventListener('error', () => undefined)
    return {
      send(text) {
        if (socket.readyState === WebSocket.OPEN) socket.send(text)
      },
      close(code) {
        // Later frames are ignored, and closing a dead connection can take long.
        ended = true
        socket.close(code)
      },
    }
  }
}

/** The socket address of a server. @param baseUrl of its HTTP side. */
export function socketUrl(baseUrl: string): string {
  const url = new URL('/v1/socket', baseUrl)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  return url.href
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = { next: () => Math.random(), uuid: () => v7() }

/** A UUID of chance alone, without the time in it. Also on plain http, where browsers have no `crypto.randomUUID`. */
export const chanceId = (): string => v4()
