import { connect as connectTcp } from 'node:net'
import { SUBPROTOCOL, type DownFrame, type DownFrameOf, type DownType } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { waitFor } from '../e2e/wait-for.ts'

/** One line of a transcript: who spoke, and what was said. */
export interface Line {
  readonly from: 'device' | 'server' | 'narrator'
  readonly said: string
}

export interface LoggedSocket {
  readonly frames: readonly DownFrame[]
  say(frame: object | string): void
  /** The next frame of this type that was not waited for yet. */
  next<T extends DownType>(type: T): Promise<DownFrameOf<T>>
  /** Waits for the answer to hello. @returns null when welcomed, else the time to wait in ms. */
  answered(): Promise<number | null>
  closed(withinMs?: number): Promise<number>
  close(): Promise<number>
  /** What a device sends back in its next hello: the lineage and the last tide [A7]. */
  heard(): readonly [lineage: string, tide: string]
}

/** Writes down what a device and a server say to each other, in the order in which the device sends and receives it. */
export class WireLog {
  readonly lines: Line[] = []
  readonly #base: string

  /** @param base address of the server, such as http://127.0.0.1:8080. */
  constructor(base: string) {
    this.#base = base
  }

  tell(sentence: string): void {
    this.lines.push({ from: 'narrator', said: sentence })
  }

  async http(method: string, path: string, { token, body }: { readonly token?: string; readonly body?: object } = {}): Promise<unknown> {
    this.#device(`${method} ${path}${token === undefined ? '' : `  authorization: Bearer ${token}`}`)
    if (body !== undefined) this.#device(JSON.stringify(body))
    const response = await fetch(this.#base + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    this.#server(`${response.status} ${text}`)
    return JSON.parse(text) as unknown
  }

  /** A handshake as it goes over the wire. The key is the example of RFC 6455, so the answer is always the same. */
  async handshake(headers: readonly string[]): Promise<void> {
    const asked = ['GET /v1/socket HTTP/1.1', 'Host: talk.example.kr', 'Upgrade: websocket', 'Connection: Upgrade', ...headers]
    for (const line of asked) this.#device(line)
    const sent = [...asked, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', '']
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTcp(Number(new URL(this.#base).port), '127.0.0.1', () => socket.write(sent.join('\r\n')))
      let got = ''
      socket.on('error', reject)
      socket.on('data', (data) => {
        got += data.toString('latin1')
        if (!got.includes('\r\n\r\n')) return
        socket.destroy()
        resolve(got)
      })
    })
    const [status = '', ...rest] = answer.split('\r\n\r\n')[0]?.split('\r\n') ?? []
    this.#server(status)
    for (const line of rest) if (/^sec-websocket-protocol/i.test(line)) this.#server(line)
  }

  async connect(): Promise<LoggedSocket> {
    const socket = new WebSocket(`${this.#base.replace('http', 'ws')}/v1/socket`, SUBPROTOCOL)
    const frames: DownFrame[] = []
    let code: number | null = null
    let taken = 0
    socket.on('message', (data: Buffer) => {
      frames.push(JSON.parse(data.toString()) as DownFrame)
      this.#server(data.toString())
    })
    socket.on('close', (ended) => {
      code = ended
      if (ended !== 1000) this.#server(`closes with ${ended}`)
    })
    socket.on('error', () => undefined)
    await waitFor('a socket to open', () => socket.readyState === WebSocket.OPEN)
    const closed = (withinMs = 10_000): Promise<number> => waitFor('the connection to close', () => code, { withinMs })
    return {
      frames,
      say: (frame) => {
        const text = typeof frame === 'string' ? frame : JSON.stringify(frame)
        this.#device(text)
        socket.send(text)
      },
      async next<T extends DownType>(type: T) {
        const index = await waitFor(
          () => `the frame ${type}; there came ${JSON.stringify(frames.slice(taken))}, close code ${code}`,
          () => {
            const found = frames.findIndex((frame, place) => place >= taken && frame.t === type)
            return found === -1 ? null : found + 1
          },
        )
        taken = index
        return frames[index - 1] as DownFrameOf<T>
      },
      async answered() {
        const [answer] = await waitFor('an answer to hello', () => (frames.length > 0 ? frames : null))
        return answer?.t === 'refused' ? (answer.retryAfterMs ?? 0) : null
      },
      heard() {
        const lineage = frames.map((frame) => ('lineage' in frame ? frame.lineage : undefined)).find((one) => one !== undefined)
        const tide = frames
          .map((frame) => ('tide' in frame && typeof frame.tide === 'string' ? frame.tide : undefined))
          .findLast((one) => one !== undefined)
        if (lineage === undefined || tide === undefined) throw new Error('The server has not said how far its history goes.')
        return [lineage, tide]
      },
      closed,
      close() {
        socket.close(1000)
        return closed()
      },
    }
  }

  #device(said: string): void {
    this.lines.push({ from: 'device', said })
  }

  #server(said: string): void {
    this.lines.push({ from: 'server', said })
  }
}
