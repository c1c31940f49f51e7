import { spawn, type ChildProcess } from 'node:child_process'

export const SUPERVISE_BOUNDS = {
  /** How long a program that ended by itself is left alone before it is started again: doubled each time, up to the most. */
  restartMs: 200,
  restartMsMax: 10_000,
  /** One that has run for so long is taken for sound again. */
  soundMs: 60_000,
  /** A stop that takes longer is ended. */
  stopMs: 15_000,
} as const

export interface Program {
  readonly name: string
  /** The file and its arguments. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Supervised {
  /** Resolves when the program has said what it has to say: the first message over its channel. Rejects with its exit code when it ended before. */
  readonly ready: Promise<unknown>
  /** SIGTERM, then SIGKILL. Resolves when it is gone; it is not started again. */
  stop(): Promise<void>
}

/** A program that ended before it was ever ready: wrong settings, a damaged file. Starting it again would change nothing. */
export class EndedEarly extends Error {
  readonly code: number
  constructor(name: string, code: number) {
    super(`The ${name} ended before it was ready.`)
    this.code = code
  }
}

/**
 * Keeps a program of ours running [O4]: whatever ends it, it is started again. It is told by the closing of its channel when this process is gone,
 * so that nothing is left behind.
 */
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
    // It could not even be started; `exit` does not come then.
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
      said(`The ${program.name} ended (${code}) and is started again in ${restartMs / 1_000} s.`)
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
