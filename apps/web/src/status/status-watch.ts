import type { Clock, Random } from '@bongsu/client'
import { LIMITS } from '@bongsu/protocol'
import { bannerOf, readStatus, type Banner, type Seen } from './read-status.ts'

/** Each wait is randomly longer or shorter by up to this part, so that devices do not read together. */
const jitter = 0.25
/** Time between two readings: in calm times, and without a live connection or with an open incident. */
export const calmMs = LIMITS.statusCalmMsMax / (1 + jitter)
export const concernedMs = LIMITS.statusConcernedMsMax / (1 + jitter)
/**
 * The first reading after a change comes within this, at a random time: when all devices lose their connection at once, they must not read at once.
 */
export const firstMs = 10_000
/** Most remembered dismissals. The oldest are forgotten. */
export const putAwayMax = 30

/** What the watch needs. */
export interface StatusWatchOptions {
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  /** A new UUID that says nothing about when or where it was made. */
  readonly newId: () => string
  /** The body of an answer. Rejects when it is late or too long. */
  readonly ask: (url: string) => Promise<string>
  /** Storage of this browser. */
  readonly memory: {
    read(): { readonly url: string | null; readonly putAway: readonly string[] }
    write(kept: { readonly url: string | null; readonly putAway: readonly string[] }): void
  }
}

/** Reads the sentinel's status as often as useful, and only while the app is in front [F6]. */
export interface StatusWatch {
  /** Sets the address of the sentinel's pages from the server; null for none. @returns true when it changed. */
  learn(url: string | null): boolean
  /**
   * Whether the app is in front, whether its connection is live, and the account that is signed in, which is sent nowhere. The sentinel is told about
   * the connection of a signed-in device [F7]; null tells nothing.
   */
  follow(now: { readonly front?: boolean; readonly live?: boolean; readonly account?: string | null }): void
  readonly banner: () => Banner | null
  /** The last known address. */
  readonly url: () => string | null
  /** Dismisses a banner. The next update of the same incident is shown again. */
  putAway(key: string): void
  readonly subscribe: (listener: () => void) => () => void
}

export function createStatusWatch({ clock, random, newId, ask, memory }: StatusWatchOptions): StatusWatch {
  const listeners = new Set<() => void>()
  const remembered = memory.read()
  let url = remembered.url
  let putAway: readonly string[] = remembered.putAway
  let front = false
  let live = true
  let account: string | null = null
  let notLiveSince = clock.now()
  /** Names this signing-in, or this start of the app, and is kept nowhere. */
  let id = newId()
  let seen: Seen | null = null
  let banner: Banner | null = null
  let asking = false
  let askedAt = -Infinity
  let cancel: (() => void) | null = null

  /** Keeps the same value as long as the banner is unchanged. */
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

  /** After a change: reads soon, but never sooner after the last reading than the present interval allows. */
  function planSoon(): void {
    const sinceMs = clock.now() - askedAt
    const restMs = sinceMs < 0 ? 0 : Math.max(0, usualMs() - sinceMs)
    plan(Math.max(restMs, random.next() * firstMs))
  }

  /** What this device tells the sentinel. A connection that is being made is neither live nor missed yet. */
  function word(): string {
    const sinceMs = clock.now() - notLiveSince
    // A copy on another host hears nothing, and its log would keep the id.
    if (account === null || seen?.status.hears !== true || (!live && sinceMs >= 0 && sinceMs <= LIMITS.outageMsMin)) return ''
    return `?live=${live ? 1 : 0}&device=${id}`
  }

  async function look(): Promise<void> {
    if (url === null) return
    const asked = url
    asking = true
    askedAt = clock.now()
    const text = await ask(`${asked}/status.json${word()}`).catch(() => null)
    asking = false
    if (asked === url) {
      const status = text === null ? null : readStatus(text)
      // An unreadable or missing answer says nothing. The earlier one grows old by itself.
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
      if (now.account !== undefined && now.account !== account) {
        if (now.account !== null) id = newId()
        account = now.account
      }
      // Behind, a connection is closed on purpose: it is missed only from coming to the front on.
      if ((before.live || !before.front) && !live && front) notLiveSince = clock.now()
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
