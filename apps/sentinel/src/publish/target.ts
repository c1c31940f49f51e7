import type { Clock } from '../clock.ts'
import type { Files } from './render.ts'

/** Another place that holds the same files: a host reached by rsync, or a bucket. */
export interface Target {
  /** Name for the operator, without secrets. */
  readonly name: string
  /** @throws when the place could not be updated. Its content is then older, but consistent. */
  push(files: Files, cancelled: AbortSignal): Promise<void>
}

export const TARGET_BOUNDS = {
  /** Least time between two updates when only the time of measuring has changed. Well below the age at which a page is stale. */
  everyMs: 10_000,
  /** Tries for one state before the next state is awaited. */
  triesMax: 3,
  retryMs: 1_000,
  /** Longest wait between tries. */
  retryMsMax: 8_000,
} as const

export interface TargetReport {
  readonly target: string
  /** Null on success. */
  readonly cause: unknown
}

/** Keeps one target up to date. Each target has a loop of its own, so that a hanging target does not delay the others. */
export interface Pusher {
  /** Sets the newest files. Older ones that were not sent yet are dropped. `urgent`: the statements changed, not only the age. */
  offer(files: Files, urgent: boolean): void
  /** Resolves when nothing is being sent. Files that wait for their time may still wait. */
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
        // Sending newer files is better than retrying older ones.
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
