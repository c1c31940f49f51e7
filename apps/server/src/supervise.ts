import { spawn, type ChildProcess } from 'node:child_process'

export const SUPERVISE_BOUNDS = {
  /** Wait before a program that ended by itself is started again. It doubles each time, up to the maximum. */
  restartMs: 200,
  restartMsMax: 10_000,
  /** After running this long, a program counts as sound again and the wait starts from the minimum. */
  soundMs: 60_000,
  /** A stop that takes longer is forced. */
  stopMs: 15_000,
} as const

export interface Program {
  readonly name: string
  /** The file and its arguments. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Supervised {
  /** Resolves with the program's first message over its channel. Rejects with its exit code when it ended before. */
  readonly ready: Promise<unknown>
  /** SIGTERM, then SIGKILL. Resolves when the program has ended. The program is not restarted. */
  stop(): Promise<void>
}

/** The program ended before it was ever ready, because of wrong settings or a damaged file. A restart would change nothing. */
export class EndedEarly extends Error {
  readonly code: number
  constructor(name: string, code: number) {
    super(`The ${name} ended before it was ready.`)
    this.code = code
  }
}

/** Keeps a program running [O4]: it is restarted whenever it ends. When this process ends, the channel closes and tells the program to end too. */
export function supervise(program: Program, said: (text: string) => void): Supervised {
  const { promise: ready, resolve, reject } = Promise.withResolvers<unknown>()
  let child: ChildProcess | null = null
  let stopping = false
  let wasReady = false
  let restartMs: number = SUPERVISE_BOUNDS.restartMs
  let timer: NodeJS.Timeout | undefined
  let gone = Promise.withResolvers<void>()

  function start(): void {
    gone = Promise.withResolvers()
    const startedAt = performance.now()
    const started = spawn(process.execPath, [...program.args], { env: { ...program.env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child = started
    started.once('message', (message) => {
      wasReady = true
      resolve(message)
    })
    // The program could not be started at all. There is no `exit` event then.
    started.once('error', () => ended(1))
    started.once('exit', (code, signal) => ended(code ?? (signal === null ? 1 : 128)))

    let over = false
    function ended(code: number): void {
      if (over) return
      over = true
      child = null
      gone.resolve()
      if (stopping) return
      if (!wasReady) return reject(new EndedEarly(program.name, code))
      if (performance.now() - startedAt > SUPERVISE_BOUNDS.soundMs) restartMs = SUPERVISE_BOUNDS.restartMs
      said(`The ${program.name} ended (${code}) and restarts in ${restartMs / 1_000} s.`)
      timer = setTimeout(start, restartMs)
      restartMs = Math.min(SUPERVISE_BOUNDS.restartMsMax, restartMs * 2)
    }
  }

  start()
  return {
    ready,
    async stop() {
      stopping = true
      clearTimeout(timer)
      const last = child
      if (last === null) return
      last.kill('SIGTERM')
      const late = setTimeout(() => last.kill('SIGKILL'), SUPERVISE_BOUNDS.stopMs)
      await gone.promise
      clearTimeout(late)
    },
  }
}
