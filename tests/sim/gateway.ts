import type { AccountId, ClientMessageId, DeviceId } from '@bongsu/protocol'
import type { Claims, Tokens } from '../../apps/server/src/accounts/tokens.ts'
import type { Append } from '../../apps/server/src/conversation/append.ts'
import type { SetMark } from '../../apps/server/src/conversation/set-mark.ts'
import { Unavailable } from '../../apps/server/src/conversation/log-store.ts'
import type { Bus } from '../../apps/server/src/delivery/bus.ts'
import type { Hub } from '../../apps/server/src/delivery/hub.ts'
import { createTides } from '../../apps/server/src/delivery/tides.ts'
import { createFigures } from '../../apps/server/src/figures/figures.ts'
import type { Connection } from '../../apps/server/src/gateway/connection.ts'
import type { Connections } from '../../apps/server/src/gateway/connections.ts'
import type { GatewaySocket } from '../../apps/server/src/gateway/socket.ts'
import { createKernel, type Kernel } from '../../apps/server/src/kernel.ts'
import { Busy } from './busy.ts'
import type { Chance } from './chance.ts'
import type { Disk } from './disk.ts'
import type { HintBus } from './hint-bus.ts'
import type { Host } from './host.ts'
import type { Thing } from './history.ts'
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
  /** An act was refused for its lateness. */
  readonly tooLate: (act: Thing) => void
  /** What is neither refusal nor operating failure. */
  readonly bug: (cause: unknown) => void
}

/** One life of one server process: the real kernel on simulated ports. */
export class Gateway {
  readonly host: Host
  /** Of the version before the newest one: it knows no items [W3]. */
  readonly older: boolean
  readonly hub: Hub
  readonly connections: Connections
  readonly busy: Busy
  readonly #kernel: Kernel
  readonly #http: Http
  readonly #world: GatewayWorldParts
  /** Sends that wait for their answer: no hint of them may go round before [M5]. */
  readonly #unanswered = new Set<ClientMessageId>()
  /** Changes of items whose authors have been answered, and whose hint has not been published yet [I1]. */
  readonly #answeredChanges = new Set<string>()

  constructor(world: GatewayWorldParts, host: Host, older = false) {
    this.#world = world
    this.older = older
    this.host = host
    this.busy = new Busy(host)
    const { disk, heartbeatMs, hellosPerSecond = HELLOS_PER_SECOND } = world
    const store = disk.portsFor(host)
    this.#kernel = createKernel(
      {
        store: Object.assign(disk.pastFor(host), store),
        tides: createTides(TIDE_KEY, disk.pastFor(host)),
        begunEpoch: () => world.judged('epoch: begun by proof of a lost future'),
        bus: this.#judged(world.bus.busFor(host)),
        clock: host,
        tokens,
        overload: this.busy,
        figures: createFigures({ clock: host, process: host.name, cell: 'main', isCanary: () => false, isCanaryHandle: () => false }),
        metrics: { frameIn() {}, accepted() {}, refused() {}, auditFault() {} },
        revokedDevices: () => disk.readRevoked(host),
        wasRevoked: async (deviceId) => (await disk.readRevoked(host)).includes(deviceId),
        failed(cause) {
          if (!(cause instanceof Unavailable)) world.bug(cause)
        },
      },
      {
        process: host.name,
        heartbeatMs,
        hellosPerSecond,
        connectionsMax: 10_000,
        framesPerSecond: 50,
        framesBurst: 300,
        revoked: disk.revoked.keys(),
        observed: { append: (append) => this.#observed(append), setMark: (set) => this.#observedSet(set) },
      },
    )
    this.hub = this.#kernel.hub
    this.connections = this.#kernel.connections
    const { announce } = this.#kernel
    this.#http = createHttp({ host, disk, store, chance: world.chance, opened: announce.accounts, broken: world.broken, judged: world.judged })
  }

  accept(socket: GatewaySocket): Connection | null {
    return this.connections.hasRoom() ? this.#kernel.accept(socket) : null
  }

  /** As compose stops a server. */
  drain(): void {
    this.#kernel.stop()
  }

  async http(accountId: AccountId, deviceId: DeviceId, request: HttpRequest): Promise<HttpAnswer> {
    if (this.#kernel.isRevoked(deviceId)) return { ok: false, refusal: { code: 'unauthenticated' } }
    try {
      return await this.#http(accountId, deviceId, request)
    } catch (cause) {
      if (!(cause instanceof Unavailable)) this.#world.bug(cause)
      return { ok: false, refusal: { code: 'unavailable' } }
    }
  }

  async revokeDevice(accountId: AccountId, deviceId: DeviceId): Promise<void> {
    await this.#world.disk.revoke(this.host, deviceId)
    this.#kernel.announce.revoked(deviceId)
    this.#kernel.announce.accounts([accountId])
  }

  #observed(append: Append): Append {
    return (request, answer) => {
      this.#unanswered.add(request.id)
      return append(request, (result) => {
        this.#unanswered.delete(request.id)
        if (result.ok && this.busy.isWorst) this.#world.judged('send: accepted under overload')
        answer(result)
      })
    }
  }

  #observedSet(set: SetMark): SetMark {
    return (request, answer) => {
      return set(request, (result) => {
        if (!result.ok && result.code === 'too-late') {
          const { conversationId, author, seq, act } = request
          this.#world.tooLate({ conversationId, author, seq, kind: act.kind })
        }
        if (result.ok && result.written?.owner === 'conversation') this.#answeredChanges.add(`${request.conversationId} ${result.change}`)
        answer(result)
      })
    }
  }

  #judged(bus: Bus): Bus {
    return {
      ...bus,
      subscribe: (subject, listener) => bus.subscribe(subject, (hint) => (this.older && hint.t === 'items') || listener(hint)),
      publish: (hint) => {
        const id = hint.t === 'entry' ? hint.entry?.id : undefined
        if (hint.t === 'items' && !this.#answeredChanges.delete(`${hint.conversationId} ${hint.change}`))
          this.#world.broken('I1', `the hint of change ${hint.change} of ${hint.conversationId} is published before its author is answered`)
        if (id !== undefined && this.#unanswered.has(id)) this.#world.broken('M5', `the hint of ${id} goes round before its author is answered`)
        bus.publish(hint)
      },
    }
  }
}

const TIDE_KEY = new Uint8Array(32).fill(5)

/** Signed tokens without the signing, whose library computes outside of simulated time. */
const tokens: Tokens = {
  issue: async (accountId, deviceId, now) => tokenOf(accountId, deviceId, now),
  verify: async (token) => {
    const [accountId, deviceId, issuedAt] = token.split('.')
    return { accountId, deviceId, issuedAt: Number(issuedAt) } as Claims
  },
  expired: () => null,
}

export function tokenOf(accountId: AccountId, deviceId: DeviceId, now: number): string {
  return `${accountId}.${deviceId}.${now}`
}
