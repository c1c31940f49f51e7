import type { Bus, Hint } from '../delivery/bus.ts'
import type { Clock } from '../ops/clock.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'

/** A bus that knows whether it hears every process that lives. */
export interface WatchedBus extends Bus {
  /** Whether it has been deaf for so long that somebody should look. */
  isDeafForLong(): boolean
  stop(): void
}

/**
 * Every process says on the bus that it runs. One that lives by the store and is not heard shows a broken way between NATS servers, or hints that are
 * dropped, which no connection tells.
 * @param living other processes that live, by the store.
 */
export function createWatchedBus(options: {
  readonly bus: Bus
  readonly clock: Pick<Clock, 'monotonic' | 'every'>
  readonly process: string
  readonly living: () => ReadonlySet<string>
}): WatchedBus {
  const { bus, clock, process, living } = options
  /** Signs of life that are missing of each living process. Counted in own turns: a process that was late itself does not blame others. */
  const missing = new Map<string, number>()
  let deafSince: number | null = null
  /** Monotonic ms until which somebody should look for hints that another process has lost. */
  let lostUntil = -Infinity

  const listener = (hint: Hint): void => {
    if (hint.t === 'lost') lostUntil = clock.monotonic() + PROCESSES_BOUNDS.lostMs
    if (hint.t === 'running' && missing.has(hint.process)) missing.set(hint.process, 0)
  }
  bus.subscribe('all', listener)
  const cancel = clock.every(PROCESSES_BOUNDS.runningMs, () => {
    bus.publish({ t: 'running', process })
    const all = living()
    for (const other of missing.keys()) if (!all.has(other)) missing.delete(other)
    for (const other of all) missing.set(other, (missing.get(other) ?? 0) + 1)
    deafSince = isDeaf() ? (deafSince ?? clock.monotonic()) : null
  })

  function isDeaf(): boolean {
    return bus.isDeaf() || clock.monotonic() < lostUntil || [...missing.values()].some((count) => count > PROCESSES_BOUNDS.unheardMax)
  }

  return {
    publish: (hint) => bus.publish(hint),
    subscribe: (subject, each) => bus.subscribe(subject, each),
    unsubscribe: (subject, each) => bus.unsubscribe(subject, each),
    isDeaf,
    isDeafForLong: () => deafSince !== null && clock.monotonic() - deafSince >= PROCESSES_BOUNDS.tellDeafMs,
    stop() {
      cancel()
      bus.unsubscribe('all', listener)
    },
  }
}
