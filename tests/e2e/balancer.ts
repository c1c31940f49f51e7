import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A proxy in front of several server processes, as HAProxy in TCP mode: it takes turns among those that take devices. */
export interface Balancer {
  readonly url: string
  /** How many connections each process has through it. */
  connections(): readonly number[]
}

const CHECK_MS = 200

export async function startBalancer(t: { after(run: () => void): void }, ports: readonly number[]): Promise<Balancer> {
  const ready = ports.map(() => true)
  const open = ports.map(() => 0)
  const sockets = new Set<Socket>()
  let next = 0

  const timer = setInterval(() => {
    for (const [index, port] of ports.entries()) {
      fetch(`http://127.0.0.1:${port}/servez`, { signal: AbortSignal.timeout(1_000) }).then(
        ({ status }) => void (ready[index] = status === 200),
        () => void (ready[index] = false),
      )
    }
  }, CHECK_MS)

  /** @param tries processes that are left to try. */
  function pass(client: Socket, tries: number): void {
    const index = Array.from(ports, (_, step) => (next + step) % ports.length).find((each) => ready[each]) ?? next % ports.length
    next = index + 1
    const server = connect(ports[index]!, '127.0.0.1')
    server.once('connect', () => {
      open[index]!++
      server.once('close', () => open[index]!--)
      sockets.add(server)
      client.pipe(server).pipe(client)
    })
    server.once('error', () => {
      ready[index] = false
      if (tries > 1 && !server.readyState.includes('open') && server.bytesRead === 0 && client.bytesRead === 0) pass(client, tries - 1)
      else client.destroy()
    })
    server.once('close', () => {
      sockets.delete(server)
      if (server.bytesWritten > 0) client.destroy()
    })
    client.once('close', () => server.destroy())
    client.on('error', () => server.destroy())
  }

  const front = createServer((client) => {
    sockets.add(client)
    client.once('close', () => sockets.delete(client))
    pass(client, ports.length)
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    clearInterval(timer)
    front.close()
    for (const socket of sockets) socket.destroy()
  })
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, connections: () => [...open] }
}
