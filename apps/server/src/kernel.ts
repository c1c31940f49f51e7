import type { DeviceId } from '@bongsu/protocol'
import type { Tokens } from './accounts/tokens.ts'
import { append, type Append } from './conversation/append.ts'
import { setMark, type SetMark } from './conversation/set-mark.ts'
import { createAnnounce, type Announce } from './delivery/announce.ts'
import type { Bus } from './delivery/bus.ts'
import { Hub } from './delivery/hub.ts'
import type { LostFuture, Tides } from './delivery/tides.ts'
import { createUnreadNumbers } from './delivery/unread-push.ts'
import type { Figures } from './figures/figures.ts'
import { Admission } from './gateway/admission.ts'
import { Connection, type ConnectionParts } from './gateway/connection.ts'
import { Connections, type ConnectionBounds } from './gateway/connections.ts'
import { createDispatch } from './gateway/dispatch.ts'
import { createEpochs } from './gateway/epochs.ts'
import { RevokedDevices } from './gateway/revoked-devices.ts'
import type { GatewaySocket } from './gateway/socket.ts'
import { welcome, type WelcomeParts } from './gateway/welcome.ts'
import type { Clock } from './ops/clock.ts'
import type { Metrics } from './ops/metrics.ts'
import type { Shedding } from './ops/overload.ts'
import { createMarkRead } from './receipts/mark-read.ts'
import type { Store } from './store/store.ts'

export interface KernelPorts {
  readonly store: Pick<Store, 'log' | 'resume' | 'receipts' | 'audit' | 'epoch' | 'beginEpoch'>
  readonly bus: Bus
  readonly clock: Clock
  readonly tokens: Tokens
  readonly tides: Tides
  /** The store has gone back to an older state, and a new epoch has begun [A7]. */
  readonly begunEpoch: (lost: LostFuture, epoch: string) => void
  readonly overload: Shedding
  readonly figures: Pick<Figures, 'came' | 'went' | 'keptOut' | 'accepted' | 'refusedBusy'>
  readonly metrics: Pick<Metrics, 'frameIn' | 'refused' | 'accepted' | 'auditFault'>
  /** Reads which devices are revoked. */
  readonly revokedDevices: () => Promise<readonly DeviceId[]>
  /** Called for a failure that is not a refusal: see ARCHITECTURE.md, Errors. */
  readonly failed: (cause: unknown) => void
}

export interface KernelSettings extends ConnectionBounds {
  /** Name of this process among all processes on the bus. */
  readonly process: string
  readonly heartbeatMs: number
  readonly framesPerSecond: number
  readonly framesBurst: number
  /** Devices that are already revoked when the server starts. */
  readonly revoked: Iterable<DeviceId>
  /** Lets a simulation observe each send and each act, and its answer. */
  readonly observed?: { readonly append: (append: Append) => Append; readonly setMark: (set: SetMark) => SetMark }
}

/** A server without HTTP, files and settings: connections, hints, and the store behind them. */
export interface Kernel {
  readonly announce: Announce
  readonly hub: Hub
  readonly connections: Connections
  readonly admission: Pick<Admission, 'held' | 'places' | 'perSecond'>
  readonly isRevoked: (deviceId: DeviceId) => boolean
  /** Creates the connection of a new socket. Ask `connections` before whether there is room. */
  accept(socket: GatewaySocket): Connection
  /** Prepares for handing over: no new connections, and no more looking into the store. */
  release(): void
  /** Moves every device to the next process, which is ready [O5]. Resolves when all are closed. Call `release` before. */
  move(): Promise<void>
  /** Announces the stop to every device, closes the connections, and stops listening to hints [O5]. */
  stop(): void
}

/** The only way to put a server together from its ports. Used by compose, the tests, the simulation and the bench. */
export function createKernel(ports: KernelPorts, settings: KernelSettings): Kernel {
  const { store, bus, clock, tokens, tides, overload, figures, metrics, failed } = ports
  const { heartbeatMs } = settings
  const announce = createAnnounce(bus, settings.process)
  const connections = new Connections(clock, heartbeatMs, settings)
  const admission = new Admission(clock, settings.hellosPerSecond, overload)
  const revoked = new RevokedDevices(settings.revoked, ports.revokedDevices, (deviceId) => connections.revoked(deviceId))
  const isRevoked = (deviceId: DeviceId): boolean => revoked.has(deviceId)
  const epochs = createEpochs({ store, tides, clock, connections, told: ports.begunEpoch })
  const unread = createUnreadNumbers({ receipts: store.receipts, clock, overload, failed })
  const hub = new Hub({
    log: store.log,
    resume: store.resume,
    bus,
    clock,
    unread,
    tide: tides.tide,
    failed,
    revoked: (deviceId) => revoked.add(deviceId),
    superseded({ deviceId, process, at }) {
      if (process !== settings.process) connections.cameInElsewhere(deviceId, at)
    },
  })

  const appendParts = { log: store.log, clock, announce: announce.appended }
  const appendOne: Append = (request, answer) => append(appendParts, request, answer)
  const setParts = { log: store.log, clock, announce: announce.marked }
  const setOne: SetMark = (request, answer) => setMark(setParts, request, answer)
  const markRead = createMarkRead({
    receipts: store.receipts,
    clock,
    announce(accountIds, conversationIds) {
      announce.accounts(accountIds)
      announce.reads(conversationIds)
    },
  })
  const dispatch = createDispatch({
    clock,
    overload,
    append: settings.observed?.append(appendOne) ?? appendOne,
    setMark: settings.observed?.setMark(setOne) ?? setOne,
    markRead,
    announce,
    unread,
    audit: store.audit,
    metrics,
    figures,
    tide: tides.tide,
    failed,
  })
  const welcomeParts: WelcomeParts = {
    clock,
    epochs,
    tides,
    heartbeatMs,
    tokens,
    isRevoked,
    connections,
    admission,
    announce,
    audit: store.audit,
    hub,
  }
  const connectionParts: ConnectionParts = {
    clock,
    heartbeatMs,
    limits: settings,
    connections,
    hub,
    metrics,
    figures,
    welcome: (newcomer, hello, chars) => welcome(welcomeParts, newcomer, hello, chars),
    dispatch,
    tide: tides.tide,
    failed,
  }
  const stopSweeping = clock.every(heartbeatMs, () => {
    epochs.look()
    hub.sweep().catch(failed)
    revoked.learn().catch(failed)
  })

  return {
    announce,
    hub,
    connections,
    admission,
    isRevoked,
    accept(socket) {
      const connection = new Connection(connectionParts, socket)
      connections.began(connection)
      return connection
    },
    release() {
      stopSweeping()
      connections.closeDoor()
    },
    async move() {
      await new Promise<void>((resolve) => connections.move(resolve))
      hub.stop()
    },
    stop() {
      stopSweeping()
      connections.drain()
      hub.stop()
    },
  }
}
