import type { Bus, Hint } from '../../delivery/bus.ts'

/** The bus of a single process: listeners are called at once, in the order they subscribed. */
export function createMemoryBus(): Bus {
  const listeners = new Set<(hint: Hint) => void>()
  return {
    publish(hint) {
      for (const listener of listeners) listener(hint)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
