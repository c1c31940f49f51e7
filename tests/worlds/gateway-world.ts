import { FEATURES, type AccountId, type DeviceId, type RefusalCode, type UpFrame } from '@bongsu/protocol'
import { createTokens, type Tokens } from '../../apps/server/src/accounts/tokens.ts'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import type { Bus } from '../../apps/server/src/delivery/bus.ts'
import { createTides, type LostFuture } from '../../apps/server/src/delivery/tides.ts'
import { createFigures, type Figures } from '../../apps/server/src/figures/figures.ts'
import type { Connection } from '../../apps/server/src/gateway/connection.ts'
import type { Connections } from '../../apps/server/src/gateway/connections.ts'
import { createKernel, type Kernel } from '../../apps/server/src/kernel.ts'
import type { Arrivals } from '../../apps/server/src/processes/arrivals.ts'
import { CALM, type Work } from '../../apps/server/src/ops/overload.ts'
import { createDeliveryWorld, type DeliveryWorld } from './delivery-world.ts'
import { createFakeSocket, type FakeSocket } from './fake-socket.ts'
import { holdReads, type HeldReads } from './held-reads.ts'
import { accountId, deviceId } from './names.ts'
import { until } from './settle.ts'

export const EPOCH = 'the-first'
export const HEARTBEAT_MS = 25_000

export interface Caller {
  readonly connection: Connection
  readonly socket: FakeSocket
  readonly say: (frame: UpFrame | string) => void
}

export interface GatewayWorld {
  readonly world: DeliveryWorld
  readonly kernel: Kernel
  readonly connections: Connections
  readonly audit: AuditStore
  readonly tokens: Tokens
  readonly revoke: (deviceId: DeviceId) => void
  /** Devices that the store knows as revoked, and the process does not. */
  readonly revokedBefore: Set<DeviceId>
  /** Appends wait here when the world was made with `holdAppends`. */
  readonly appends: HeldReads
  readonly refused: RefusalCode[]
  readonly failures: unknown[]
  readonly figures: Figures
  /** Epochs that began by proof of a lost future [A7]. */
  readonly begunEpochs: readonly LostFuture[]
  /** The epoch that another process has begun, and that this one finds when it looks; null without one. */
  epochInStore: string | null
  /** How many `audit-fault` frames were counted. */
  auditFaults: number
  /** A socket that has connected and said nothing. */
  readonly stranger: (address?: string) => Caller
  hello(account: number, device?: number): Promise<UpFrame & { t: 'hello' }>
  /** A device that knows items, signed in and caught up. */
  today(account: number, device?: number): Promise<Caller>
  /** A device that is signed in and has caught up. */
  device(account: number, device?: number): Promise<Caller>
}

export interface GatewayOptions {
  /** Another process on the same store, and on the same bus when no other is given. */
  readonly beside?: GatewayWorld
  readonly bus?: Bus
  readonly process?: string
  readonly arrivals?: Arrivals
  readonly commonNow?: () => number
  readonly isCanary?: (accountId: AccountId) => boolean
  readonly admitting?: () => Promise<void>
  readonly accounts?: number
  readonly connectionsMax?: number
  readonly framesPerSecond?: number
  readonly framesBurst?: number
  readonly holdAppends?: boolean
  readonly hellosPerSecond?: number
  /** What is given up now. */
  readonly sheds?: (work: Work) => boolean
  readonly early?: (n: number) => boolean
  /** Until when accounts are suspended, in the store; null: for good. */
  readonly suspended?: ReadonlyMap<AccountId, number | null>
  /** Numbers of the accounts that are canaries. */
  readonly canaries?: readonly number[]
  /** Puts something between the gateway and its tokens. */
  readonly tokens?: (tokens: Tokens) => Tokens
}

