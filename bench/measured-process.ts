import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { adopt, cleanEnvironment, end, Impossible, isInterrupted, NO_PORT, ROOT } from './processes.ts'
import type { Reading } from './probe.ts'

export interface MeasuredOptions {
  /** Script and its arguments. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the program; this checkout, when left out. */
  readonly program?: string
  /** Folder for CPU profiles, one a thread, written when the process ends. */
  readonly profile: string | null
  /** Finds the port in what the process says on standard error; it is ready then. */
  readonly port: RegExp
}

/** A process with the probe in it. */
export interface MeasuredProcess {
  readonly port: number
  read(): Promise<Reading>
  /** Collects garbage first, and again until the memory no longer falls. */
  readSettled(): Promise<Reading>
  stop(): Promise<void>
}

const START_MS = 30_000
/** Kept of what the process says, to tell why it ended. */
const SAID_CHARS_MAX = 4_000

export async function startMeasured(options: MeasuredOptions): Promise<MeasuredProcess> {
  const profiling = options.profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`, '--cpu-prof-interval=500']
  const child = adopt(
    spawn(process.execPath, ['--expose-gc', ...profiling, `--import=${join(ROOT, 'bench/probe.ts')}`, ...options.args], {
      cwd: options.program ?? ROOT,
      env: cleanEnvironment(options.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    }),
  )
  let said = ''
  let began = false
  let stopping = false
  const waiting = new Map<number, { resolve: (reading: Reading) => void; reject: (error: Error) => void }>()
  child.on('message', (message: { n: number; reading: Reading }) => {
    waiting.get(message.n)?.resolve(message.reading)
    waiting.delete(message.n)
  })
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${options.args[0]} did not start in ${START_MS / 1_000} s. It said: ${said}`)), START_MS)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_CHARS_MAX)
      const found = options.port.exec(said)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      began = true
      resolve(Number(found))
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      const sentence = `${options.args[0]} ${began ? 'ended by itself' : 'did not start'} (${code ?? signal}). It said: ${said.trimEnd()}`
      const error = began ? new Error(sentence) : new Impossible(said.includes('EADDRINUSE') ? NO_PORT : sentence)
      reject(error)
      for (const one of waiting.values()) one.reject(error)
      // A server that died under load is a finding, not a figure.
      if (began && !stopping && !isInterrupted()) process.stderr.write(`${error.message}\n`)
    })
  })
  let asked = 0
  const ask = (collect: boolean): Promise<Reading> =>
    new Promise((resolve, reject) => {
      waiting.set(++asked, { resolve, reject })
      child.send({ n: asked, collect }, (error) => void (error && reject(error)))
    })
  return {
    port,
    read: () => ask(false),
    async readSettled() {
      let best = await ask(true)
      for (let tries = 0; tries < 8; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        const next = await ask(true)
        const settled = next.rssBytes > best.rssBytes * 0.999
        if (next.rssBytes < best.rssBytes) best = next
        if (settled) break
      }
      return best
    },
    async stop() {
      stopping = true
      await end(child, 'SIGTERM')
    },
  }
}
