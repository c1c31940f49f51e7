import { createActs } from './acts.ts'
import type { Audit } from './audit.ts'
import type { DeviceLife } from './device-life.ts'
import type { DeviceReplica } from './device-replica.ts'
import type { DeviceHandle, View } from './device.ts'
import { featuresOf, knowsAll } from './features.ts'
import type { InRoom } from './in-room.ts'
import type { Listeners } from './listeners.ts'
import type { OpenRooms } from './open-rooms.ts'
import type { Outages } from './outages.ts'
import type { PeopleLookup } from './people-lookup.ts'
import type { Persist } from './persist.ts'
import type { LocalStore } from './ports.ts'
import { SendRejected, type Sending } from './sending.ts'
import type { Session } from './session.ts'
import { EMPTY_STATE } from './state.ts'
import type { Watching } from './watching.ts'

/** Passes what a screen or a program asks of a device to the part concerned. */
export function createHandle(parts: {
  readonly view: () => View
  readonly listeners: Pick<Listeners, 'add'>
  readonly life: DeviceLife
  readonly store: Pick<LocalStore, 'clear'>
  readonly replica: DeviceReplica
  readonly persist: Pick<Persist, 'failed'>
  readonly sending: Sending
  readonly openRooms: Pick<OpenRooms, 'forget'>
  readonly watching: Pick<Watching, 'forget'>
  readonly inRoom: InRoom
  readonly audit: Pick<Audit, 'run'>
  readonly people: Pick<PeopleLookup, 'want'>
  readonly putPeople: DeviceHandle['putPeople']
  readonly session: Pick<Session, 'wake' | 'networkLost'>
  readonly outages: Pick<Outages, 'clear' | 'inFront'>
  readonly changed: () => void
}): DeviceHandle {
  const { life, replica, sending, inRoom, audit, people, session, outages } = parts
  const { state } = replica

  return {
    view: parts.view,
    subscribe: (listener) => parts.listeners.add(listener),
    start: () => life.start(),
    stop: () => life.stop(),
    async forget() {
      await life.stop()
      sending.clear()
      replica.forget()
      parts.openRooms.forget()
      parts.watching.forget()
      parts.changed()
      await outages.clear()
      await parts.store.clear()
    },
    async wipe() {
      sending.sweep(() => true)
      const rooms = [...state().rooms.keys()]
      replica.become(
        { ...EMPTY_STATE, accountId: state().accountId },
        rooms.map((conversationId) => ({ do: 'drop', conversationId })),
      )
      await life.stop()
      if (parts.persist.failed()) throw new Error('the store refused to delete')
    },
    async send(conversationId, body, id) {
      if (!life.loaded()) throw new Error('send before the device has read its store')
      if (!knowsAll(state().features, featuresOf({ body }))) throw new SendRejected('feature-missing')
      return sending.add(conversationId, body, id)
    },
    act: createActs({ replica, sending }),
    retry: (id) => sending.retry(id),
    discard: (id) => sending.discard(id),
    settled: (id) => sending.settled(id),
    markRead: inRoom.markRead,
    typing: inRoom.typing,
    watch: inRoom.watch,
    loadOlder: inRoom.loadOlder,
    loadEntry: inRoom.loadEntry,
    closeRoom: inRoom.closeRoom,
    audit: (conversationId) => audit.run(conversationId),
    learnPeople: (accountIds) => people.want(accountIds),
    putPeople: parts.putPeople,
    wake() {
      if (life.running()) session.wake()
    },
    networkLost() {
      if (life.running()) session.networkLost()
    },
    inFront: (front) => outages.inFront(front),
  }
}
