import { setTimeout as pause } from 'node:timers/promises'

/** Asks again and again until the answer is neither false, null nor undefined. @param what ends the sentence "Waited … ms for …". */
export async function waitFor<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  { withinMs = 30_000, everyMs = 20 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const startedAt = performance.now()
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<Exclude<T, false>>
    if (performance.now() - startedAt > withinMs) throw new Error(`Waited ${withinMs} ms for ${typeof what === 'string' ? what : what()}.`)
    await pause(everyMs)
  }
}
