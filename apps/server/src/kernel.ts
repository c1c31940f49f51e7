import type { AccountId, DeviceId } from '@bongsu/protocol'
import type { Caller } from './accounts/parts.ts'
import type { Claims, Tokens } from './accounts/tokens.ts'
import { append, type Append } from './conversation/append.ts'
import { setMark, type SetMark } from './conversation/set-mark.ts'
import { createAnnounce, type Announce } from './delivery/announce.ts'
import { DELIVERY_BOUNDS } from './delivery/bounds.ts'
import type { Bus } from './delivery/bus.ts'
import { Hub } from './delivery/hub.ts'
import type { LostFuture, Tides } from './delivery/tides.ts'
import { createUnreadNumbers } from './delivery/unread-push.ts'
import type { Figures } from './figures/figures.ts'
import { AccountPaces } from './gateway/account-paces.ts'
import { Admission } from './gateway/admission.ts'
import { Connection, type ConnectionParts } from './gateway/connection.ts'
import { Connections, type ConnectionBounds } from './gateway/connections.ts'
import { createDispatch } from './gateway/dispatch.ts'
import { createEpochs } from './gateway/epochs.ts'
import { NO_QUOTAS, type Quotas } from './gateway/quotas.ts'
import { RevokedDevices } from './gateway/revoked-devices.ts'
import { SuspendedAccounts, type SuspendedParts } from './gateway/suspended-accounts.ts'
import type { GatewaySocket } from './gateway/socket.ts'
import { welcome, type WelcomeParts } from './gateway/welcome.ts'
import type { Clock } from './ops/clock.ts'
import type { Metrics } from './ops/metrics.ts'
import type { Shedding } from './ops/overload.ts'
import type { Arrival, Arrivals } from './processes/arrivals.ts'
import { createMarkRead } from './receipts/mark-read.ts'
import type { Store } from './store/store.ts'

export interface KernelPorts {
  readonly store: Pick<Store, 'log' | 'resume' | 'receipts' | 'audit' | 'epoch' | 'beginEpoch' | 'look'>
  readonly bus: Bus
  readonly clock: Clock
  readonly tokens: Tokens
  readonly tides: Tides
  /** The store has gone back to an older state, and a new epoch has begun [A7]. */
  readonly begunEpoch: (lost: LostFuture, epoch: string) => void
  readonly overload: Shedding
  readonly figures: Pick<Figures, 'came' | 'cameElsewhere' | 'went' | 'keptOut' | 'accepted' | 'served' | 'refusedBusy'>
  /** What accounts may add in an hour; no bound when left out. */
  readonly quotas?: Quotas
  readonly metrics: Pick<Metrics, 'frameIn' | 'refused' | 'accepted' | 'auditFault'>
  /** Reads which devices are revoked. @param withinMs only those revoked within this time. */
  readonly revokedDevices: (withinMs?: number) => Promise<readonly DeviceId[]>
  /** Reads whether a device was revoked, however long ago. */
  readonly wasRevoked: (deviceId: DeviceId) => Promise<boolean>
  /** Who is suspended; left out where there is no staff. */
  readonly suspended?: SuspendedParts
  /** Called before a device is admitted and counted. */
  readonly admitting?: (claims: Claims) => Promise<void>
  /** Whether an account may call a room this [B30]; left out where nobody is staff. */
  readonly mayTitle?: (accountId: AccountId, title: string) => Promise<boolean>
  /** How processes that do not hear each other tell which devices came to them; left out for a single process. */
  readonly arrivals?: Arrivals
  /** Epoch ms by a clock that all processes have in common; this machine's when left out. */
  readonly commonNow?: () => number
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
  readonly isSuspended: (accountId: AccountId) => boolean
  /** Looks at once who is suspended, and lets the processes of these devices look too [B55]. */
  readonly suspensionsChanged: (deviceIds: readonly DeviceId[]) => Promise<void>
  /** Whether a device with a valid token is signed in, as `isKnown` says. A device that is connected here need not be looked up [O6]. */
  isSignedIn(caller: Caller, isKnown: (caller: Caller) => Promise<boolean>): Promise<boolean>
  /** Creates the connection of a new socket. Ask `connections` before whether there is room. */
  accept(socket: GatewaySocket): Connection
  /** Prepares for handing over: no new connections, and no more looking into the store. */
  release(): void
  /** Moves every device to the next process, which is ready [O5]. Resolves when all are closed. Call `release` before. */
  move(): Promise<void>
  /** Sends every device to other processes [O15]. Resolves with false when nobody arrives there. Call `stop` afterwards. */
  leave(): Promise<boolean>
  /** Announces the stop to every device, closes the connections, and stops listening to hints [O5]. */
  stop(): void
}

