import { setTimeout as pause } from 'node:timers/promises'

/** Looks again and again until the answer is neither false, null nor undefined. Rejects with the sentence `what` when that takes too long. */
export async function until<T>(what: () => string, look: () => T | Promise<T>, withinMs: number): Promise<NonNullable<Exclude<T, false>>> {
  const startedAt = performance.now()
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<Exclude<T, false>>
    if (performance.now() - startedAt > withinMs) throw new Error(`waited ${withinMs} ms for ${what()}`)
    await pause(30)
  }
}
