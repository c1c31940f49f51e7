import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A door of the users that understands HTTP, so that single paths can be broken while all others stand. */
export interface Front {
  readonly url: string
  readonly port: number
  /**
   * Requests for paths that begin so are answered with 502, as a proxy does whose upstream is gone; none when empty. @param part of the requests
   * that fail, chosen at random.
   */
  breakPaths(beginnings: readonly string[], part?: number): void
  /** Everybody who is connected is cut, and whoever comes is refused, until it is mended. */
  shut(is: boolean): Promise<void>
  /** New WebSockets are refused with 503, and open ones are cut. */
  refuseSockets(is: boolean): void
  /** Takes everything and passes nothing on, as a way that loses every packet. Once mended, what waited goes on. */
  swallow(is: boolean): void
  /** Cuts this part of the new connections at once, chosen at random. */
  dropNew(part: number): void
  /** Everything arrives this much later, in each direction. */
  delay(ms: number): void
}

/** What passes a door waits for this. */
class Way {
  delayMs = 0
  #open: Promise<void> = Promise.resolve()
  #mend = (): void => undefined

  swallow(is: boolean): void {
    this.#mend()
    this.#open = is ? new Promise((resolve) => (this.#mend = resolve)) : Promise.resolve()
  }

  async pass(): Promise<void> {
    const { delayMs } = this
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs).unref())
    await this.#open
  }

  /** Pieces keep their order, and the end comes after them. */
  join(from: Duplex, to: Duplex): void {
    let before: Promise<void> = Promise.resolve()
    const after = (run: () => void): void => {
      const passed = this.pass()
      before = before.then(() => passed).then(run)
    }
    from.on('data', (piece: Buffer) => after(() => void (to.writable && to.write(piece))))
    from.on('close', () => after(() => void to.destroy()))
    from.on('error', () => {})
  }
}

export async function startFront(t: { after(run: () => void): void }, serverPort: number): Promise<Front> {
  let broken: { readonly beginnings: readonly string[]; readonly part: number } = { beginnings: [], part: 1 }
  let refusesSockets = false
  let droppedPart = 0
  const way = new Way()
  const sockets = new Set<Socket>()
  const upgraded = new Set<Duplex>()
  const isBroken = ({ url = '' }: IncomingMessage): boolean =>
    broken.beginnings.some((beginning) => url.startsWith(beginning)) && Math.random() < broken.part

  const server = createServer((incoming, answer) => {
    if (isBroken(incoming)) return void answer.writeHead(502).end()
    const { method, url: path, headers } = incoming
    const onward = request({ host: '127.0.0.1', port: serverPort, method, path, headers }, (reply) => {
      void way.pass().then(() => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(answer)
      })
    })
    onward.on('error', () => answer.destroy())
    void way.pass().then(() => incoming.pipe(onward))
  })
  server.on('connection', (socket) => {
    if (Math.random() < droppedPart) return void socket.destroy()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (incoming: IncomingMessage, client: Duplex, head) => {
    if (refusesSockets) return void client.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    upgraded.add(client)
    client.on('close', () => upgraded.delete(client))
    client.on('error', () => {})
    void way.pass().then(() => {
      const onward = connect(serverPort, '127.0.0.1', () => {
        const lines = incoming.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : []))
        onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
        onward.write(head)
      })
      onward.setNoDelay(true)
      way.join(client, onward)
      way.join(onward, client)
      if (client.destroyed) onward.destroy()
    })
  })
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  const port = await listen(0)
  const cut = (all: Iterable<Duplex>): void => {
    for (const socket of all) socket.destroy()
  }
  t.after(() => {
    way.swallow(false)
    server.close()
    cut(sockets)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    breakPaths: (beginnings, part = 1) => void (broken = { beginnings, part }),
    async shut(is) {
      if (!is) return void (await listen(port))
      server.close()
      cut(sockets)
    },
    refuseSockets(is) {
      refusesSockets = is
      if (is) cut(upgraded)
    },
    swallow: (is) => way.swallow(is),
    dropNew: (part) => void (droppedPart = part),
    delay: (ms) => void (way.delayMs = ms),
  }
}
