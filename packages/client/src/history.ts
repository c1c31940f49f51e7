import { LIMITS, type ConversationId, type Entry, type RefusalCode } from '@bongsu/protocol'
import type { Api } from './api.ts'
import { askAgain } from './ask-again.ts'
import type { Effect } from './effect.ts'
import type { Persist } from './persist.ts'
import type { Clock, LocalStore, Random } from './ports.ts'
import { rangeAt } from './ranges.ts'
import { firstInMemory, prepend } from './room.ts'
import { withRoom, type ReplicaState, type Room } from './state.ts'

/** Most entries of one room in memory. */
export const entriesInMemoryMax = 200_000
/** How often a page is asked for while the server has no time for it. */
export const historyTriesMax = 8

/** Older entries are neither on this device nor to be had from the server now. */
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
  /** Whoever waits for a page hears why it did not come. */
  stop(): void
}

/** Of which room older entries are wanted, and of which history. */
interface Asked {
  readonly epoch: string | null
  readonly room: Room
}

export function createHistory(options: {
  readonly store: LocalStore
  readonly http: Pick<Api, 'call'>
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  /** Puts what was received into the store, so that its ranges hold what the state says. */
  readonly persist: Pick<Persist, 'flush' | 'holdsDropped'>
  readonly state: () => ReplicaState
  readonly changed: (state: ReplicaState, effects: readonly Effect[]) => void
}): History {
  const { http, clock, random } = options
  const running = new Map<ConversationId, Promise<{ more: boolean }>>()
  const underWay = new Set<{ stop(): void }>()

  async function load(conversationId: ConversationId, count: number): Promise<{ more: boolean }> {
    const { epoch, rooms } = options.state()
    const room = rooms.get(conversationId)
    if (room === undefined) throw new HistoryUnavailable('not-a-member')
    const first = firstInMemory(room)
    if (first <= room.membership.joinedSeq) return { more: false }
    if (room.entries.length >= entriesInMemoryMax) throw new HistoryUnavailable('limit-reached')
    const wanted = Math.min(LIMITS.entriesPerPageMax, Math.max(1, count))
    const stored = await readStored(room, first, wanted)
    return stored === null ? fetchOlder({ epoch, room }, first, wanted) : put({ epoch, room }, stored, [])
  }

  /** The entries just below `first`, as far as they are stored without a gap [D4]; null when they are not. */
  async function readStored(room: Room, first: number, wanted: number): Promise<readonly Entry[] | null> {
    const range = rangeAt(room.ranges, first - 1)
    if (range === undefined) return null
    const from = Math.max(range.first, first - wanted)
    await options.persist.flush()
    if (options.persist.holdsDropped(room.conversationId)) return null
    // A store that cannot be read, or that lost something, is no reason to show nothing: the server has it all [D10].
    const stored = await options.store.readEntries(room.conversationId, from, first - 1).catch(() => [])
    return isWhole(stored, from, first - 1) ? stored : null
  }

  async function fetchOlder(asked: Asked, first: number, wanted: number): Promise<{ more: boolean }> {
    const { conversationId } = asked.room
    const ask = () => http.call('readHistory', { params: { conversationId }, query: { before: first, limit: wanted } })
    // Without a server the next connection is what to wait for; whoever shows the room knows of it.
    const asking = askAgain({ clock, random, ask, triesMax: historyTriesMax, offlineToo: false })
    underWay.add(asking)
    const answer = await asking.answer
    const isStopped = !underWay.delete(asking)
    if (!answer.ok) throw new HistoryUnavailable(answer.refusal.code)
    if (isStopped) throw new HistoryUnavailable('unavailable')
    const { entries } = answer.value
    if (entries.length === 0) return { more: false }
    if (!isWhole(entries, first - entries.length, first - 1)) throw new HistoryUnavailable('internal')
    return put(asked, entries, [{ do: 'store', conversationId, entries }])
  }

  /** @param effects stores the entries, where they are not stored yet. */
  function put(asked: Asked, older: readonly Entry[], effects: readonly Effect[]): { more: boolean } {
    const state = options.state()
    const { conversationId, membership } = asked.room
    const room = state.rooms.get(conversationId)
    // While waiting, the room may have been left, or left and joined again, or be one of another history.
    if (room === undefined || room.membership.joinedSeq !== membership.joinedSeq || state.epoch !== asked.epoch) return { more: false }
    // What was stored may have been dropped, to be taken anew [A3]: then no range may say that it is there [D4].
    const isThere = effects.length > 0 || older.every(({ seq }) => rangeAt(room.ranges, seq) !== undefined)
    const longer = isThere ? prepend(room, older, state.accountId) : room
    options.changed(withRoom(state, longer), effects)
    return { more: firstInMemory(longer) > longer.membership.joinedSeq } // [seam: more-history]
  }

  return {
    loadOlder(conversationId, count) {
      const already = running.get(conversationId)
      if (already !== undefined) return already
      const loading = load(conversationId, count).finally(() => running.delete(conversationId))
      running.set(conversationId, loading)
      return loading
    },
    stop() {
      for (const asking of underWay) asking.stop()
      // A page that comes all the same is for nobody: a device that was stopped stores nothing more.
      underWay.clear()
    },
  }
}

function isWhole(entries: readonly Entry[], first: number, last: number): boolean {
  return entries.length === last - first + 1 && entries.every((entry, index) => entry.seq === first + index)
}
