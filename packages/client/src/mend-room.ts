import type { ConversationId } from '@bongsu/protocol'
import type { DeviceReplica } from './device-replica.ts'
import type { OpenRooms } from './open-rooms.ts'
import { emptied } from './room.ts'
import { withRoom } from './state.ts'

/** Deletes what is stored of a room that differs from the server's history, and requests the room again [A3]. */
export function mendRoom(
  replica: Pick<DeviceReplica, 'state' | 'become'>,
  openRooms: Pick<OpenRooms, 'isOpen' | 'open'>,
  conversationId: ConversationId,
): void {
  const room = replica.state().rooms.get(conversationId)
  if (room === undefined) return
  const wasOpen = openRooms.isOpen(conversationId)
  replica.become(withRoom(replica.state(), emptied(room)), [
    { do: 'drop', conversationId },
    { do: 'refresh', conversationId },
  ])
  if (wasOpen) openRooms.open(conversationId)
}
