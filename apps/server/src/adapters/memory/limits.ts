import type { Clock } from '../../ops/clock.ts'
import type { Left, Limits } from '../../ops/limits.ts'

/** Keys counted at a time; beyond it the key whose window began longest ago is forgotten. */
export const KEYS_MAX = 100_000

interface Count {
  taken: number
  /** Monotonic ms at which it is forgotten. */
  readonly endsAt: number
}

/** The limits of a single process. By the monotonic clock, so that a wall clock that jumps neither locks anybody out nor lets anybody in. */
export function createMemoryLimits(clock: Pick<Clock, 'monotonic'>, keysMax = KEYS_MAX): Limits {
  /** In the order in which their windows began. */
  const counts = new Map<string, Count>()

  function current(key: string, now: number): Count | undefined {
    const count = counts.get(key)
    return count !== undefined && now < count.endsAt ? count : undefined
  }

  function begin(key: string, endsAt: number, now: number): void {
    counts.delete(key)
    counts.set(key, { taken: 1, endsAt })
    // Two for each that begins, so that they cannot grow for ever.
    let looked = 0
    for (const [oldest, count] of counts) {
      if ((now < count.endsAt && counts.size <= keysMax) || looked++ >= 2) break
      counts.delete(oldest)
    }
  }

  return {
    async take(key, points, windowMs) {
      const now = clock.monotonic()
      const count = current(key, now)
      if (count === undefined) begin(key, now + windowMs, now)
      else if (count.taken >= points) return { ok: false, retryAfterMs: Math.ceil(count.endsAt - now) }
      else count.taken++
      return { ok: true }
    },

    async look(key, points): Promise<Left> {
      const now = clock.monotonic()
      const count = current(key, now)
      if (count === undefined) return { points, windowMs: 0 }
      return { points: Math.max(0, points - count.taken), windowMs: Math.ceil(count.endsAt - now) }
    },

    async forget(key) {
      counts.delete(key)
    },
  }
}
