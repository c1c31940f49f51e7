import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { greetingIn, type Command, type Greeting } from './line-protocol.ts'

/** Longest time until the client answers a command. None of them waits for the network, but `open` before the first sign-in, `older` and `audit`. */
const answerMsMax = 20_000
/** Most kept of what the client writes to standard error, in characters. */
const saidCharsMax = 4_000

type Answer = Readonly<Record<string, unknown>>

export interface ClientProgram {
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The client under test: a process that is told what to do, killed, and started again on the same folder. */
export class DrivenClient {
  readonly #program: ClientProgram
  readonly #opening: Extract<Command, { do: 'open' }>
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(cause: Error): void }>()
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()
  #count = 0
  #said = ''

  constructor(program: ClientProgram, opening: Extract<Command, { do: 'open' }>) {
    this.#program = program
    this.#opening = opening
  }

  /** Starts the process and opens the folder. Resolves when the client has said who it is. */
  async start(): Promise<Greeting> {
    const [file = '', ...args] = this.#program.command
    // A group of its own: what is killed may be a shell or a launcher with the client inside.
    const child = spawn(file, args, { env: this.#program.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#child = child
    this.#exited = new Promise((resolve) => {
      child.once('error', (cause) => this.#fail(`the client cannot be started: ${cause.message}`, resolve))
      child.once('exit', (code, signal) => this.#fail(`the client ended (${code ?? signal}); it said: ${this.#said.trim()}`, resolve))
    })
    child.stdin.on('error', () => undefined)
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-saidCharsMax)))
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line))
    return greetingIn(await this.ask(this.#opening))
  }

  ask(command: Command): Promise<Answer> {
    const n = ++this.#count
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(n)
        reject(new Error(`the client did not answer ${command.do} within ${answerMsMax} ms; it said: ${this.#said.trim()}`))
      }, answerMsMax)
      const settled = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(n)
      }
      this.#waiting.set(n, {
        resolve: (answer) => (settled(), resolve(answer)),
        reject: (cause) => (settled(), reject(cause)),
      })
      this.#child?.stdin?.write(`${JSON.stringify({ n, ...command })}\n`)
    })
  }

  /** SIGKILL for the process and everything it started. It is gone when this resolves. */
  async kill(): Promise<void> {
    this.killNow()
    await this.#exited
  }

  killNow(): void {
    const { pid } = this.#child ?? {}
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
      this.#child = null
    }
  }

  #hear(line: string): void {
    let answer: Answer
    try {
      answer = JSON.parse(line) as Answer
    } catch {
      this.#said = `${this.#said}${line}\n`.slice(-saidCharsMax)
      return
    }
    const waiting = this.#waiting.get(answer['n'] as number)
    if (typeof answer['error'] === 'string') waiting?.reject(new Error(`the client answered with an error: ${answer['error']}`))
    else waiting?.resolve(answer)
  }

  #fail(sentence: string, done: () => void): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(sentence))
    done()
  }
}
