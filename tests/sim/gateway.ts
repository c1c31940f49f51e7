import type { AccountId, ClientMessageId, ConversationId, DeviceId } from '@bongsu/protocol'
import { LIMITS } from '@bongsu/protocol'
import type { Claims, Tokens } from '../../apps/server/src/accounts/tokens.ts'
import { append } from '../../apps/server/src/conversation/append.ts'
import { readHistory } from '../../apps/server/src/conversation/history.ts'
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
import { CALM } from '../../apps/server/src/ops/overload.ts'
import { createMarkRead } from '../../apps/server/src/receipts/mark-read.ts'
import type { Chance } from './chance.ts'
import type { Disk, StorePorts } from './disk.ts'
import type { HintBus } from './hint-bus.ts'
import type { Host } from './host.ts'

export const EPOCH = 'one'

/** So few that devices really are held and given turns. */
const HELLOS_PER_SECOND = 50

/** What an HTTP request of a device comes to. */
export type HttpAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly refusal: { readonly code: 'not-a-member' | 'unauthenticated' | 'unavailable' | 'body-invalid' | 'not-found' } }

export interface HttpRequest {
  readonly name: string
  readonly params?: { readonly conversationId?: ConversationId; readonly accountId?: AccountId }
  readonly query?: { readonly before?: number; readonly limit?: number }
  readonly body?: {
    readonly accountIds?: readonly AccountId[]
    readonly accounts?: readonly AccountId[]
    readonly title?: string
    readonly id?: ClientMessageId
  }
}

export interface GatewayWorldParts {
  readonly disk: Disk
  readonly bus: HintBus
  readonly chance: Chance
  readonly heartbeatMs: number
  /** What is neither refusal nor operating failure. */
  readonly bug: (cause: unknown) => void
}

/** One life of one server process: the real modules, put together as compose does, on simulated ports. */
export class Gateway {
  readonly host: Host
  readonly hub: Hub
  readonly connections: Connections
  readonly #parts: GatewayParts
  readonly #store: StorePorts
  readonly #announce: Announce
  readonly #world: GatewayWorldParts
  readonly #revoked = new Set<DeviceId>()

  constructor(world: GatewayWorldParts, host: Host) {
    this.#world = world
    this.host = host
    const { disk, heartbeatMs } = world
    const bus = world.bus.busFor(host)
    const store = disk.portsFor(host)
    const announce = createAnnounce(bus)
    const failed = (cause: unknown): void => {
      if (!(cause instanceof Unavailable)) world.bug(cause)
    }
    this.#store = store
    this.#announce = announce
    for (const deviceId of disk.revoked.keys()) this.#revoked.add(deviceId)
    this.connections = new Connections(host, heartbeatMs, { connectionsMax: 10_000, hellosPerSecond: HELLOS_PER_SECOND })
    const unread = createUnreadNumbers({ receipts: store.receipts, clock: host, overload: CALM, failed })
    this.hub = new Hub({ ...store, bus, clock: host, unread, failed, revoked: (deviceId) => this.#revoke(deviceId) })
    this.#parts = {
      clock: host,
      epoch: EPOCH,
      heartbeatMs,
      hub: this.hub,
      unread,
      connections: this.connections,
      admission: new Admission(host, HELLOS_PER_SECOND, CALM),
      overload: CALM,
      tokens,
      audit: store.audit,
      isRevoked: (deviceId) => this.#revoked.has(deviceId),
      append: (request, answer) => append({ log: store.log, clock: host, announce: announce.appended }, request, answer),
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
      return await this.#serve(accountId, request)
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

  async #serve(accountId: AccountId, { name, params, query, body }: HttpRequest): Promise<HttpAnswer> {
    const { disk, chance } = this.#world
    switch (name) {
      case 'readHistory': {
        const conversationId = params?.conversationId as ConversationId
        // Looked up first and read then, as the real handler does.
        await this.#store.log.heads([conversationId])
        const joinedSeq = disk.joinedSeq(conversationId, accountId)
        if (joinedSeq === null) return { ok: false, refusal: { code: 'not-a-member' } }
        return { ok: true, value: await readHistory(this.#store.log, conversationId, joinedSeq, query ?? {}) }
      }
      case 'lookUpPeople': {
        const asked = (body?.accountIds ?? []).slice(0, LIMITS.peoplePerLookupMax)
        const position = await this.#store.resume.position(accountId, null)
        const rooms = position?.memberships ?? []
        const known = asked.filter((other) => rooms.some((room) => disk.joinedSeq(room.conversationId, other) !== null))
        return { ok: true, value: { people: known.map((other) => ({ accountId: other, handle: 'someone', displayName: '아무개' })) } }
      }
      case 'createGroup': {
        const { id, title = '', accounts = [] } = body ?? {}
        const made = await this.#store.log.createGroup(
          { conversationId: chance.uuid() as ConversationId, author: accountId, id: id as ClientMessageId, title, accounts },
          this.host.now(),
        )
        if ('code' in made) return { ok: false, refusal: { code: 'body-invalid' } }
        if (!made.existed) this.#announce.accounts(made.accounts)
        return { ok: true, value: { conversationId: made.conversationId } }
      }
      case 'openDirect': {
        const other = params?.accountId as AccountId
        const made = await this.#store.log.openDirect(
          chance.uuid() as ConversationId,
          chance.uuid() as ClientMessageId,
          accountId,
          other,
          this.host.now(),
        )
        if ('code' in made) return { ok: false, refusal: { code: 'body-invalid' } }
        if (!made.existed) this.#announce.accounts(made.accounts)
        return { ok: true, value: { conversationId: made.conversationId, kind: accountId === other ? 'self' : 'direct' } }
      }
      case 'reportOutages':
        return { ok: true, value: {} }
      default:
        return { ok: false, refusal: { code: 'not-found' } }
    }
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
