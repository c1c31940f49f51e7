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
  /** Wait after a failure: the first one, doubled with each failure in a row, and the longest. */
  retryMs: 1_000,
  retryMsMax: 8_000,
} as const

/** Is told of each failure. */
export type Failed = (place: string, cause: unknown) => void

/** Keeps one target up to date. Each target has a loop of its own, so that a hanging target does not delay the others. */
export function createPusher(parts: { readonly target: Target; readonly clock: Clock; readonly failed: Failed; readonly everyMs?: number }) {
  const { target, clock, failed, everyMs = TARGET_BOUNDS.everyMs } = parts
  const ending = new AbortController()
  let newest: Files | null = null
  let underWay: Promise<void> | null = null
  let notBefore = Number.NEGATIVE_INFINITY
  let failures = 0
  let cancelWait = (): void => undefined

  function proceed(): void {
    cancelWait()
    if (newest === null || underWay !== null || ending.signal.aborted) return
    const waitMs = notBefore - clock.monotonic()
    if (waitMs > 0) {
      cancelWait = clock.after(waitMs, proceed)
      return
    }
    underWay = push(newest).finally(() => {
      underWay = null
      proceed()
    })
    newest = null
    notBefore = clock.monotonic() + everyMs
  }

  async function push(files: Files): Promise<void> {
    try {
      await target.push(files, ending.signal)
      failures = 0
    } catch (cause) {
      if (ending.signal.aborted) return
      failed(target.name, cause)
      // Sending newer files is better than retrying older ones.
      if (newest !== null) return
      newest = files
      notBefore = clock.monotonic() + Math.min(TARGET_BOUNDS.retryMsMax, TARGET_BOUNDS.retryMs * 2 ** failures++)
    }
  }

  return {
    /** Sets the newest files. Older ones that were not sent yet are dropped. `urgent`: the statements changed, not only the age. */
    offer(files: Files, urgent: boolean): void {
      newest = files
      if (urgent) notBefore = Number.NEGATIVE_INFINITY
      proceed()
    },
    /** Resolves when nothing is being sent. Files that wait for their time may still wait. */
    async idle(): Promise<void> {
      for (let job = underWay; job !== null; job = underWay) await job
    },
    async stop(): Promise<void> {
      ending.abort()
      cancelWait()
      await underWay
    },
  }
}
