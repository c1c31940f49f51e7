import { startProcess, WIDE, withoutSettings, type OwnProcess } from './own-process.ts'
import { OwnTrouble } from './until.ts'

const startMsMax = 30_000
/** Most kept of what the server writes, in characters. */
const saidCharsMax = 8_000

/** Limits against strangers are wide, because the kit is everybody at once. Heartbeats are quick, because many trials wait for some. */
export const heartbeatMs = 1_000
const SETTINGS: Readonly<Record<string, string>> = {
  ...WIDE,
  BONGSU_PORT: '0',
  BONGSU_REGISTRATION: 'open',
  BONGSU_REACH: 'everyone',
  BONGSU_HEARTBEAT_MS: String(heartbeatMs),
  BONGSU_FRAMES_PER_SECOND: '1000000',
  BONGSU_FRAMES_BURST: '1000000',
  BONGSU_TEXT_BYTES_PER_HOUR: '1000000000000',
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
  #process: OwnProcess | null = null
  #port = 0
  #said = ''

  constructor(programs: ServerPrograms, folder: string, env: Readonly<Record<string, string | undefined>>) {
    this.#programs = programs
    this.#folder = folder
    this.#env = { ...withoutSettings(env), ...SETTINGS, BONGSU_DATA: folder }
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
    const hear = (text: string): void => void (this.#said = (this.#said + text).slice(-saidCharsMax))
    this.#process = startProcess([this.#programs.server], { env: this.#env, channel: true }, hear)
    const { child } = this.#process
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
    this.#process?.child.kill('SIGKILL')
    await this.#process?.exited
  }

  /** A backup beside the running server. */
  backUp(file: string): Promise<void> {
    return this.#operate(['backup', '--to', file, '--data', this.#folder])
  }

  /** Restores a backup while the server is stopped. */
  restore(file: string): Promise<void> {
    return this.#operate(['restore', file, '--replace', '--data', this.#folder])
  }

  async #operate(args: readonly string[]): Promise<void> {
    let said = ''
    const { code } = await startProcess([this.#programs.operator, ...args], { env: this.#env }, (text) => (said += text)).exited
    if (code !== 0) throw new OwnTrouble(`bongsu ${args.join(' ')} ended with ${code}: ${said.trim()}`)
  }
}
