import type { AccountsParts } from '../accounts/parts.ts'
import type { Bus } from '../delivery/bus.ts'
import type { Limits } from '../ops/limits.ts'
import { createArrivals, type Arrivals } from './arrivals.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'
import type { CommonClock } from './common-clock.ts'
import { openRoll } from './roll.ts'
import { createSharedLimits, type LimitKind, type SharedLimits } from './shared-limits.ts'
import { createWatchedBus, type WatchedBus } from './watched-bus.ts'

/** What this process has in common with others on the same store. */
export interface Processes {
  readonly bus: WatchedBus
  readonly arrivals: Arrivals
  limits(kind: LimitKind, keysMax?: number): Limits
  /** Other processes that live. */
  others(): number
  /** Resolves when the others can know that this process has gone. */
  leave(): Promise<void>
}

/** The clock's `now` is the common one. */
export interface JoinParts extends Pick<AccountsParts, 'sql' | 'db' | 'clock'> {
  readonly common: Pick<CommonClock, 'set'>
  readonly process: string
  /** All processes have the same one. */
  readonly secret: Uint8Array
  readonly bus: Bus
  readonly failed: (cause: unknown) => void
}

/** Joins the server processes on this store. */
export async function joinProcesses(parts: JoinParts): Promise<Processes> {
  const { clock, bus, process, common, failed } = parts
  const roll = await openRoll(parts)
  const limits: SharedLimits[] = []
  const watched = createWatchedBus({ bus, clock, process, living: roll.living })
  const beating = clock.every(PROCESSES_BOUNDS.beatMs, () => void Promise.all([common.set(), roll.beat()]).catch(failed))
  const tidying = clock.every(PROCESSES_BOUNDS.tidyMs, () => void tidy().catch(failed))

  async function tidy(): Promise<void> {
    for (const each of limits) await each.tidy()
  }

  return {
    bus: watched,
    arrivals: createArrivals(parts),
    limits(kind, keysMax) {
      const made = createSharedLimits(parts, kind, keysMax)
      limits.push(made)
      return made
    },
    others: () => roll.living().size,
    async leave() {
      beating()
      tidying()
      watched.stop()
      await roll.leave()
    },
  }
}
