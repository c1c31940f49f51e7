import type { Clock } from '../clock.ts'
import type { Observation, ObservationBatch } from '../record/observation.ts'
import { hasFailed } from './try.ts'

/** Observations are gathered this long. One that failed goes at once. */
export const gatherMs = { calm: 2_000, alarmed: 500 } as const
/** Most in one batch. */
export const observationsPerBatchMax = 500

export interface Batches {
  put(observation: Observation): void
  /** Reports what has been gathered and is known, and nothing afterwards: what failed while it was asked whether this place is online is left out. */
  stop(): void
}

/** Gathers observations into batches, each with the answer to whether this place was online itself. */
export function createBatches(options: {
  readonly clock: Clock
  readonly post: string
  readonly alarmed: () => boolean
  readonly isOnline: () => Promise<boolean>
  readonly report: (batch: ObservationBatch) => void
}): Batches {
  const { clock, post } = options
  let waiting: Observation[] = []
  let cancel: (() => void) | null = null
  let asking = false
  let stopped = false

  function plan(): void {
    if (asking || stopped) return
    cancel ??= clock.after(options.alarmed() ? gatherMs.alarmed : gatherMs.calm, flush)
  }

  function flush(): void {
    cancel?.()
    cancel = null
    if (asking || waiting.length === 0) return
    // A try that succeeded has shown it; only one that failed leaves it open.
    if (waiting.every((observation) => !hasFailed(observation))) return tell(true)
    asking = true
    void options.isOnline().then((online) => {
      asking = false
      tell(online)
    })
  }

  function tell(online: boolean): void {
    const told = waiting
    waiting = []
    for (let from = 0; from < told.length; from += observationsPerBatchMax)
      options.report({ post, online, observations: told.slice(from, from + observationsPerBatchMax) })
  }

  return {
    put(observation) {
      if (stopped) return
      waiting.push(observation)
      if (hasFailed(observation)) flush()
      else plan()
    },
    stop() {
      stopped = true
      cancel?.()
      cancel = null
      waiting = waiting.filter((observation) => !hasFailed(observation))
      tell(true)
    },
  }
}
