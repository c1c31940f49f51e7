import { spawn, type ChildProcess } from 'node:child_process'
import { OwnTrouble } from './until.ts'

const startMsMax = 30_000
/** Most kept of what the server writes, in characters. */
const saidCharsMax = 8_000

/** Limits against strangers are wide, because the kit is everybody at once. Heartbeats are quick, because many trials wait for some. */
export const heartbeatMs = 1_000
const SETTINGS: Readonly<Record<string, string>> = {
  BONGSU_PORT: '0',
  BONGSU_LOG: 'warn',
  BONGSU_REGISTRATION: 'open',
  BONGSU_HEARTBEAT_MS: String(heartbeatMs),
  BONGSU_REQUESTS_PER_MINUTE: '1000000',
  BONGSU_OPEN_REQUESTS_PER_MINUTE: '1000000',
  BONGSU_FRAMES_PER_SECOND: '1000000',
  BONGSU_FRAMES_BURST: '1000000',
}

/** The files that are run: the server, and `bongsu` for backups. */
export interface ServerPrograms {
  readonly server: string
  readonly operator: string
}

/** A real server of this version in a process of its own, on a folder of its own, which the kit kills, restores and starts again. */
export class OwnServer {
  readonly #programs: ServerPrograms
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #folder: string
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()
  #port = 0
  #said = ''

  constructor(programs: ServerPrograms, folder: string, env: Readonly<Record<string, string | undefined>>) {
    this.#programs = programs
    const inherited = Object.entries(env).filter(([name]) => !name.startsWith('BONGSU_') && name !== 'NODE_OPTIONS')
    this.#folder = folder
    this.#env = { ...Object.fromEntries(inherited), ...SETTINGS, BONGSU_DATA: folder }
  }

  /** Another one after each start. */
  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    // Without NODE_OPTIONS, and with a channel: the server ends when this process is gone.
    const child = spawn(process.execPath, [this.#programs.server], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-saidCharsMax)))
    }
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    this.#port = await new Promise<number>((resolve, reject) => {
      const failed = (): void => reject(new OwnTrouble(`the server of the kit did not start; it said: ${this.#said.trim()}`))
      const timer = setTimeout(failed, startMsMax)
      child.once('exit', failed)
      child.once('message', (message) => {
        clearTimeout(timer)
        child.off('exit', failed)
        resolve((message as { readonly port: number }).port)
      })
    })
  }

  /** SIGKILL. It is gone when this resolves. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** A backup beside the running server. */
  backUp(file: string): Promise<void> {
    return this.#operate(['backup', '--to', file, '--data', this.#folder])
  }

  /** Restores a backup while the server is stopped. */
  restore(file: string): Promise<void> {
    return this.#operate(['restore', file, '--replace', '--data', this.#folder])
  }

  #operate(args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [this.#programs.operator, ...args], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => (code === 0 ? resolve() : reject(new OwnTrouble(`bongsu ${args.join(' ')} ended with ${code}: ${said.trim()}`))))
    })
  }
}
