import type { DeviceHandle } from './device.ts'
import type { DeviceReplica } from './device-replica.ts'
import type { History } from './history.ts'
import type { OpenRooms } from './open-rooms.ts'
import type { ReadTelling } from './read-telling.ts'
import { markRead } from './room.ts'
import type { Session } from './session.ts'
import type { Typing } from './typing.ts'
import type { Watching } from './watching.ts'

/** What a person does in a room without writing anything down: looks, scrolls, reads, types. */
export type InRoom = Pick<DeviceHandle, 'markRead' | 'typing' | 'watch' | 'loadOlder' | 'closeRoom'>

export function createInRoom(options: {
  readonly replica: Pick<DeviceReplica, 'state' | 'putRoom'>
  readonly session: Pick<Session, 'connection' | 'send'>
  readonly openRooms: Pick<OpenRooms, 'open' | 'close'>
  readonly watching: Pick<Watching, 'set' | 'took'>
  readonly reads: Pick<ReadTelling, 'plan'>
  readonly typing: Pick<Typing, 'mayTell'>
  readonly history: Pick<History, 'loadOlder'>
}): InRoom {
  const { replica, session, openRooms, watching } = options
  return {
    markRead(conversationId, seq) {
      const { rooms, accountId } = replica.state()
      const room = rooms.get(conversationId)
      if (room === undefined) return
      const raised = markRead(room, seq, accountId)
      if (raised === room) return
      watching.took(room, raised)
      replica.putRoom(raised)
      options.reads.plan()
    },
    typing(conversationId) {
      if (session.connection().state === 'live' && options.typing.mayTell(conversationId)) session.send({ t: 'typing', conversationId })
    },
    watch(next) {
      if (watching.set(next) && next !== null) openRooms.open(next.conversationId)
    },
    loadOlder(conversationId, count) {
      openRooms.open(conversationId)
      return options.history.loadOlder(conversationId, count)
    },
    closeRoom: (conversationId) => openRooms.close(conversationId),
  }
}
