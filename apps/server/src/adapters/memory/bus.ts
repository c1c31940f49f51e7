import { Listeners, type Bus } from '../../delivery/bus.ts'

/** The bus of a single process: listeners are called at once. */
export function createMemoryBus(): Bus {
  const listeners = new Listeners()
  return {
    publish: (hint) => listeners.tell(hint),
    subscribe: (subject, listener) => listeners.add(subject, listener),
    unsubscribe: (subject, listener) => listeners.remove(subject, listener),
    isDeaf: () => false,
  }
}