/** The real gateway over the delivery world; sockets are arrays, time stands still. */
export function createGatewayWorld(options: GatewayOptions = {}): GatewayWorld {
  const world =
    options.beside?.world ??
    createDeliveryWorld({ accounts: options.accounts ?? 3, ...(options.early === undefined ? {} : { early: options.early }) })
  const { clock, store } = world
  const bus = options.bus ?? world.bus
  const issuer = createTokens(new Uint8Array(32).fill(7), clock)
  const tokens = options.tokens?.(issuer) ?? issuer
  const sheds = options.sheds ?? ((): boolean => false)
  const { held: appends, wrap } = holdReads(() => false)
  if (options.holdAppends !== true) appends.free()
  const refused: RefusalCode[] = []
  const failures: unknown[] = []
  const canaries = new Set((options.canaries ?? []).map((n) => accountId(n)))
  const figures = createFigures({
    clock,
    process: 'p',
    cell: 'main',
    isCanary: options.isCanary ?? ((id) => canaries.has(id)),
    isCanaryHandle: () => false,
  })
  const audit = { ...store.audit }
  const begunEpochs: LostFuture[] = []
  const past = {
    epoch: EPOCH,
    starts: store.starts,
    current: store.current,
    async look() {
      past.epoch = gateway.epochInStore ?? past.epoch
    },
    async beginEpoch(ended: string, lastCommonStart: number | null) {
      if (ended !== past.epoch) return
      store.beginHistory(past.epoch, lastCommonStart)
      past.epoch = `${past.epoch}, again`
    },
  }
  const kernel = createKernel(
    {
      store: Object.assign(past, world.ports, { log: wrap(world.ports.log, 'append', 'set'), audit }),
      tides: createTides(new Uint8Array(32).fill(9), past),
      begunEpoch: (lost) => void begunEpochs.push(lost),
      bus,
      clock,
      tokens,
      overload: { ...CALM, sheds },
      figures,
      metrics: { frameIn() {}, accepted() {}, auditFault: () => void gateway.auditFaults++, refused: (code) => void refused.push(code) },
      revokedDevices: async () => [...gateway.revokedBefore],
      wasRevoked: async (id) => gateway.revokedBefore.has(id),
      suspended: { readSuspended: async () => new Map(options.suspended), knownNow: () => clock.now() },
      ...(options.admitting === undefined ? {} : { admitting: options.admitting }),
      ...(options.arrivals === undefined ? {} : { arrivals: options.arrivals }),
      ...(options.commonNow === undefined ? {} : { commonNow: options.commonNow }),
      failed: (cause) => void failures.push(cause),
    },
    {
      process: options.process ?? (options.beside === undefined ? 'p' : 'q'),
      heartbeatMs: HEARTBEAT_MS,
      connectionsMax: options.connectionsMax ?? 10_000,
      hellosPerSecond: options.hellosPerSecond ?? 100_000,
      framesPerSecond: options.framesPerSecond ?? 50,
      framesBurst: options.framesBurst ?? 300,
      revoked: [],
    },
  )

  const gateway: GatewayWorld = {
    world,
    kernel,
    connections: kernel.connections,
    audit,
    tokens: issuer,
    revoke: (id) => kernel.announce.revoked(id),
    revokedBefore: new Set(),
    appends,
    refused,
    failures,
    figures,
    begunEpochs,
    epochInStore: null,
    auditFaults: 0,
    stranger(address) {
      const socket = createFakeSocket(address === undefined ? {} : { address })
      const connection = kernel.accept(socket)
      return { connection, socket, say: (frame) => connection.receive(typeof frame === 'string' ? frame : JSON.stringify(frame)) }
    },
    async hello(account, device = account) {
      const token = await issuer.issue(accountId(account), deviceId(device), clock.now())
      return { t: 'hello', token, epoch: null, account: 0, cursors: [] }
    },
    device: async (account, device = account) => comeIn(await gateway.hello(account, device)),
    today: async (account, device = account) => comeIn({ ...(await gateway.hello(account, device)), features: [...FEATURES], changes: [] }),
  }

  async function comeIn(hello: UpFrame & { t: 'hello' }): Promise<Caller> {
    const caller = gateway.stranger()
    caller.say(hello)
    await until('the device to catch up', () => caller.socket.of('caught-up').length === 1)
    return caller
  }
  return gateway
}
