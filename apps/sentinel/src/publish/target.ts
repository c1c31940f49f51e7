import type { Clock } from '../clock.ts'
import type { Files } from './render.ts'

/** Another place that shall hold the same files: a host reached by rsync, or a bucket. */
export interface Target {
  /** As the operator knows it; without secrets. */
  readonly name: string
  /** @throws when the place could not be brought up to date. What is there then is older, but whole. */
  push(files: Files, cancelled: AbortSignal): Promise<void>
}

export const TARGET_BOUNDS = {
  /** No more often than this, where only the time of measurement has changed. Well below what turns a page stale. */
  everyMs: 10_000,
  /** Tries of one state, before the next state is waited for. */
  triesMax: 3,
  retryMs: 1_000,
  /** Longest wait between tries. */
  retryMsMax: 8_000,
} as const

export interface TargetReport {
  readonly target: string
  /** Null when it succeeded. */
  readonly cause: unknown
}

/** Keeps one target up to date. Each has a loop of its own, so that one that hangs holds up no other. */
export interface Pusher {
  /** Remembers the newest files; older ones that were not yet sent are forgotten. `urgent`: what is said has changed, not only its age. */
  offer(files: Files, urgent: boolean): void
  /** Resolves when nothing is under way; what waits for its time may still wait. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export function createPusher(parts: {
  readonly target: Target
  readonly clock: Clock
  readonly report: (report: TargetReport) => void
  readonly everyMs?: number
}): Pusher {
  const { target, clock, report, everyMs = TARGET_BOUNDS.everyMs } = parts
  const ending = new AbortController()
  let newest: Files | null = null
  let underWay: Promise<void> | null = null
  let notBefore = Number.NEGATIVE_INFINITY
  let cancelWait: (() => void) | null = null

  function begin(): void {
    if (newest === null || underWay !== null || ending.signal.aborted) return
    const files = newest
    newest = null
    cancelWait?.()
    cancelWait = null
    notBefore = clock.monotonic() + everyMs
    underWay = attempt(files).finally(() => {
      underWay = null
      schedule()
    })
  }

  function schedule(): void {
    if (newest === null || underWay !== null || cancelWait !== null || ending.signal.aborted) return
    const waitMs = notBefore - clock.monotonic()
    if (waitMs <= 0) return begin()
    cancelWait = clock.after(waitMs, () => {
      cancelWait = null
      begin()
    })
  }

  async function attempt(files: Files): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await target.push(files, ending.signal)
        return report({ target: target.name, cause: null })
      } catch (cause) {
        if (ending.signal.aborted) return
        report({ target: target.name, cause: cause ?? new Error('The target failed without a reason.') })
        // What is newer is worth more than another try of what is older.
        if (tries >= TARGET_BOUNDS.triesMax || newest !== null) return
      }
      await pause(Math.min(TARGET_BOUNDS.retryMsMax, TARGET_BOUNDS.retryMs * 2 ** (tries - 1)))
      if (ending.signal.aborted) return
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        ending.signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = clock.after(ms, end)
      ending.signal.addEventListener('abort', end)
    })
  }

  return {
    offer(files, urgent) {
      newest = files
      if (urgent) notBefore = Number.NEGATIVE_INFINITY
      if (urgent && cancelWait !== null) {
        cancelWait()
        cancelWait = null
      }
      schedule()
    },
    async idle() {
      for (let job = underWay; job !== null; job = underWay) await job
    },
    async stop() {
      ending.abort()
      cancelWait?.()
      await underWay
    },
  }
}
