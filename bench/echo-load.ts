import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { each } from './device.ts'

/** After the last frame was sent, all must have come back in this time. */
const SETTLE_MS = 10_000
/** Only the first few are told. */
const FAULTS_TOLD_MAX = 20

/** Counts frames that came back from the echo peer. */
export interface EchoLoad {
  connect(url: string, connections: number, inFlight: number, frame: string): Promise<void>
  readonly count: number
  /** Sends no more, waits for what is under way, and says what did not come back as it was sent. */
  finish(): Promise<readonly string[]>
}

export function createEchoLoad(): EchoLoad {
  let count = 0
  let sent = 0
  let stopped = false
  const faults: string[] = []
  const sockets: WebSocket[] = []
  return {
    async connect(url, connections, inFlight, frame) {
      const expected = Buffer.from(frame)
      const say = (socket: WebSocket): void => {
        sent++
        socket.send(frame)
      }
      await each(connections, 64, async () => {
        const socket = new WebSocket(url, { perMessageDeflate: false })
        sockets.push(socket)
        await new Promise<void>((resolve, reject) => {
          socket.once('open', resolve)
          socket.once('error', reject)
        })
        socket.on('message', (data: Buffer) => {
          count++
          if (!data.equals(expected) && faults.length < FAULTS_TOLD_MAX) faults.push(`${data.toString().slice(0, 100)} came back`)
          if (!stopped) say(socket)
        })
      })
      for (const socket of sockets) for (let began = 0; began < inFlight; began++) say(socket)
    },
    get count() {
      return count
    },
    async finish() {
      stopped = true
      const until = performance.now() + SETTLE_MS
      const back = (): boolean => count === sent
      while (!back() && performance.now() < until) await sleep(20)
      // One that comes again may come after everything else.
      await sleep(100)
      return count === sent ? faults : [...faults, `of ${sent} frames ${count} came back`]
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
      socket.once('message', (data: Buffer) => (data.toString() === 'hello' ? resolve() : reject(new Error('Something else came back.'))))
    })
    tookMs.push(performance.now() - startedAt)
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.close(1000)
    })
  })
  return tookMs
}
