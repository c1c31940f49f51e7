import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line between a device and the server that carries only so much a second towards the device. @returns its URL. */
export async function startSlowLine(t: { after(run: () => void): void }, serverPort: number, bytesPerSecond: number): Promise<string> {
  const sockets = new Set<Socket>()
  const stepMs = 20
  const line = createServer((device) => {
    const server = connect(serverPort, '127.0.0.1')
    let allowance = 0
    for (const socket of [device, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    device.pipe(server)
    device.on('close', () => server.destroy())
    // Read by hand: what is not read stays in the server's buffers, as it does with a phone in a tunnel.
    const timer = setInterval(() => {
      allowance = Math.min(allowance + (bytesPerSecond * stepMs) / 1_000, bytesPerSecond)
      while (allowance > 0) {
        const chunk = server.read() as Buffer | null
        if (chunk === null) return
        allowance -= chunk.length
        device.write(chunk)
      }
    }, stepMs)
    server.on('readable', () => undefined)
    server.on('close', () => {
      clearInterval(timer)
      device.end()
    })
  })
  t.after(() => {
    line.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(line.address() as AddressInfo).port}`
}
