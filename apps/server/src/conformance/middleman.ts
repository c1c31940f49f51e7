import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SUBPROTOCOL } from '@bongsu/protocol'
import { WebSocket, WebSocketServer } from 'ws'

/** A frame in either direction, also one that this version does not know. */
export type Frame = { readonly t: string } & Readonly<Record<string, unknown>>

/** What is done to frames and requests on their way. Whatever is left out passes unchanged. */
export interface Meddling {
  /** @returns what the server gets instead of a frame of the client. */
  up?(frame: Frame, passage: Passage): readonly Frame[]
  /** @returns what the client gets instead of a frame of the server. */
  down?(frame: Frame, passage: Passage): readonly Frame[]
  /** @returns the answer to a request that shall not reach the server, else null. */
  http?(request: { readonly method: string; readonly path: string }): { readonly status: number; readonly body: object } | null
  /** @returns the bearer token that the server gets instead. */
  bearer?(token: string): string
}

export interface Logged {
  readonly way: 'up' | 'down'
  readonly frame: Frame
  /** Epoch ms. */
  readonly at: number
}

/** One connection of the client. */
export interface Passage {
  readonly openedAt: number
  readonly closed: boolean
  /** What the client said and what it heard, in this order. */
  readonly log: readonly Logged[]
  /** A frame to the client that no server has sent. */
  tell(frame: Frame): void
  /** Breaks the connection for both, without a word. */
  cut(): void
  /** Closes the client's side with this code. */
  close(code: number): void
}

/** Stands between the client and the server, reads every frame, and meddles with them. */
export interface Middleman {
  readonly port: number
  /** All connections so far, oldest first. */
  readonly passages: readonly Passage[]
  meddle(meddling: Meddling): void
  stop(): void
}

export async function startMiddleman(serverPort: () => number): Promise<Middleman> {
  const passages: OnePassage[] = []
  let meddling: Meddling = {}
  const http = createServer((asked, answer) => passRequest(asked, answer, serverPort(), meddling))
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL })
  sockets.on('connection', (client) => {
    const server = new WebSocket(`ws://127.0.0.1:${serverPort()}/v1/socket`, SUBPROTOCOL, { perMessageDeflate: false })
    passages.push(new OnePassage(client, server, () => meddling))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    port: (http.address() as AddressInfo).port,
    passages,
    meddle: (next) => (meddling = next),
    stop: () => stop(http, passages),
  }
}

function stop(http: Server, passages: readonly OnePassage[]): void {
  for (const passage of passages) passage.cut()
  http.closeAllConnections()
  http.close()
}

function passRequest(asked: IncomingMessage, answer: ServerResponse, port: number, meddling: Meddling): void {
  const { method = 'GET', url = '/', headers } = asked
  const instead = meddling.http?.({ method, path: url }) ?? null
  if (instead !== null) {
    answer.writeHead(instead.status, { 'content-type': 'application/json' }).end(JSON.stringify(instead.body))
    return
  }
  const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1]
  const authorized = token === undefined || meddling.bearer === undefined ? {} : { authorization: `Bearer ${meddling.bearer(token)}` }
  const onward = request({ port, method, path: url, headers: { ...headers, ...authorized } }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(answer)
  })
  onward.on('error', () => answer.destroy())
  asked.pipe(onward)
}

class OnePassage implements Passage {
  readonly openedAt = Date.now()
  readonly log: Logged[] = []
  readonly #client: WebSocket
  readonly #server: WebSocket
  readonly #early: string[] = []
  closed = false

  constructor(client: WebSocket, server: WebSocket, meddling: () => Meddling) {
    this.#client = client
    this.#server = server
    client.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      this.log.push({ way: 'up', frame, at: Date.now() })
      for (const onward of meddling().up?.(frame, this) ?? [frame]) this.#say(JSON.stringify(onward))
    })
    server.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      for (const onward of meddling().down?.(frame, this) ?? [frame]) this.tell(onward)
    })
    server.on('open', () => {
      for (const text of this.#early.splice(0)) server.send(text)
    })
    client.on('close', (code) => this.#over(server, code))
    server.on('close', (code) => this.#over(client, code))
    for (const socket of [client, server]) socket.on('error', () => socket.terminate())
  }

  tell(frame: Frame): void {
    if (this.closed) return
    this.log.push({ way: 'down', frame, at: Date.now() })
    this.#client.send(JSON.stringify(frame))
  }

  cut(): void {
    this.closed = true
    this.#client.terminate()
    this.#server.terminate()
  }

  close(code: number): void {
    this.closed = true
    this.#client.close(code)
    this.#server.terminate()
  }

  #say(text: string): void {
    if (this.#server.readyState === WebSocket.CONNECTING) this.#early.push(text)
    else if (this.#server.readyState === WebSocket.OPEN) this.#server.send(text)
  }

  /** One side has closed: so does the other, in the same way. */
  #over(other: WebSocket, code: number): void {
    this.closed = true
    if (code === 1_005) other.close()
    else if (code === 1_006 || code === 1_015) other.terminate()
    else other.close(code)
  }
}
