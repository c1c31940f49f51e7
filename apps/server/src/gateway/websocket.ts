import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE_CODES, LIMITS, SUBPROTOCOL } from '@bongsu/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Encoded } from '../delivery/encode.ts'
import { visitorOf } from './addresses.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { endInTurn } from './ends-in-turn.ts'
import { writeFrame } from './frames-out.ts'
import type { GatewaySocket } from './socket.ts'

export interface WebSocketOptions {
  readonly path: string
  /** Exact origins that browsers may come from. A client that is not a browser sends none and brings no cookies, so it is let in. */
  readonly origins: ReadonlySet<string>
  readonly addressOf: (request: IncomingMessage) => string
}

export interface WebSocketParts {
  readonly connections: Pick<Connections, 'makeRoomFor' | 'hasRoomFor' | 'reconnectSpreadMs'>
  /** Makes the connection that a new socket belongs to. */
  readonly accept: (socket: GatewaySocket) => Connection
}

/**
 * The users' door. Anything wrong with the handshake is answered in plain HTTP, before there is a WebSocket. In a storm the door itself does not
 * starve those who are in: libuv (since 1.45) takes one new connection in a turn of the event loop, the others wait with the kernel.
 */
export function acceptWebSockets(server: Server, parts: WebSocketParts, options: WebSocketOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
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
  // A query is refused rather than ignored, so that nobody comes to put a token into an address.
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
  // Not left half open, or whoever never closes their side would keep it for ever.
  socket.on('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function adopt(webSocket: WebSocket, parts: WebSocketParts, address: string): void {
  const connection = parts.accept(new OpenSocket(webSocket, address))
  webSocket.on('message', (data: Buffer, isBinary) => (isBinary ? connection.receiveBinary() : connection.receive(data.toString())))
  webSocket.on('ping', (data) => connection.pinged(data))
  webSocket.on('pong', () => connection.ponged())
  webSocket.on('close', (code) => connection.closed(code))
  // Too large, broken UTF-8: `ws` has begun to close with the fitting code, which is the one that is sent; here it is given a time to end.
  webSocket.on('error', () => connection.close(CLOSE_CODES.unavailable))
}

/** How long a closing handshake may take before the connection is ended without it. */
const CLOSE_MS = 5_000

/** A class and not an object of closures: there is one for each connection, and ten thousand idle ones are mostly such small things. */
class OpenSocket implements GatewaySocket {
  readonly address: string
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket, address: string) {
    this.#webSocket = webSocket
    this.address = address
  }

  send(frame: Encoded): void {
    // What cannot be sent is found again by its cursor; the close event tells of the rest.
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
    setTimeout(() => this.terminate(), CLOSE_MS).unref()
  }

  terminate(): void {
    this.#webSocket.terminate()
  }

  #openStream(): Duplex | null {
    return this.#webSocket.readyState === this.#webSocket.OPEN ? streamOf(this.#webSocket) : null
  }
}

/**
 * The stream under a WebSocket, which `ws` keeps to itself. It alone knows when the kernel has taken everything, and frames can be written to it
 * beside those of `ws`, because without compression `ws` has no queue of its own: whole frames go to the stream in the order of the calls.
 */
function streamOf(webSocket: WebSocket): Duplex | null {
  // oxlint-disable-next-line eslint/no-underscore-dangle -- the name is not ours
  return (webSocket as unknown as { _socket: Duplex | null })._socket
}
