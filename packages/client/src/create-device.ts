import { createAudit } from './audit.ts'
import type { Connection } from './connection.ts'
import { createHandle } from './device-handle.ts'
import { createDeviceLife } from './device-life.ts'
import { createDeviceReplica } from './device-replica.ts'
import type { DeviceHandle, DeviceOptions, View } from './device.ts'
import { createEffects } from './effects.ts'
import { featuresOf, knowsAll } from './features.ts'
import { createGreeting } from './greeting.ts'
import { createHeadCheck } from './head-check.ts'
import { createHistory } from './history.ts'
import { createInRoom } from './in-room.ts'
import { createListeners } from './listeners.ts'
import { mendRoom } from './mend-room.ts'
import { createOldOrder } from './old-order.ts'
import { createOpenRooms } from './open-rooms.ts'
import { createOutages } from './outages.ts'
import { upFrameOf } from './outbox.ts'
import { createOwnEntries } from './own-entries.ts'
import { createPeopleLookup } from './people-lookup.ts'
import { knowPeople } from './people.ts'
import { createPersist } from './persist.ts'
import { createPutBack } from './put-back.ts'
import { createReadTelling } from './read-telling.ts'
import { createReceiving } from './receiving.ts'
import { createRefreshes } from './refreshes.ts'
import { createSending } from './sending.ts'
import { createSession } from './session.ts'
import { createShownReplica } from './shown-replica.ts'
import type { ReplicaState } from './state.ts'
import { createTyping } from './typing.ts'
import { createWatching } from './watching.ts'

/** Puts the parts of a device together. Each part knows only the parts passed to it here. */
export function createDevice(options: DeviceOptions): DeviceHandle {
  const { store, clock, random, http } = options
  const listeners = createListeners()
  const shownReplica = createShownReplica()
  let view: View | null = null

  const session = createSession({
    openSocket: options.openSocket,
    clock,
    random,
    events: {
      hello: (form) => greeting.hello(form),
      frame: (frame) => putBack.takes(frame) || receive(frame),
      changed: connectionChanged,
    },
  })
  const persist = createPersist({ store, clock, changed })
  const sending = createSending({
    clock,
    random,
    persist,
    isOpen: () => session.isOpen() && !putBack.busy(),
    send: (item) => session.send(upFrameOf(item)), // [seam: send-frame]
    isKnown: (item) => knowsAll(state().features, featuresOf(item)),
    mustWait: (item) => oldOrder.waits(item.conversationId, item.id),
    changed,
  })
  const oldOrder = createOldOrder({ clock, released: () => sending.pump() })
  const replica = createDeviceReplica({ persist, perform: (effect) => effects.perform(effect), changed })
  const { state } = replica
  const typing = createTyping(clock, changed)
  const refreshes = createRefreshes(clock, (conversationId) => session.send({ t: 'refresh', conversationId }))
  const reads = createReadTelling(clock, live, (conversationId, seq) => session.send({ t: 'read', conversationId, seq }))
  const watching = createWatching(
    clock,
    ({ conversationId }) => state().rooms.get(conversationId)?.cursor ?? 0,
    (frame) => session.send(frame),
  )
  const people = createPeopleLookup({ http, clock, known: (accountId) => state().people.has(accountId), found: putPeople })
  const openRooms = createOpenRooms({ replica, isInView: (conversationId) => watching.isOn(conversationId) })
  const effects = createEffects({
    clock,
    refreshes,
    people,
    account: () => state().account,
    resume: () => session.resume(),
    dropped: (conversationId) => openRooms.dropped(conversationId),
  })
  const ownEntries = createOwnEntries({ state, sending })
  const history = createHistory({
    store,
    persist,
    http,
    clock,
    random,
    state,
    changed(older, asked) {
      replica.become(older, asked)
      // A page of history may contain own entries that were refused between two restores.
      for (const effect of asked) if (effect.do === 'store') ownEntries.arrived(effect.entries)
    },
  })
  const audit = createAudit({
    store,
    clock,
    random,
    live,
    flush: () => persist.flush().then(() => !persist.failed()),
    send: (frame) => session.send(frame),
    mend: (conversationId) => mendRoom(replica, openRooms, conversationId),
    changed,
  })
  const inRoom = createInRoom({ replica, session, openRooms, watching, reads, typing, history })
  const outages = createOutages({
    clock,
    random,
    http,
    unsent: () => sending.entries().filter(({ progress }) => progress === 'waiting' || progress === 'sending').length,
    spreadMs: () => session.spreadMs(),
    store: (kept) => store.commit({ outages: kept }),
  })
  const headCheck = createHeadCheck({
    state,
    refreshes,
    send: (frame) => session.send(frame),
    told: () => reads.plan(),
    equal: () => ownEntries.sweepLeft(),
  })
  const greeting = createGreeting({ token: options.token, replica, sending, people, watching, onToken: options.onToken })
  const receive = createReceiving({
    replica,
    greeting,
    oldOrder,
    ownEntries,
    openRooms,
    sending,
    headCheck,
    refreshes,
    reads,
    watching,
    audit,
    people,
    typing,
    history,
    renewView: () => inRoom.renewView(),
    resume: () => session.resume(),
  })
  const putBack = createPutBack({
    store,
    persist,
    state,
    random,
    unsent: () => sending.entries(),
    oldOrder,
    enqueue: (items, heads) => sending.putBack(items, heads),
    receive: (frame) => putBack.takes(frame) || receive(frame),
    failed: () => session.resume(),
  })
  const life = createDeviceLife({
    store,
    replica,
    sending,
    outages,
    session,
    outagesBefore: options.outages ?? [],
    stopParts() {
      people.stop()
      history.stop()
      oldOrder.stop()
      reads.disconnected()
      watching.stop()
      return persist.stop()
    },
    changed,
  })

  function changed(): void {
    view = null
    listeners.tell()
  }

  /** The state while connected and caught up, else null. */
  function live(): ReplicaState | null {
    return session.connection().state === 'live' && !putBack.busy() ? state() : null
  }

  function connectionChanged(connection: Connection): void {
    if (connection.state !== 'catching-up' && connection.state !== 'live') {
      sending.disconnected()
      refreshes.clear()
      reads.disconnected()
      typing.clear()
      audit.disconnected()
      putBack.disconnected()
      effects.disconnected()
      headCheck.disconnected()
    }
    outages.changed(connection)
    changed()
    if (connection.state === 'signed-out')
      options.onSignedOut?.(connection.expired === true ? 'expired' : connection.revoked === true ? 'revoked' : 'unknown')
  }

  function putPeople(persons: Parameters<DeviceHandle['putPeople']>[0]): void {
    replica.become(knowPeople(state(), persons), [])
  }

  function currentView(): View {
    view ??= {
      loaded: life.loaded(),
      connection: session.connection(),
      replica: shownReplica(state(), sending.acts()),
      outbox: sending.entries(),
      acts: sending.acts(),
      typing: typing.writers(),
      storageFailed: persist.failed(),
      auditFault: audit.fault(),
      restored: putBack.restored(),
    }
    return view
  }

  return createHandle({
    view: currentView,
    listeners,
    life,
    store,
    replica,
    persist,
    sending,
    openRooms,
    watching,
    inRoom,
    audit,
    people,
    putPeople,
    session,
    outages,
    changed,
  })
}
