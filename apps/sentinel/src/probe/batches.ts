import type { Clock } from '../clock.ts'
import type { Observation, ObservationBatch, Stage } from '../vocabulary/observation.ts'
import { hasFailed } from './try.ts'

/** How long observations are gathered. A failed one is sent at once. */
export const gatherMs = { calm: 2_000, alarmed: 500 } as const
/** Most observations in one batch. */
export const observationsPerBatchMax = 500

export type Batches = ReturnType<typeof createBatches>

/** Gathers observations into batches. Each batch says whether this place itself was online. */
export function createBatches(options: {
  readonly clock: Clock
  readonly post: string
  readonly alarmed: () => boolean
  readonly isOnline: () => Promise<boolean>
  /** Where a try fails now that was not answered by our server. */
  readonly stage: () => Promise<Stage>
  readonly report: (batch: ObservationBatch) => void
}) {
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
    // A successful try proves that this place is online. Only a failure leaves the question open.
    if (waiting.every((observation) => !hasFailed(observation))) return tell(true)
    asking = true
    void Promise.all([options.isOnline(), options.stage()]).then(([online, stage]) => {
      asking = false
      tell(online, stage)
    })
  }

  function tell(online: boolean, stage?: Stage): void {
    const told = waiting.map((observation) => (stage !== undefined && hasFailed(observation) ? { stage, ...observation } : observation))
    waiting = []
    for (let from = 0; from < told.length; from += observationsPerBatchMax)
      options.report({ post, online, observations: told.slice(from, from + observationsPerBatchMax) })
  }

  return {
    put(observation: Observation): void {
      if (stopped) return
      waiting.push(observation)
      if (hasFailed(observation)) flush()
      else plan()
    },
    /** Reports everything gathered so far, and nothing afterwards. A failure is dropped if the online check has not answered yet. */
    stop(): void {
      stopped = true
      cancel?.()
      cancel = null
      waiting = waiting.filter((observation) => !hasFailed(observation))
      tell(true)
    },
  }
}
