/** Listeners to changes. */
export interface Listeners {
  /** Calls all listeners once in a turn, however much changes in it. */
  tell(): void
  /** The same function may be added twice. @returns a function that removes it. */
  add(listener: () => void): () => void
}

export function createListeners(): Listeners {
  const all = new Set<() => void>()
  let telling = false
  return {
    tell() {
      if (telling) return
      telling = true
      queueMicrotask(() => {
        telling = false
        for (const listener of all) listener()
      })
    },
    add(listener) {
      const own = (): void => listener()
      all.add(own)
      return () => all.delete(own)
    },
  }
}
