import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the event loop is looked at, in ms. */
const RESOLUTION_MS = 5

export interface LoopDelay {
  /** 99th percentile since the call before, in ms: how much later than asked the loop came to a timer. Starts anew. */
  takeP99Ms(): number
}

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    takeP99Ms() {
      // The histogram holds the time between two looks, so that a loop with nothing to do shows the resolution itself.
      const p99 = Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
      histogram.reset()
      return p99
    },
  }
}
