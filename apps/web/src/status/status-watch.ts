import type { Clock, Random } from '@bongsu/client'
import { bannerOf, readStatus, type Banner, type Seen } from './read-status.ts'

/** Between two looks when all is well, and when the connection is not live or an incident is open. */
export const calmMs = 60_000
export const concernedMs = 15_000
/** Each wait is longer or shorter by up to this part, so that those who look do not look together. */
const jitter = 0.25
/** The first look after something changed comes within this, spread as evenly: when all lose their connection at once, not all ask at once. */
export const firstMs = 10_000
/** Put away and remembered; the oldest are forgotten. */
export const putAwayMax = 30

/** What the watch stands on. */
export interface StatusWatchOptions {
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  /** The body of an answer; rejects when there is none in time, or it is too long. */
  readonly ask: (url: string) => Promise<string>
  /** What this browser remembers. */
  readonly memory: {
    read(): { readonly url: string | null; readonly putAway: readonly string[] }
    write(kept: { readonly url: string | null; readonly putAway: readonly string[] }): void
  }
}

/** Looks at what the sentinel says, as often as it matters, and only while somebody looks at the app [F6]. */
export interface StatusWatch {
  /** Where the sentinel's pages are, as the server says; null: nowhere. @returns true when that is news. */
  learn(url: string | null): boolean
  /** Somebody looks at the app; its connection is live. */
  follow(now: { readonly front?: boolean; readonly live?: boolean }): void
  readonly banner: () => Banner | null
  /** As it was learnt last. */
  readonly url: () => string | null
  /** Not to be shown again. The next word about the same incident is. */
  putAway(key: string): void
  readonly subscribe: (listener: () => void) => () => void
}

export function createStatusWatch({ clock, random, ask, memory }: StatusWatchOptions): StatusWatch {
  const listeners = new Set<() => void>()
  const remembered = memory.read()
  let url = remembered.url
  let putAway: readonly string[] = remembered.putAway
  let front = false
  let live = true
  let seen: Seen | null = null
  let banner: Banner | null = null
  let asking = false
  let askedAt = -Infinity
  let cancel: (() => void) | null = null

  /** The same value as long as it says the same. */
  function show(): void {
    const next = bannerOf(seen, { now: clock.now(), live, putAway: new Set(putAway) })
    if (next?.key === banner?.key) return
    banner = next
    for (const listener of listeners) listener()
  }

  function isConcerned(): boolean {
    return !live || (seen !== null && seen.status.incidents.length > 0)
  }

  function plan(waitMs: number): void {
    cancel?.()
    cancel = null
    if (url === null || !front || asking) return
    cancel = clock.after(Math.round(waitMs), () => {
      cancel = null
      void look()
    })
  }

  function usualMs(): number {
    return (isConcerned() ? concernedMs : calmMs) * (1 - jitter + 2 * jitter * random.next())
  }

  /** Something changed: soon, but never sooner after the last look than is usual now. */
  function planSoon(): void {
    const sinceMs = clock.now() - askedAt
    const restMs = sinceMs < 0 ? 0 : Math.max(0, usualMs() - sinceMs)
    plan(Math.max(restMs, random.next() * firstMs))
  }

  async function look(): Promise<void> {
    if (url === null) return
    const asked = url
    asking = true
    askedAt = clock.now()
    const text = await ask(`${asked}/status.json`).catch(() => null)
    asking = false
    if (asked === url) {
      const status = text === null ? null : readStatus(text)
      // What cannot be read or reached says nothing; what was said before grows old by itself.
      if (status !== null) seen = { status, heardAt: clock.now() }
      show()
    }
    plan(usualMs())
  }

  return {
    learn(next) {
      if (next === url) return false
      url = next
      seen = null
      memory.write({ url, putAway })
      show()
      askedAt = -Infinity
      planSoon()
      return true
    },
    follow(now) {
      const before = { front, live }
      front = now.front ?? front
      live = now.live ?? live
      if (front === before.front && live === before.live) return
      show()
      planSoon()
    },
    banner: () => banner,
    url: () => url,
    putAway(key) {
      putAway = [...putAway.filter((other) => other !== key), key].slice(-putAwayMax)
      memory.write({ url, putAway })
      show()
    },
    subscribe(listener) {
      const own = (): void => listener()
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
}
