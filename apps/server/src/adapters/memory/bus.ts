import { subjectOf, type Bus, type Listener, type Subject } from '../../delivery/bus.ts'

/** The bus of a single process: listeners are called at once, in the order of their first subscriptions. */
export function createMemoryBus(): Bus {
  const listening = new Map<Listener, Set<Subject>>()
  return {
    publish(hint) {
      const subject = subjectOf(hint)
      for (const [listener, subjects] of listening) if (subjects.has(subject)) listener(hint)
    },
    subscribe(subject, listener) {
      const subjects = listening.get(listener)
      if (subjects === undefined) listening.set(listener, new Set([subject]))
      else subjects.add(subject)
    },
    unsubscribe(subject, listener) {
      const subjects = listening.get(listener)
      subjects?.delete(subject)
      if (subjects?.size === 0) listening.delete(listener)
    },
  }
}
