import { spawn, type ChildProcess } from 'node:child_process'

export const SUPERVISE_BOUNDS = {
  /** Wait before a program that ended by itself is started again. It doubles each time, up to the maximum. */
  restartMs: 200,
  restartMsMax: 10_000,
  /** After running this long, a program counts as sound again and the wait starts from the minimum. */
  soundMs: 60_000,
  /** A stop that takes longer is forced. A program forces its own stop sooner. */
  stopMs: 50_000,
  /** Longest wait for each step of handing over. The last step moves all devices. */
  handOverMs: 30_000,
} as const

/** Argument of a process whose parent shows its addresses and links [O9]. */
export const NO_GREETING = '--no-greeting'

/** Argument of a process that is to follow a running one: it loads its program, says `standing-by`, and waits for `go`. */
export const STAND_BY = '--stand-by'

export interface Program {
  readonly name: string
  /** The file and its arguments. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Supervised {
  /** Resolves with the program's first ready message. Rejects with its exit code when it ended before. */
  readonly ready: Promise<unknown>
  /**
   * Replaces the running process by a new one, for example after an upgrade [O5]: the new one loads its program, the old one releases the store, the new
   * one opens it and listens, and the old one moves its devices there. @returns false when the new process did not get ready: the program is restarted.
   */
  handOver(): Promise<boolean>
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

/**
 * Keeps a program running [O4]: it is restarted whenever it ends. When this process ends, the channel closes and tells the program to end too.
 * @param isReady called with the ready message of each of its processes, which is an object; all other messages are words.
 */
export function supervise(program: Program, said: (text: string) => void, isReady: (message: unknown) => void = () => undefined): Supervised {
  const { promise: ready, resolve, reject } = Promise.withResolvers<unknown>()
  let child: ChildProcess | null = null
  let stopping = false
  let wasReady = false
  let restartMs: number = SUPERVISE_BOUNDS.restartMs
  let timer: NodeJS.Timeout | undefined
  let gone = Promise.withResolvers<void>()

  let handing = false

  function run(...more: readonly string[]): ChildProcess {
    const started = spawn(process.execPath, [...program.args, ...more], { env: { ...program.env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    return started.on('message', (message) => {
      if (typeof message !== 'object') return
      wasReady = true
      isReady(message)
      resolve(message)
    })
  }

  function start(): void {
    keep(run())
  }

  /** The process is the program from now on, and is restarted when it ends. */
  function keep(started: ChildProcess): void {
    clearTimeout(timer)
    gone = Promise.withResolvers()
    const mine = gone
    const startedAt = performance.now()
    child = started
    // The program could not be started at all. There is no `exit` event then.
    started.once('error', () => ended(1))
    started.once('exit', (code, signal) => ended(code ?? (signal === null ? 1 : 128)))

    let over = false
    function ended(code: number): void {
      if (over) return
      over = true
      mine.resolve()
      // Another process has taken its place.
      if (child !== started) return
      child = null
      if (stopping) return
      if (!wasReady) return reject(new EndedEarly(program.name, code))
      if (performance.now() - startedAt > SUPERVISE_BOUNDS.soundMs) restartMs = SUPERVISE_BOUNDS.restartMs
      said(`The ${program.name} ended (${code}) and restarts in ${restartMs / 1_000} s.`)
      timer = setTimeout(start, restartMs)
      restartMs = Math.min(SUPERVISE_BOUNDS.restartMsMax, restartMs * 2)
    }
  }

  async function handOver(): Promise<boolean> {
    const old = child
    if (old === null || handing || !wasReady || stopping) return false
    handing = true
    const next = run(STAND_BY)
    let released = false
    try {
      await told(next, (word) => word === 'standing-by')
      released = true
      old.send('release')
      await told(old, (word) => word === 'released')
      next.send('go')
      await told(next, (word) => typeof word === 'object')
    } catch {
      next.kill('SIGKILL')
      // Without its store the old process is of no use, and is restarted.
      if (released) old.kill('SIGKILL')
      handing = false
      return false
    }
    const last = gone
    keep(next)
    if (stopping) next.kill('SIGTERM')
    old.send('move')
    const late = setTimeout(() => old.kill('SIGKILL'), SUPERVISE_BOUNDS.handOverMs)
    await last.promise
    clearTimeout(late)
    handing = false
    return true
  }

  start()
  return {
    ready,
    handOver,
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

/** Waits for a message of a process. Rejects when the process ends, or does not say it in time. */
function told(from: ChildProcess, is: (said: unknown) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => done(reject), SUPERVISE_BOUNDS.handOverMs)
    const ended = (): void => done(reject)
    const heard = (said: unknown): void => {
      if (is(said)) done(resolve)
    }
    function done(settle: () => void): void {
      clearTimeout(late)
      from.off('message', heard).off('exit', ended).off('error', ended)
      settle()
    }
    from.on('message', heard).on('exit', ended).on('error', ended)
  })
}
