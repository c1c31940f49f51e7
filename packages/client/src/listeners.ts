/** Whoever wants to hear of changes. */
export interface Listeners {
  /** They hear of it once a turn, however much changes in it. */
  tell(): void
  /** The same function may listen twice. @returns a function that ends it. */
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
