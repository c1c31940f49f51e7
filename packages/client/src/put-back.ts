import type { ConversationId, DownFrame, DownFrameOf, Entry } from '@bongsu/protocol'
import type { PutBackItem } from './outbox.ts'
import type { Persist } from './persist.ts'
import type { LocalStore } from './ports.ts'
import type { ReplicaState, Room } from './state.ts'

/** Most frames that wait meanwhile. */
export const heldFramesMax = 10_000
/** Entries read from the store at a time. */
const entriesPerRead = 500

/** What a restore of the server's history meant for this device [A4]. */
export interface Restored {
  /** Own messages that the restored history may lack and that wait in the outbox, or went out, again. */
  readonly putBack: number
}

/**
 * The server's history was restored from a backup: another epoch. Before this device forgets what it stored of the old one, its own messages
 * that the new one may lack go back into the outbox, under the ids they had, so that the server says which it has [M2].
 */
export interface PutBack {
  readonly restored: () => Restored | null
  /** Own messages are being gathered: nothing is sent or applied meanwhile. */
  readonly busy: () => boolean
  /** @returns true when the frame is kept until that is done; it is given again then. */
  takes(frame: DownFrame): boolean
  disconnected(): void
}

export function createPutBack(options: {
  readonly store: LocalStore
  readonly persist: Pick<Persist, 'flush' | 'unstored'>
  readonly state: () => ReplicaState
  /** Puts them first in the outbox; resolves when they are stored there. */
  readonly enqueue: (items: readonly PutBackItem[]) => Promise<number>
  readonly receive: (frame: DownFrame) => void
  /** It could not be done now: begin again on another connection. */
  readonly failed: () => void
}): PutBack {
  let restored: Restored | null = null
  /** Frames of this connection since the welcome that told of the new epoch. */
  let held: DownFrame[] | null = null
  /** The welcome for which all has been gathered. */
  let gathered: DownFrame | null = null

  async function gather(welcome: DownFrameOf<'welcome'>, mine: DownFrame[]): Promise<void> {
    try {
      const state = options.state()
      await options.persist.flush()
      const items = await ownAbove(options, state, new Map(welcome.restored))
      if (held !== mine) return
      // Stored in the outbox before anything is forgotten: killed in between, the device begins again and stores the same.
      const putBack = await options.enqueue(items) // [seam: put-back]
      if (held !== mine) return
      restored = { putBack }
      held = null
    } catch {
      if (held === mine) options.failed()
      return
    }
    for (const frame of mine) options.receive(frame)
  }

  return {
    restored: () => restored,
    busy: () => held !== null,
    takes(frame) {
      if (held === null) {
        const { epoch, accountId } = options.state()
        if (frame.t !== 'welcome' || epoch === null || epoch === frame.epoch || accountId !== frame.accountId) return false
        // The same welcome comes here again when all is gathered.
        if (gathered === frame) return false
        gathered = frame
        held = []
        void gather(frame, held)
      }
      held.push(frame)
      if (held.length > heldFramesMax) options.failed()
      return true
    },
    disconnected() {
      held = null
    },
  }
}

/** Where the entries of a room are. */
interface Sources {
  readonly store: LocalStore
  readonly persist: Pick<Persist, 'unstored'>
}

/** Own messages above what the new history had of each room when it was restored, those of each room oldest first. */
async function ownAbove(from: Sources, state: ReplicaState, restored: ReadonlyMap<ConversationId, number>): Promise<PutBackItem[]> {
  const items: PutBackItem[] = []
  for (const room of state.rooms.values()) {
    for (const { id, author, body, acceptedAt } of await entriesAbove(from, room, restored.get(room.conversationId) ?? 0)) {
      // Titles and memberships belong to their moment; what somebody said is theirs.
      if (author === state.accountId && body.kind === 'text') items.push({ id, conversationId: room.conversationId, body, writtenAt: acceptedAt })
    }
  }
  return items
}

async function entriesAbove({ store, persist }: Sources, room: Room, head: number): Promise<Iterable<Entry>> {
  // What a failing store has not taken may be cut from the room in memory, and the store may still have in its place what was to be dropped.
  // Looked for before the store is read, which may take it meanwhile.
  const newest = [...room.entries, ...persist.unstored(room.conversationId)].filter(({ seq }) => seq > head)
  const bySeq = new Map(newest.map((entry) => [entry.seq, entry]))
  for (const { first, last } of room.ranges) {
    for (let from = Math.max(first, head + 1); from <= last; from += entriesPerRead) {
      const to = Math.min(last, from + entriesPerRead - 1)
      for (const entry of await store.readEntries(room.conversationId, from, to)) if (!bySeq.has(entry.seq)) bySeq.set(entry.seq, entry)
    }
  }
  return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq)
}
