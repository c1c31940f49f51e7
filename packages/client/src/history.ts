import { LIMITS, type ConversationId, type DownFrameOf, type RefusalCode } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { Api } from './api.ts'
import { askAgain } from './ask-again.ts'
import type { Effect } from './effect.ts'
import { heldItems, itemsBySeq, marked, newerThan, withItems, type MarkedEntry } from './marked-entry.ts'
import { learn } from './meta.ts'
import type { Persist } from './persist.ts'
import type { Clock, LocalStore, Random } from './ports.ts'
import { overlaps, rangeAt, type Range } from './ranges.ts'
import { withApart } from './room-items.ts'
import { entryAt, firstInMemory, prepend, withUnmarked } from './room.ts'
import { serverHas, withRoom, type ReplicaState, type Room } from './state.ts'

/** Most entries of one room in memory. */
export const entriesInMemoryMax = 200_000
/** Most requests for a page while the server is too busy. */
export const historyTriesMax = 8

/** Older entries are neither on this device nor available from the server now. */
export class HistoryUnavailable extends Error {
  override readonly name = 'HistoryUnavailable'
  readonly code: RefusalCode

  constructor(code: RefusalCode) {
    super(`older entries cannot be loaded: ${code}`)
    this.code = code
  }
}

export interface History {
  loadOlder(conversationId: ConversationId, count: number): Promise<{ readonly more: boolean }>
  loadEntry(conversationId: ConversationId, seq: number): Promise<MarkedEntry | null>
  /** These entries are on the screen. Those with possibly outdated marks are requested again [I3]. */
  shown(conversationId: ConversationId, from: number, to: number): void
  /** Items that arrive during a page request may be newer than the page. */
  heard(frame: DownFrameOf<'items'>): void
  /** Pending requests for pages are rejected. */
  stop(): void
}

/** Entries as the server has just sent them. */
interface Page {
  readonly entries: readonly MarkedEntry[]
  /** The change of which their marks are; null from a server without items [I10]. */
  readonly change: number | null
}

/** The room and history of a request. */
interface Asked {
  readonly epoch: string | null
  readonly room: Room
  /** Items of the room that arrived since the request. */
  readonly heard: HeldItem[]
  /** The change up to which all items have been heard, from the one of the room on. */
  heardTo: number
}

