import type { AccountId, DeviceId } from '@bongsu/protocol'
import type { Claims, Tokens } from '../../apps/server/src/accounts/tokens.ts'
import { append } from '../../apps/server/src/conversation/append.ts'
import { Unavailable } from '../../apps/server/src/conversation/log-store.ts'
import { createAnnounce, type Announce } from '../../apps/server/src/delivery/announce.ts'
import { Hub } from '../../apps/server/src/delivery/hub.ts'
import { createUnreadNumbers } from '../../apps/server/src/delivery/unread-push.ts'
import { createFigures } from '../../apps/server/src/figures/figures.ts'
import { Admission } from '../../apps/server/src/gateway/admission.ts'
import { Connection } from '../../apps/server/src/gateway/connection.ts'
import { Connections } from '../../apps/server/src/gateway/connections.ts'
import type { GatewayParts } from '../../apps/server/src/gateway/parts.ts'
import type { GatewaySocket } from '../../apps/server/src/gateway/socket.ts'
import { createMarkRead } from '../../apps/server/src/receipts/mark-read.ts'
import { Busy } from './busy.ts'
import type { Chance } from './chance.ts'
import type { Disk } from './disk.ts'
import type { HintBus } from './hint-bus.ts'
import type { Host } from './host.ts'
import type { JudgedKind } from './judged.ts'
import { createHttp, type Http, type HttpAnswer, type HttpRequest } from './http.ts'

/** As many as there are devices, when the plan says nothing else. */
const HELLOS_PER_SECOND = 50

export interface GatewayWorldParts {
  readonly disk: Disk
  readonly bus: HintBus
  readonly chance: Chance
  readonly heartbeatMs: number
  readonly hellosPerSecond?: number
  readonly broken: (promise: string, sentence: string) => void
  readonly judged: (kind: JudgedKind) => void
  /** What is neither refusal nor operating failure. */
  readonly bug: (cause: unknown) => void
}

/** One life of one server process: the real modules, put together as compose does, on simulated ports. */
export class Gateway {
  readonly host: Host
  readonly hub: Hub
  readonly connections: Connections
  readonly busy: Busy
  readonly #parts: GatewayParts
  readonly #http: Http
  readonly #announce: Announce
  readonly #world: GatewayWorldParts
  readonly #revoked = new Set<DeviceId>()

  constructor(world: GatewayWorldParts, host: Host) {
    this.#world = world
    this.host = host
    const busy = new Busy(host)
    this.busy = busy
    const { disk, heartbeatMs, hellosPerSecond = HELLOS_PER_SECOND } = world
    const bus = world.bus.busFor(host)
    const store = disk.portsFor(host)
    const announce = createAnnounce(bus)
    const failed = (cause: unknown): void => {
      if (!(cause instanceof Unavailable)) world.bug(cause)
    }
    this.#http = createHttp({ host, disk, store, chance: world.chance, opened: announce.accounts, broken: world.broken, judged: world.judged })
    this.#announce = announce
    for (const deviceId of disk.revoked.keys()) this.#revoked.add(deviceId)
    this.connections = new Connections(host, heartbeatMs, { connectionsMax: 10_000, hellosPerSecond })
    const unread = createUnreadNumbers({ receipts: store.receipts, clock: host, overload: busy, failed })
    this.hub = new Hub({ ...store, bus, clock: host, unread, failed, revoked: (deviceId) => this.#revoke(deviceId) })
    this.#parts = {
      clock: host,
      epoch: disk.epoch,
      heartbeatMs,
      hub: this.hub,
      unread,
      connections: this.connections,
      admission: new Admission(host, hellosPerSecond, busy),
      overload: busy,
      tokens,
      audit: store.audit,
      isRevoked: (deviceId) => this.#revoked.has(deviceId),
      append(request, answer) {
        let answered = false
        const announced: typeof announce.appended = (...news) => {
          if (!answered) world.broken('M5', `the hint of ${request.id} goes round before its author is answered`)
          announce.appended(...news)
        }
        return append({ log: store.log, clock: host, announce: announced }, request, (result) => {
          answered = true
          if (result.ok && busy.isWorst) world.judged('send: accepted under overload')
          answer(result)
        })
      },
      markRead: createMarkRead({
        receipts: store.receipts,
        clock: host,
        announce(accountIds, conversationIds) {
          announce.accounts(accountIds)
          announce.reads(conversationIds)
        },
      }),
      typing: announce.typing,
      figures: createFigures({ clock: host, process: host.name, cell: 'main', isCanary: () => false, isCanaryHandle: () => false }),
      metrics: { frameIn() {}, accepted() {}, refused() {}, auditFault() {} },
      limits: { framesPerSecond: 50, framesBurst: 300 },
      failed,
    }
    host.every(heartbeatMs, () => {
      void this.hub.sweep().catch(failed)
      // A process that is not alone looks at the truth about revocations too: hints may be lost.
      disk.readRevoked(host).then((ids) => ids.forEach((id) => this.#revoke(id)), failed)
    })
  }

  accept(socket: GatewaySocket): Connection | null {
    if (!this.connections.hasRoom()) return null
    const connection = new Connection(this.#parts, socket)
    this.connections.began(connection)
    return connection
  }

  /** As compose stops a server: the connections first. */
  drain(): void {
    this.connections.drain()
    this.hub.stop()
  }

  async http(accountId: AccountId, deviceId: DeviceId, request: HttpRequest): Promise<HttpAnswer> {
    if (this.#revoked.has(deviceId)) return { ok: false, refusal: { code: 'unauthenticated' } }
    try {
      return await this.#http(accountId, deviceId, request)
    } catch (cause) {
      if (!(cause instanceof Unavailable)) this.#world.bug(cause)
      return { ok: false, refusal: { code: 'unavailable' } }
    }
  }

  async revokeDevice(accountId: AccountId, deviceId: DeviceId): Promise<void> {
    await this.#world.disk.revoke(this.host, deviceId)
    this.#announce.revoked(deviceId)
    this.#announce.accounts([accountId])
  }

  #revoke(deviceId: DeviceId): void {
    if (this.#revoked.has(deviceId)) return
    this.#revoked.add(deviceId)
    this.connections.revoked(deviceId)
  }
}

/** Signed tokens without the signing, whose library computes outside of simulated time. */
const tokens: Tokens = {
  issue: async (accountId, deviceId, now) => tokenOf(accountId, deviceId, now),
  verify: async (token) => {
    const [accountId, deviceId, issuedAt] = token.split('.')
    return { accountId, deviceId, issuedAt: Number(issuedAt) } as Claims
  },
}

export function tokenOf(accountId: AccountId, deviceId: DeviceId, now: number): string {
  return `${accountId}.${deviceId}.${now}`
}
