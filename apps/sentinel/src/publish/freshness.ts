import type { Clock } from '../clock.ts'
import { isStale, STALE_AFTER_MS } from './headline.ts'

/** How old the newest evidence is, by both clocks: the one of the wall may be set back, the other knows nothing of before the start [S2]. */
export interface Freshness {
  /** A snapshot with this newest evidence was made. */
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
    // Evidence that has not changed for so long is old, whatever the wall says.
    isStale: () => newest !== null && (isStale(newest, clock.now()) || clock.monotonic() - changedAt > STALE_AFTER_MS),
  }
}
