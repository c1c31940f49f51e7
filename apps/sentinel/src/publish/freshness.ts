import type { Clock } from '../clock.ts'
import { isStale, STALE_AFTER_MS } from './headline.ts'

/**
 * Age of the newest evidence by both clocks: the wall clock may be set back, and the monotonic clock knows nothing of the time before the start [S2].
 */
export interface Freshness {
  /** To be called when a snapshot with this newest evidence was made. */
  saw(measuredAt: number | null): void
  isStale(): boolean
}

export function createFreshness(clock: Clock): Freshness {
  let newest: number | null = null
  let changedAt = clock.monotonic()
  return {
    saw(measuredAt) {
      if (measuredAt === newest) return
      newest = measuredAt
      changedAt = clock.monotonic()
    },
    // Evidence that has not changed for this long is old, whatever the wall clock says.
    isStale: () => newest !== null && (isStale(newest, clock.now()) || clock.monotonic() - changedAt > STALE_AFTER_MS),
  }
}
