import type { Clock } from '../clock.ts'

/** How often this program looks whether it still runs. */
const beatMs = 250
/** A gap this long means that it did not run meanwhile: the machine was busy, or had stopped it. */
export const stallMs = 1_000

/**
 * Knows when this program itself stood still. A try whose time ran out while nobody could read the answer says nothing about the messenger, and
 * is not told.
 */
export interface Stalls {
  /** Was there a stall between then (monotonic ms) and now? */
  since(monotonicMs: number): boolean
  stop(): void
}

export function watchStalls(clock: Clock): Stalls {
  let beatAt = clock.monotonic()
  let lastEndedAt = Number.NEGATIVE_INFINITY

  function look(): void {
    const now = clock.monotonic()
    if (now - beatAt >= beatMs + stallMs) lastEndedAt = now
    beatAt = now
  }

  const cancel = clock.every(beatMs, look)
  return {
    since(monotonicMs) {
      // The timer of a try may run before ours when both are late.
      look()
      return lastEndedAt > monotonicMs
    },
    stop: cancel,
  }
}
