import type { DeviceHandle } from './device.ts'
import type { DeviceReplica } from './device-replica.ts'
import type { History } from './history.ts'
import type { OpenRooms } from './open-rooms.ts'
import type { ReadTelling } from './read-telling.ts'
import { markRead } from './room.ts'
import type { Session } from './session.ts'
import type { Typing } from './typing.ts'
import type { Watching } from './watching.ts'

/** What a person does in a room without sending anything: looks, scrolls, reads, types. */
export interface InRoom extends Pick<DeviceHandle, 'markRead' | 'typing' | 'watch' | 'loadOlder' | 'loadEntry' | 'closeRoom'> {
  /** Requests entries in view again when their marks may be outdated [I3]. */
  renewView(): void
}

export function createInRoom(options: {
  readonly replica: Pick<DeviceReplica, 'state' | 'putRoom'>
  readonly session: Pick<Session, 'connection' | 'send'>
  readonly openRooms: Pick<OpenRooms, 'open' | 'close'>
  readonly watching: Pick<Watching, 'set' | 'took' | 'watched'>
  readonly reads: Pick<ReadTelling, 'plan'>
  readonly typing: Pick<Typing, 'mayTell'>
  readonly history: Pick<History, 'loadOlder' | 'loadEntry' | 'shown'>
}): InRoom {
  const { replica, session, openRooms, watching } = options

  function renewView(): void {
    const view = watching.watched()
    if (view !== null) options.history.shown(view.conversationId, view.from, view.to ?? Infinity) // [seam: renew-in-view]
  }

  return {
    renewView,
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
      renewView()
    },
    loadOlder(conversationId, count) {
      openRooms.open(conversationId)
      return options.history.loadOlder(conversationId, count)
    },
    loadEntry: (conversationId, seq) => options.history.loadEntry(conversationId, seq),
    closeRoom: (conversationId) => openRooms.close(conversationId),
  }
}
