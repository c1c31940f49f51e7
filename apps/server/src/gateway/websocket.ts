import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE_CODES, LIMITS, SUBPROTOCOL } from '@bongsu/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import type { Encoded } from '../delivery/encode.ts'
import { hasTwoHosts, visitorOf } from './addresses.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { endInTurn } from './ends-in-turn.ts'
import { writeFrame } from './frames-out.ts'
import type { GatewaySocket } from './socket.ts'

export interface WebSocketOptions {
  readonly path: string
  /** Exact origins allowed for browsers. A client without an Origin header is not a browser and has no cookies, so it is accepted. */
  readonly origins: ReadonlySet<string>
  readonly addressOf: (request: IncomingMessage) => string
}

export interface WebSocketParts {
  readonly connections: Pick<Connections, 'makeRoomFor' | 'hasRoomFor' | 'reconnectSpreadMs'>
  /** Creates the connection of a new socket. */
  readonly accept: (socket: GatewaySocket) => Connection
}

/**
 * The WebSocket door. A wrong handshake is answered in plain HTTP, before there is a WebSocket. In a storm, new connections do not starve the
 * connected devices: libuv (since 1.45) accepts one connection in a turn of the event loop, and the others wait in the kernel.
 */
export function acceptWebSockets(server: Server, parts: WebSocketParts, options: WebSocketOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    WebSocket: DeviceSocket,
    clientTracking: false,
    autoPong: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.upFrameBytesMax,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  server.on('upgrade', (request, socket, head) => {
    const address = visitorOf(options.addressOf(request))
    const refusal = refuseHandshake(request, parts, options, address)
    if (refusal !== null) return turnAway(socket, refusal)
    const before = new Set<unknown>([...socket.listeners('end'), ...socket.listeners('close')])
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      endInTurn(socket, before)
      adopt(webSocket, parts, address)
    })
  })
}

function refuseHandshake(request: IncomingMessage, parts: WebSocketParts, options: WebSocketOptions, address: string): string | null {
  if (hasTwoHosts(request)) return '400 Bad Request'
  // A query is refused instead of ignored, so that nobody starts to put tokens into addresses.
  if (request.url !== options.path) return '404 Not Found'
  const { origin } = request.headers
  if (origin !== undefined && !options.origins.has(origin)) return '403 Forbidden'
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(SUBPROTOCOL)) return '426 Upgrade Required'
  parts.connections.makeRoomFor(address)
  if (!parts.connections.hasRoomFor(address))
    return `503 Service Unavailable\r\nRetry-After: ${Math.ceil(parts.connections.reconnectSpreadMs() / 1_000)}`
  return null
}

function turnAway(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy())
  // Not left half open: a peer that never closes its side would keep it for ever.
  socket.on('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** It knows its connection, so that all of them share their listeners: an idle connection consists mostly of such small objects. */
class DeviceSocket extends WebSocket {
  connection: Connection | null = null
}

function adopt(webSocket: DeviceSocket, parts: WebSocketParts, address: string): void {
  webSocket.connection = parts.accept(new OpenSocket(webSocket, address))
  for (const [event, listener] of Object.entries(LISTENERS)) webSocket.on(event, listener)
}

const connectionOf = (webSocket: WebSocket): Connection | null => (webSocket as DeviceSocket).connection

const LISTENERS = {
  message(this: WebSocket, data: Buffer, isBinary: boolean) {
    if (isBinary) connectionOf(this)?.receiveBinary()
    else connectionOf(this)?.receive(data.toString())
  },
  ping(this: WebSocket, data: Buffer) {
    connectionOf(this)?.pinged(data)
  },
  pong(this: WebSocket) {
    connectionOf(this)?.ponged()
  },
  close(this: WebSocket, code: number) {
    connectionOf(this)?.closed(code)
  },
  // Too large, or invalid UTF-8: `ws` has started to close with the right code, which is the one that is sent. This only gives the closing a time
  // limit.
  error(this: WebSocket) {
    connectionOf(this)?.close(CLOSE_CODES.unavailable)
  },
}

/**
 * Time limit of the closing handshake. After it, the connection is ended without one, and the device sees 1006. A slow reader gets the close code behind
 * the data it has not read yet: it has this time again as long as it reads, up to the maximum [D3].
 */
export const CLOSE_MS = { each: 5_000, max: 30_000 }

/**
 * A class instead of an object with closures: there is one for each connection, and ten thousand idle connections consist mostly of such small
 * objects.
 */
class OpenSocket implements GatewaySocket {
  readonly address: string
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket, address: string) {
    this.#webSocket = webSocket
    this.address = address
  }

  send(frame: Encoded): void {
    // A frame that cannot be sent is found again by its cursor. The close event does the rest.
    const socket = this.#openStream()
    if (socket !== null) writeFrame(socket, frame)
  }

  bufferedBytes(): number {
    return this.#webSocket.bufferedAmount
  }

  onDrained(run: () => void): void {
    const socket = this.#openStream()
    if (socket === null) return run()
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      run()
    }
    socket.on('drain', done)
    socket.on('close', done)
  }

  ping(): void {
    if (this.#openStream() !== null) this.#webSocket.ping()
  }

  pong(data: Uint8Array): void {
    if (this.#openStream() !== null) this.#webSocket.pong(data)
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  close({ code }: { readonly code: number }): void {
    this.#webSocket.close(code)
    this.#endSoon(CLOSE_MS.max)
  }

  #endSoon(restMs: number): void {
    const { bufferedAmount } = this.#webSocket
    setTimeout(() => {
      if (this.#webSocket.bufferedAmount < bufferedAmount && restMs > CLOSE_MS.each) this.#endSoon(restMs - CLOSE_MS.each)
      else this.terminate()
    }, CLOSE_MS.each).unref()
  }

  terminate(): void {
    this.#webSocket.terminate()
  }

  #openStream(): Duplex | null {
    return this.#webSocket.readyState === this.#webSocket.OPEN ? streamOf(this.#webSocket) : null
  }
}

/**
 * The stream under a WebSocket, a private field of `ws`. Only the stream knows when the kernel has taken everything. Frames can be written to it
 * beside those of `ws`: without compression `ws` has no queue of its own, so whole frames reach the stream in the order of the calls.
 */
function streamOf(webSocket: WebSocket): Duplex | null {
  // oxlint-disable-next-line eslint/no-underscore-dangle -- the name is not ours
  return (webSocket as unknown as { _socket: Duplex | null })._socket
}
