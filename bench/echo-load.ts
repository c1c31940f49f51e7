import { WebSocket } from 'ws'
import { each } from './device.ts'

/** Counts frames that came back from the echo peer. */
export interface EchoLoad {
  connect(url: string, connections: number, inFlight: number, frame: string): Promise<void>
  readonly count: number
  readonly faults: readonly string[]
  stop(): void
}

export function createEchoLoad(): EchoLoad {
  let count = 0
  let stopped = false
  const faults: string[] = []
  const sockets: WebSocket[] = []
  return {
    async connect(url, connections, inFlight, frame) {
      await each(connections, 64, async () => {
        const socket = new WebSocket(url, { perMessageDeflate: false })
        sockets.push(socket)
        await new Promise<void>((resolve, reject) => {
          socket.once('open', resolve)
          socket.once('error', reject)
        })
        socket.on('message', (data: Buffer) => {
          count++
          if (data.length !== Buffer.byteLength(frame) && faults.length < 20) faults.push(`${data.length} bytes came back`)
          if (!stopped) socket.send(frame)
        })
      })
      for (const socket of sockets) for (let sent = 0; sent < inFlight; sent++) socket.send(frame)
    },
    get count() {
      return count
    },
    faults,
    stop() {
      stopped = true
    },
  }
}

/** Connects, sends one frame, takes it back and closes, `connections` times. */
export async function churn(url: string, connections: number, atOnce: number): Promise<number[]> {
  const tookMs: number[] = []
  await each(connections, atOnce, async () => {
    const startedAt = performance.now()
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => socket.send('hello'))
      socket.once('message', () => resolve())
    })
    tookMs.push(performance.now() - startedAt)
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.close(1000)
    })
  })
  return tookMs
}
