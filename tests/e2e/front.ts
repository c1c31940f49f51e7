import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** A door of the users that understands HTTP, so that single paths can be broken while all others stand. */
export interface Front {
  readonly url: string
  readonly port: number
  /** Requests for paths that begin so are answered with 502, as a proxy does whose upstream is gone; none when empty. */
  breakPaths(beginnings: readonly string[]): void
  /** Everybody who is connected is cut, and whoever comes is refused, until it is mended. */
  shut(is: boolean): Promise<void>
}

export async function startFront(t: { after(run: () => void): void }, serverPort: number): Promise<Front> {
  let broken: readonly string[] = []
  const sockets = new Set<Socket>()
  const isBroken = ({ url = '' }: IncomingMessage): boolean => broken.some((beginning) => url.startsWith(beginning))

  const server = createServer((incoming, answer) => {
    if (isBroken(incoming)) return void answer.writeHead(502).end()
    const { method, url: path, headers } = incoming
    const onward = request({ host: '127.0.0.1', port: serverPort, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    incoming.pipe(onward)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (incoming: IncomingMessage, client: Socket, head) => {
    const onward = connect(serverPort, '127.0.0.1', () => {
      const lines = incoming.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : []))
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      client.pipe(onward).pipe(client)
    })
    for (const socket of [client, onward]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        onward.destroy()
      })
    }
  })
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  const port = await listen(0)
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(() => {
    server.close()
    cut()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    breakPaths: (beginnings) => void (broken = beginnings),
    async shut(is) {
      if (!is) return void (await listen(port))
      server.close()
      cut()
    },
  }
}
