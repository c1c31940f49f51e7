import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Way, type WayFaults } from './fault-way.ts'

/** What is wrong with a line between a client and the server. The same both ways; bandwidth can differ. */
export interface LineFaults extends WayFaults {
  /** Towards the client, where it differs from `bytesPerSecond`. */
  readonly downBytesPerSecond?: number
}

export const SOUND: LineFaults = { delayMs: 0, jitterMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, pieceBytesMax: 0 }

/** Which way a line says nothing any more: what is sent that way is taken and lost, and the other end is never told that anything closed. */
export type Silence = 'up' | 'down' | 'both'

/** One client's connection through the proxy. */
export interface Line {
  fault(faults: LineFaults): void
  /** Half open from now on, until one of the two gives up; the other learns nothing of it. */
  silence(ways: Silence): void
  /** Breaks it for both, with a reset. */
  cut(): void
  readonly faulty: boolean
  readonly silenced: Silence | null
  /** The server has ended its side. */
  readonly serverEnded: boolean
}

/** How the proxy meets who knocks. */
export type Door =
  | 'open'
  /** Nobody listens: connections are refused. */
  | 'shut'
  /** Connections are made, and nothing ever answers. */
  | 'deaf'

export interface FaultProxy {
  readonly url: string
  readonly port: number
  /** Those that stand now. */
  readonly lines: ReadonlySet<Line>
  /** Cuts every connection. */
  cut(): void
  /** Resolves when the door stands so. */
  door(to: Door): Promise<void>
  /** What is wrong with each line that begins from now on. */
  faultNew(next: () => LineFaults): void
  /** Everything sound, the door open, and lines that were half open ended. */
  heal(): Promise<void>
}

/** A TCP proxy that does to connections what the world does to them. @param random in [0, 1). */
export async function startFaultProxy(
  t: { after(run: () => void): void },
  serverPort: number,
  random: () => number = Math.random,
): Promise<FaultProxy> {
  const lines = new Set<TwoWays>()
  let next = (): LineFaults => SOUND
  let deaf = false
  let server: Server | null = null

  const accept = (client: Socket): void => {
    const line = new TwoWays(client, connect(serverPort, '127.0.0.1'), random, () => lines.delete(line))
    line.fault(next())
    if (deaf) line.silence('both')
    lines.add(line)
  }
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const made = createServer({ noDelay: true, allowHalfOpen: true }, accept)
      server = made
      made.once('error', reject)
      made.listen(port, '127.0.0.1', () => resolve((made.address() as AddressInfo).port))
    })
  const port = await listen(0)
  const cut = (): void => {
    for (const line of lines) line.cut()
  }
  t.after(() => {
    server?.close()
    cut()
  })

  async function door(to: Door): Promise<void> {
    deaf = to === 'deaf'
    if (to === 'shut') {
      server?.close()
      server = null
    } else if (server === null) await listen(port)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    lines,
    cut,
    door,
    faultNew: (made) => (next = made),
    async heal() {
      next = () => SOUND
      await door('open')
      for (const line of lines) {
        line.fault(SOUND)
        if (line.silenced !== null) line.cut()
      }
    },
  }
}

class TwoWays implements Line {
  readonly #client: Socket
  readonly #server: Socket
  readonly #up: Way
  readonly #down: Way
  #faults = SOUND
  #silenced: Silence | null = null
  #serverEnded = false
  #open = 2

  constructor(client: Socket, server: Socket, random: () => number, gone: () => void) {
    this.#client = client
    this.#server = server
    this.#up = new Way(client, server, random)
    this.#down = new Way(server, client, random)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
    }
    for (const [socket, other, way] of [
      [client, server, this.#up],
      [server, client, this.#down],
    ] as const) {
      // An end waits behind what was sent before it; a line that is silent that way keeps it to itself.
      socket.on('end', () => way.end())
      socket.on('close', () => {
        if (socket === server) this.#serverEnded = true
        way.stop()
        if (!this.#isSilent(socket)) other.destroySoon()
        if (--this.#open === 0) gone()
      })
    }
  }

  get faulty(): boolean {
    return this.#faults !== SOUND || this.#silenced !== null
  }

  get silenced(): Silence | null {
    return this.#silenced
  }

  get serverEnded(): boolean {
    return this.#serverEnded
  }

  fault(faults: LineFaults): void {
    this.#faults = faults
    this.#up.faults = faults
    this.#down.faults = { ...faults, bytesPerSecond: faults.downBytesPerSecond ?? faults.bytesPerSecond }
  }

  silence(ways: Silence): void {
    this.#silenced = ways
    if (ways !== 'down') this.#up.swallow()
    if (ways !== 'up') this.#down.swallow()
  }

  cut(): void {
    this.#silenced = null
    this.#up.stop()
    this.#down.stop()
    breakOff(this.#client)
    breakOff(this.#server)
  }

  /** Does what this end says, its goodbye included, no longer reach the other? */
  #isSilent(from: Socket): boolean {
    return this.#silenced === 'both' || this.#silenced === (from === this.#client ? 'up' : 'down')
  }
}

/** With a reset, except where the socket has ended already: Node.js never closes one that is reset then, and the process could not end. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