export function createHistory(options: {
  readonly store: LocalStore
  readonly http: Pick<Api, 'call'>
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  /** Stores received entries, so that the store matches the ranges in the state. */
  readonly persist: Pick<Persist, 'flush' | 'holdsDropped' | 'unstored' | 'gaveUp'>
  readonly state: () => ReplicaState
  readonly changed: (state: ReplicaState, effects: readonly Effect[]) => void
}): History {
  const { http, clock, random } = options
  const running = new Map<ConversationId, Promise<{ more: boolean }>>()
  const renewing = new Set<ConversationId>()
  const asking = new Set<Asked>()
  const underWay = new Set<{ stop(): void }>()

  /** Makes a request, and listens to the room's items meanwhile. */
  async function withRoomOf<T>(conversationId: ConversationId, ask: (asked: Asked) => Promise<T>): Promise<T> {
    const { epoch, rooms } = options.state()
    const room = rooms.get(conversationId)
    if (room === undefined) throw new HistoryUnavailable('not-a-member')
    const asked: Asked = { epoch, room, heard: [], heardTo: room.change }
    asking.add(asked)
    return ask(asked).finally(() => asking.delete(asked))
  }

  async function load(asked: Asked, count: number): Promise<{ more: boolean }> {
    const { room } = asked
    const first = firstInMemory(room)
    if (first <= room.membership.joinedSeq) return { more: false }
    if (room.entries.length >= entriesInMemoryMax) throw new HistoryUnavailable('limit-reached')
    const wanted = Math.min(LIMITS.entriesPerPageMax, Math.max(1, count))
    const range = rangeAt(room.ranges, first - 1)
    const from = Math.max(range?.first ?? first, first - wanted)
    const stored = range === undefined ? null : await readStored(asked, from, first - 1)
    if (stored === null) return fetchOlder(asked, first, wanted)
    const isStale = isOutdated(room, { first: from, last: first - 1 })
    // Entries with possibly outdated marks are requested again. Without an answer, the stored ones are shown unchanged [I3].
    return isStale ? fetchOlder(asked, first, wanted).catch(() => put(asked, stored, false)) : put(asked, stored, false)
  }

  /** The stored entries from..last; null when some are missing [D4]. */
  async function readStored({ room: { conversationId }, heard }: Asked, from: number, last: number): Promise<readonly MarkedEntry[] | null> {
    await options.persist.flush()
    if (options.persist.holdsDropped(conversationId)) return null
    // A store that cannot be read, or that lost entries, is no reason to show nothing: the server has all of them [D10].
    const stored = await options.store.readEntries(conversationId, from, last).catch(() => [])
    if (!isWhole(stored, from, last)) return null
    const items = itemsBySeq([...options.persist.unstored(conversationId).items, ...heard])
    return stored.map((entry) => withItems(entry, items.get(entry.seq) ?? []))
  }

  function isOutdated(room: Room, stretch: Range): boolean {
    // A server without items cannot make marks newer.
    const isStale = serverHas(options.state(), 'items') && room.stale.some((stale) => overlaps(stale, stretch))
    return options.persist.gaveUp() || isStale
  }

  async function fetchOlder(asked: Asked, before: number, limit: number): Promise<{ more: boolean }> {
    const page = await fetchPage(asked, before, limit)
    return page.entries.length === 0 ? { more: false } : putPage(asked, page)
  }

  /** Entries below `before`, with their marks when the server supports marks. */
  async function fetchPage({ room, heard }: Asked, before: number, limit: number): Promise<Page> {
    const { conversationId } = room
    const marks = serverHas(options.state(), 'items') ? { marks: true } : {}
    const ask = () => http.call('readHistory', { params: { conversationId }, query: { before, limit, ...marks } })
    // Without a server there is nothing to do until the next connection, which triggers the room's view.
    const page = askAgain({ clock, random, ask, triesMax: historyTriesMax, offlineToo: false })
    underWay.add(page)
    const answer = await page.answer
    const isStopped = !underWay.delete(page)
    if (!answer.ok) throw new HistoryUnavailable(answer.refusal.code)
    if (isStopped) throw new HistoryUnavailable('unavailable')
    const { entries, items, change = 0 } = answer.value
    if (!isWhole(entries, before - entries.length, before - 1)) throw new HistoryUnavailable('internal')
    const newer = itemsBySeq(newerThan(heard, change))
    const now = marked(entries, heldItems(items)).map((entry) => withItems(entry, newer.get(entry.seq) ?? []))
    return { entries: now, change: items === undefined ? null : change }
  }

  /** What the server has just sent is stored. */
  function putPage(asked: Asked, { entries, change }: Page): { more: boolean } {
    // A reset meanwhile may have passed changes that neither the page nor the items heard since have brought.
    const now = sameRoom(asked, options.state())?.change ?? 0
    return put(asked, entries, true, change !== null && now <= Math.max(change, asked.heardTo))
  }

  function put(asked: Asked, older: readonly MarkedEntry[], fetched: boolean, isMarked = false): { more: boolean } {
    const state = options.state()
    const room = sameRoom(asked, state)
    if (room === null) return { more: false }
    const { conversationId } = room
    // Stored entries may have been dropped to be loaded again [A3]. Then no range may contain them [D4].
    const isThere = fetched || older.every(({ seq }) => rangeAt(room.ranges, seq) !== undefined)
    const before = fetched && !isMarked ? withUnmarked(room, older) : room
    const longer = isThere ? prepend(before, older, state, isMarked) : room
    const store: readonly Effect[] = fetched ? [{ do: 'store', conversationId, entries: older }] : []
    options.changed(withRoom(state, longer), [...store, ...learn(state, older)])
    return { more: firstInMemory(longer) > longer.membership.joinedSeq } // [seam: more-history]
  }

  /** During a wait the room may have been left, left and joined again, or replaced by another history. Null then. */
  function sameRoom({ epoch, room: { conversationId, membership } }: Asked, state: ReplicaState): Room | null {
    const room = state.rooms.get(conversationId)
    return room === undefined || room.membership.joinedSeq !== membership.joinedSeq || state.epoch !== epoch ? null : room
  }

  async function loadApart(asked: Asked, seq: number): Promise<MarkedEntry | null> {
    const { room } = asked
    if (seq < room.membership.joinedSeq || seq > room.cursor) return null
    const isStale = isOutdated(room, { first: seq, last: seq })
    const stored = rangeAt(room.ranges, seq) === undefined ? null : await readStored(asked, seq, seq)
    if (stored === null || isStale) {
      const fetched = await fetchPage(asked, seq + 1, 1).catch((cause: unknown) => {
        if (stored === null) throw cause
        return null
      })
      if (fetched !== null) {
        if (fetched.entries.length > 0) putPage(asked, fetched)
        return keepApart(asked, seq, fetched.entries[0] ?? null)
      }
    }
    return keepApart(asked, seq, stored?.[0] ?? null)
  }

  function keepApart(asked: Asked, seq: number, entry: MarkedEntry | null): MarkedEntry | null {
    const state = options.state()
    const room = sameRoom(asked, state)
    if (room === null) return null
    if (seq < firstInMemory(room)) options.changed(withRoom(state, withApart(room, seq, entry)), entry === null ? [] : learn(state, [entry]))
    return entry
  }

  function loadOlder(conversationId: ConversationId, count: number): Promise<{ more: boolean }> {
    const already = running.get(conversationId)
    if (already !== undefined) return already
    const loading = withRoomOf(conversationId, (asked) => load(asked, count)).finally(() => running.delete(conversationId))
    running.set(conversationId, loading)
    return loading
  }

  /** Requests one page of outdated entries among these, until none is outdated. */
  async function renew(conversationId: ConversationId, shown: Range): Promise<void> {
    const stale = options
      .state()
      .rooms.get(conversationId)
      ?.stale.find((range) => overlaps(range, shown))
    if (stale === undefined) return
    const last = Math.min(stale.last, shown.last)
    const first = Math.max(stale.first, shown.first, last - LIMITS.entriesPerPageMax + 1)
    const fetched = await withRoomOf(conversationId, async (asked) => {
      const page = await fetchPage(asked, last + 1, last - first + 1)
      if (page.change !== null) putPage(asked, page)
      return page.change === null ? 0 : page.entries.length
    })
    if (fetched > 0) await renew(conversationId, shown)
  }

  return {
    loadOlder,
    loadEntry(conversationId, seq) {
      const room = options.state().rooms.get(conversationId)
      const there = room === undefined ? undefined : entryAt(room, seq)
      return there === undefined ? withRoomOf(conversationId, (asked) => loadApart(asked, seq)) : Promise.resolve(there)
    },
    shown(conversationId, from, to) {
      if (renewing.has(conversationId) || !serverHas(options.state(), 'items')) return
      renewing.add(conversationId)
      // A failed request is repeated when the room is shown again.
      renew(conversationId, { first: from, last: to })
        .catch(() => undefined)
        .finally(() => renewing.delete(conversationId))
    },
    heard({ conversationId, from, to, items }) {
      for (const asked of asking) {
        if (asked.room.conversationId !== conversationId) continue
        asked.heard.push(...heldItems(items))
        if (from <= asked.heardTo) asked.heardTo = Math.max(asked.heardTo, to)
      }
    },
    stop() {
      for (const page of underWay) page.stop()
      // Late pages are ignored: a stopped device stores nothing more.
      underWay.clear()
    },
  }
}

function isWhole(entries: readonly { readonly seq: number }[], first: number, last: number): boolean {
  return entries.length === last - first + 1 && entries.every((entry, index) => entry.seq === first + index)
}
