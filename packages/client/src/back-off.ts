import type { Random } from './ports.ts'

/** First and last bound of the wait between two tries: a person in front of the screen waits at most half a minute once the server is back. */
export const baseMs = 1_000
export const capMs = 30_000
/** Longest wait a server can ask for. */
export const directedMsMax = 300_000

/** What determines the next try after a connection ended. */
export interface Ending {
  /** Failed connections in a row. */
  readonly failures: number
  /** Many others may have lost their connection at the same moment: the first wait is spread over at least this. 0 otherwise. */
  readonly spreadMs: number
  /** The server has announced the end, and somebody is ready within this time, or will be: the first try comes within it. Null otherwise. */
  readonly movedMs?: number | null
  /** The server's wait. It is kept even when the person is waiting [O3]. */
  readonly retryAfterMs: number | null
}

/**
 * Full jitter: a uniform wait below min(cap, base × 2^failures), so that a thousand devices that lost the same server do not come back together.
 * (Brooker, "Exponential Backoff And Jitter", AWS 2015.) A turn in the server's queue is kept, give or take a second.
 */
export function waitMsAfter({ failures, spreadMs, movedMs = null, retryAfterMs }: Ending, random: Random): number {
  // [seam: told-wait]
  if (retryAfterMs !== null) {
    const directedMs = Math.min(directedMsMax, retryAfterMs)
    return directedMs + Math.floor(random.next() * Math.min(baseMs, directedMs))
  }
  if (movedMs !== null && failures === 0) return Math.floor(random.next() * Math.min(directedMsMax, movedMs)) // [O5]
  const boundMs = Math.max(Math.min(directedMsMax, spreadMs), Math.min(capMs, baseMs * 2 ** failures))
  return Math.floor(random.next() * boundMs) // [seam: reconnect-wait]
}
