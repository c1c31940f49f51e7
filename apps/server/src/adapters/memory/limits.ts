import type { Clock } from '../../ops/clock.ts'
import type { Left, Limits } from '../../ops/limits.ts'

/** Most counted keys. Beyond it the key with the oldest window is forgotten. */
export const KEYS_MAX = 100_000

interface Count {
  taken: number
  /** Monotonic ms at which the key is forgotten. */
  readonly endsAt: number
}

/** The limits of a single process. They use the monotonic clock, so that a jumping wall clock neither locks anybody out nor lets anybody in. */
export function createMemoryLimits(clock: Pick<Clock, 'monotonic'>, keysMax = KEYS_MAX): Limits {
  /** In the order of their windows' starts. */
  const counts = new Map<string, Count>()

  function current(key: string, now: number): Count | undefined {
    const count = counts.get(key)
    return count !== undefined && now < count.endsAt ? count : undefined
  }

  function begin(key: string, endsAt: number, now: number, taken: number): void {
    counts.delete(key)
    counts.set(key, { taken, endsAt })
    // Removes two expired ones for each new one, so that they cannot grow for ever.
    let looked = 0
    for (const [oldest, count] of counts) {
      if ((now < count.endsAt && counts.size <= keysMax) || looked++ >= 2) break
      counts.delete(oldest)
    }
  }

  return {
    async spend(key, points, windowMs, used = 1) {
      const now = clock.monotonic()
      const count = current(key, now)
      if (count === undefined) begin(key, now + windowMs, now, used)
      else if (count.taken >= points) return { ok: false, retryAfterMs: Math.ceil(count.endsAt - now) }
      else count.taken += used
      return (count?.taken ?? used) <= points ? { ok: true } : { ok: false, retryAfterMs: Math.ceil((count?.endsAt ?? now + windowMs) - now) }
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
