import { setTimeout as pause } from 'node:timers/promises'

/** What was waited for did not come. */
export class TookTooLong extends Error {}

/** The kit cannot do its work: its own server or its other people fail. The client is not to blame. */
export class OwnTrouble extends Error {}

/** Looks again and again until the answer is neither false, null nor undefined. Rejects with TookTooLong. @param what ends the sentence "Waited … ms for …". */
export async function until<T>(what: () => string, look: () => T | Promise<T>, withinMs: number): Promise<NonNullable<Exclude<T, false>>> {
  const startedAt = performance.now()
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<Exclude<T, false>>
    if (performance.now() - startedAt > withinMs) throw new TookTooLong(`waited ${withinMs} ms for ${what()}`)
    await pause(30)
  }
}

/** Whether it comes in time. */
export async function comes(look: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  try {
    return await until(() => '', look, withinMs)
  } catch (cause) {
    if (cause instanceof TookTooLong) return false
    throw cause
  }
}
