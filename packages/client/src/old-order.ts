import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import type { Clock } from './ports.ts'

/** Longest wait for one author whose turn it is, ms: most devices that were waiting for the server are back by then [A8]. */
export const authorWaitMs = 20_000
/** Longest time after the beginning for which anything waits, ms. */
export const oldOrderMsMax = 40_000
/** Most entries of a lost history whose order is remembered: the newest of each conversation, until there are as many. */
export const oldOrderEntriesMax = 20_000

/** A text of a lost history that its author's devices put back. */
export interface LostEntry {
  readonly id: ClientMessageId
  readonly author: AccountId
}

/** What a device holds of the part of a conversation that a restore has lost. */
export interface LostPart {
  /** In the old order. */
  readonly entries: readonly LostEntry[]
  /** Last seq that both histories have. */
  readonly head: number
}

/**
 * Lets own texts that are put back wait for those of others that stood before them, so that the old order comes back [A8]. It is kept in memory only:
 * after a restart nothing waits.
 */
export interface OldOrder {
  /** Replaces what was remembered. */
  begin(lost: ReadonlyMap<ConversationId, LostPart>, me: AccountId): void
  /** Entries of the present history. @param after seq below the first one, for a `reset`; the device does not know what is there before. */
  arrived(conversationId: ConversationId, entries: readonly Entry[], after?: number): void
  /** Whether this own text is not sent yet. Asked about the oldest unsent one of a conversation. */
  waits(conversationId: ConversationId, id: ClientMessageId): boolean
  stop(): void
}

interface LostRoom extends LostPart {
  readonly placeOf: ReadonlyMap<string, number>
  /** The last place of each author that has arrived. Earlier ones of that author have arrived too, or never will [M6]. */
  readonly heard: Map<AccountId, number>
  /** Everything below this place is settled. */
  settled: number
  /** The place that is waited for. */
  awaited: number | null
  cancelWait: () => void
}

const nothing = (): void => undefined

/** @param released something may have stopped waiting. */
export function createOldOrder({ clock, released }: { readonly clock: Pick<Clock, 'after'>; readonly released: () => void }): OldOrder {
  const rooms = new Map<ConversationId, LostRoom>()
  const gone = new Set<AccountId>()
  let me: AccountId | null = null
  let cancelEnd = nothing

  function stop(): void {
    for (const room of rooms.values()) room.cancelWait()
    cancelEnd()
    rooms.clear()
    gone.clear()
  }

  function isSettled(room: LostRoom, place: number): boolean {
    const author = room.entries[place]?.author
    return author === undefined || author === me || gone.has(author) || (room.heard.get(author) ?? -1) >= place
  }

  /** Its author has not said it in time, so nothing waits for that author any more. */
  function waitFor(room: LostRoom, place: number): void {
    const author = room.entries[place]?.author
    if (room.awaited === place || author === undefined) return
    room.cancelWait()
    room.awaited = place
    room.cancelWait = clock.after(authorWaitMs, () => {
      gone.add(author)
      released()
    })
  }

  return {
    begin(lost, account) {
      stop()
      me = account
      let left = oldOrderEntriesMax
      for (const [conversationId, { entries, head }] of lost) {
        const newest = entries.slice(Math.max(0, entries.length - left))
        left -= newest.length
        const placeOf = new Map(newest.map((entry, place) => [nameOf(entry), place]))
        rooms.set(conversationId, { entries: newest, head, placeOf, heard: new Map(), settled: 0, awaited: null, cancelWait: nothing })
      }
      if (rooms.size === 0) return
      cancelEnd = clock.after(oldOrderMsMax, () => {
        stop()
        released()
      })
    },
    arrived(conversationId, entries, after) {
      const room = rooms.get(conversationId)
      if (room === undefined) return
      const places = entries.flatMap((entry) => {
        const place = room.placeOf.get(nameOf(entry))
        if (place === undefined) return []
        room.heard.set(entry.author, Math.max(place, room.heard.get(entry.author) ?? -1))
        return [place]
      })
      // The device is not shown what is between the restored head and this `reset`, and waits for nothing that may be there.
      if (after !== undefined && after > room.head) room.settled = Math.max(room.settled, Math.min(room.entries.length, ...places))
    },
    waits(conversationId, id) {
      const room = rooms.get(conversationId)
      const place = me === null ? undefined : room?.placeOf.get(nameOf({ id, author: me }))
      if (room === undefined || place === undefined) return false
      while (room.settled < place && isSettled(room, room.settled)) room.settled++
      if (room.settled < place) {
        waitFor(room, room.settled)
        return true
      }
      room.cancelWait()
      return false
    },
    stop,
  }
}

function nameOf({ author, id }: LostEntry): string {
  return `${author} ${id}`
}