/** The only way to put a server together from its ports. Used by compose, the tests, the simulation and the bench. */
export function createKernel(ports: KernelPorts, settings: KernelSettings): Kernel {
  const { store, bus, clock, tokens, tides, overload, figures, metrics, failed } = ports
  const { heartbeatMs } = settings
  const connections = new Connections(clock, heartbeatMs, settings)
  const admission = new Admission(clock, settings.hellosPerSecond, overload)
  const revoked = new RevokedDevices(settings.revoked, ports, (deviceId) => connections.revoked(deviceId))
  const isRevoked = (deviceId: DeviceId): boolean => revoked.has(deviceId)
  const suspended = ports.suspended === undefined ? null : new SuspendedAccounts(ports.suspended, (accountId) => connections.suspended(accountId))
  const isSuspended = (accountId: AccountId): boolean => suspended?.has(accountId) === true
  /** Another process closes devices: because they were revoked, or their account was suspended. Older processes know the former alone. */
  async function heardOfClosing(deviceId: DeviceId): Promise<void> {
    await Promise.all([revoked.heard(deviceId), suspended?.learn()])
  }
  const hints = createAnnounce(bus, settings.process)
  const announce: Announce = {
    ...hints,
    revoked(deviceId) {
      revoked.add(deviceId)
      hints.revoked(deviceId)
    },
    cameIn(accountId, deviceId, at) {
      ports.arrivals?.note(accountId, deviceId, at)
      hints.cameIn(accountId, deviceId, at)
    },
  }
  function cameElsewhere({ accountId, deviceId, process, at }: Arrival): void {
    if (process === settings.process) return
    connections.cameInElsewhere(deviceId, at, process > settings.process)
    figures.cameElsewhere(accountId)
  }
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
    revoked: (deviceId) => void heardOfClosing(deviceId).catch(failed),
    superseded: cameElsewhere,
  })

  const appendParts = { log: store.log, clock, announce: announce.appended, ...(ports.mayTitle === undefined ? {} : { mayTitle: ports.mayTitle }) }
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
    quotas: ports.quotas ?? NO_QUOTAS,
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
    isSuspended,
    wasRevoked: ports.wasRevoked,
    admitting: ports.admitting,
    connections,
    admission,
    announce,
    audit: store.audit,
    hub,
  }
  const connectionParts: ConnectionParts = {
    clock,
    commonNow: ports.commonNow ?? (() => clock.now()),
    heartbeatMs,
    limits: settings,
    connections,
    hub,
    paces: new AccountPaces(clock, settings),
    metrics,
    figures,
    welcome: (newcomer, hello, chars) => welcome(welcomeParts, newcomer, hello, chars),
    dispatch,
    tide: tides.tide,
    failed,
  }
  const cancelSweeping = clock.every(heartbeatMs, () => {
    epochs.look().catch(failed) // [seam: look-for-epoch]
    hub.sweep().catch(failed)
    revoked.learn().catch(failed) // [seam: learn-revoked]
    suspended?.learn().catch(failed)
  })
  // Reads what hints would have told [D13].
  const cancelLooking = clock.every(DELIVERY_BOUNDS.lookMs, () => {
    const looking = hub.look()
    if (looking !== null) for (const each of [looking, revoked.learnLately(), exchange()]) each.catch(failed)
  })
  let exchanging = false
  async function exchange(): Promise<void> {
    if (ports.arrivals === undefined || exchanging) return
    exchanging = true
    try {
      for (const arrival of await ports.arrivals.exchange()) cameElsewhere(arrival)
    } finally {
      exchanging = false
    }
  }
  function stopSweeping(): void {
    cancelSweeping()
    cancelLooking()
  }

  return {
    announce,
    hub,
    connections,
    admission,
    isRevoked,
    isSuspended,
    async suspensionsChanged(deviceIds) {
      await suspended?.learn()
      for (const deviceId of deviceIds) hints.revoked(deviceId)
    },
    isSignedIn: async (caller, isKnown) => !isRevoked(caller.deviceId) && (connections.serves(caller.deviceId) || isKnown(caller)),
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
    leave: () => new Promise((resolve) => connections.leave(resolve)),
    stop() {
      stopSweeping()
      connections.drain()
      hub.stop()
    },
  }
}
