import type { Clock } from '../clock.ts'

/** How often this program checks that it still runs. */
const beatMs = 250
/** A gap this long means that the program did not run: the machine was busy or suspended it. */
export const stallMs = 1_000

/**
 * Notices when this program itself stood still. A try that timed out while nobody could read the answer says nothing about the messenger and is not
 * reported.
 */
export function watchStalls(clock: Clock) {
  let beatAt = clock.monotonic()
  let lastEndedAt = Number.NEGATIVE_INFINITY

  function look(): void {
    const now = clock.monotonic()
    if (now - beatAt >= beatMs + stallMs) lastEndedAt = now
    beatAt = now
  }

  const stop = clock.every(beatMs, look)
  return {
    /** Whether there was a stall between then (monotonic ms) and now. */
    since(monotonicMs: number): boolean {
      // When both timers are late, the timer of a try may run before this one.
      look()
      return lastEndedAt > monotonicMs
    },
    stop,
  }
}

export type Stalls = Pick<ReturnType<typeof watchStalls>, 'since'>
