import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'
import { startProcess, WIDE, withoutSettings, type Exit } from '../../apps/server/src/conformance/own-process.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = 'apps/server/src/main.ts'
/** Longest start on a busy machine. */
export const START_MS = 60_000
/** Most kept of what a process says: the last of it tells why it ended. */
const SAID_CHARS_MAX = 200_000

export interface ServerOptions {
  /** Data directory; a temporary one, removed at the end, when left out. */
  readonly directory?: string
  readonly port?: number
  /** BONGSU_ settings besides those that a test always makes wide. */
  readonly env?: Readonly<Record<string, string>>
  /** Modules loaded before the server: how a test breaks it on purpose. */
  readonly preload?: readonly string[]
  /** Folder of the program; this checkout, when left out. */
  readonly root?: string
  /** Do not wait until it is ready; it is not expected to be. */
  readonly unready?: boolean
}

/** A real server in a process of its own, which can be killed and started again on the same port and data. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly directory: string
  /** Of the running process; epoch ms when it was started. */
  readonly pid: number
  readonly startedAt: number
  /** Code for the first administrator, as the process printed it. */
  readonly firstAdminCode: string
  /** What all its processes have said so far, the last 200,000 characters of it. */
  readonly said: string
  /** Resolves when the process that runs now has ended. */
  readonly exited: Promise<Exit>
  /** Sends the signal. After SIGKILL and SIGTERM, await `exited`. */
  signal(signal: NodeJS.Signals): void
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<void>
  /** Starts it again after it has ended; ready when it resolves. */
  start(): Promise<void>
  /** More environment for the next start. */
  set(env: Readonly<Record<string, string>>): void
  /** From the next start on it is the program of this checkout. */
  upgrade(): void
  /** Starts it again where it may not get ready, or not at all. */
  startAnyhow(): void
  ready(): Promise<{ readonly status: number; readonly body: unknown }>
}

const running = new Set<ChildProcess>()
function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}
process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(1)
  })
}

/** Starts a server for a test; it and its data are gone when the test is over, however it ends. */
export async function startServerProcess(t: Pick<TestContext, 'after'>, options: ServerOptions = {}): Promise<ServerProcess> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'bongsu-e2e-'))
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  let said = ''
  let child: ChildProcess
  let startedAt = 0
  let more: Readonly<Record<string, string>> = {}
  let root = options.root ?? ROOT
  let exited: Promise<Exit>

  t.after(async () => {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await exited
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
  })

  function spawnServer(): void {
    startedAt = Date.now()
    // Most tests are not about strangers. An older program does not know the setting.
    const reach = root === ROOT ? { BONGSU_REACH: 'everyone' } : {}
    const env = { ...withoutSettings(process.env), ...WIDE, ...reach, ...options.env, ...more, BONGSU_DATA: directory, BONGSU_PORT: String(port) }
    const args = [...(options.preload ?? []).map((file) => `--import=${file}`), MAIN]
    const mine = startProcess(args, { cwd: root, env }, (text) => (said = (said + text).slice(-SAID_CHARS_MAX)))
    child = mine.child
    exited = mine.exited
    running.add(child)
    child.once('close', () => running.delete(mine.child))
  }

  async function ready(): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })
    return { status: response.status, body: await response.json() }
  }

  async function start(): Promise<void> {
    spawnServer()
    if (options.unready === true) return
    const mine = child
    await waitFor(
      () => `a server that is ready; it said: ${said}`,
      async () => {
        if (mine.exitCode !== null || mine.signalCode !== null) throw new Error(`the server ended while starting; it said: ${said}`)
        return ready().then(
          ({ status }) => status === 200,
          () => false,
        )
      },
      { withinMs: START_MS, everyMs: 15 },
    )
  }

  await start()
  return {
    url,
    port,
    directory,
    get pid() {
      return child.pid ?? 0
    },
    get startedAt() {
      return startedAt
    },
    get firstAdminCode() {
      const code = /#\/invite\/([\w-]+)/.exec(said)?.[1]
      if (code === undefined) throw new Error(`the server printed no invite; it said: ${said}`)
      return code
    },
    get said() {
      return said
    },
    get exited() {
      return exited
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    start,
    set: (env) => void (more = env),
    upgrade: () => void (root = ROOT),
    startAnyhow: spawnServer,
    ready,
  }
}
