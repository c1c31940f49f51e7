import type { ConversationId } from '@bongsu/protocol'
import { DEVICE_BOUNDS } from './bounds.ts'
import type { DeviceReplica } from './device-replica.ts'
import { entriesInMemoryMax } from './history.ts'
import { cutToTail } from './room.ts'

/** Rooms that a person has open. Their entries stay in memory; those of other rooms are cut to the tail. */
export interface OpenRooms {
  open(conversationId: ConversationId): void
  readonly isOpen: (conversationId: ConversationId) => boolean
  /** Cuts the entries in memory to the tail. */
  close(conversationId: ConversationId): void
  /** The room's entries were dropped. A room in view stays open: it is loaded again while the person looks at it. */
  dropped(conversationId: ConversationId): void
  /** Entries have arrived: cuts the room when it holds too many. */
  trim(conversationId: ConversationId): void
  forget(): void
}

export function createOpenRooms(options: {
  readonly replica: Pick<DeviceReplica, 'state' | 'putRoom'>
  readonly isInView: (conversationId: ConversationId) => boolean
}): OpenRooms {
  const { replica, isInView } = options
  const open = new Set<ConversationId>()

  function cut(conversationId: ConversationId, entriesMax: number, tail: number): void {
    const state = replica.state()
    const room = state.rooms.get(conversationId)
    if (room !== undefined && room.entries.length > entriesMax) replica.putRoom(cutToTail(room, tail, state))
  }

  return {
    open: (conversationId) => void open.add(conversationId),
    isOpen: (conversationId) => open.has(conversationId),
    close(conversationId) {
      open.delete(conversationId)
      cut(conversationId, DEVICE_BOUNDS.tailEntries, DEVICE_BOUNDS.tailEntries)
    },
    dropped(conversationId) {
      if (!isInView(conversationId)) open.delete(conversationId)
    },
    trim(conversationId) {
      const entriesMax = open.has(conversationId) ? entriesInMemoryMax : 2 * DEVICE_BOUNDS.tailEntries
      cut(conversationId, entriesMax, entriesMax / 2)
    },
    forget: () => open.clear(),
  }
}
