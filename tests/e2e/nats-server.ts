import { spawn, type ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

/** A real NATS server, which can be killed and started again on the same port. */
export interface NatsServer {
  readonly url: string
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<void>
  signal(signal: NodeJS.Signals): void
  start(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** @param args more arguments of nats-server. */
export async function startNatsServer(t: Pick<TestContext, 'after'>, args: readonly string[] = []): Promise<NatsServer> {
  const port = await freePort()
  let child: ChildProcess
  let exited: Promise<void>

  async function start(): Promise<void> {
    child = spawn('nats-server', ['--addr', '127.0.0.1', '--port', String(port), ...args], { stdio: 'ignore' })
    running.add(child)
    const mine = child
    exited = new Promise((resolve) => {
      mine.once('exit', () => {
        running.delete(mine)
        resolve()
      })
    })
    await waitFor('nats-server to listen', () => listens(port))
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL')
    await exited
  }

  await start()
  t.after(kill)
  return { url: `nats://127.0.0.1:${port}`, kill, signal: (signal) => void child.kill(signal), start }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
