import { CALM } from '../../apps/server/src/ops/overload.ts'
import type { AccountId, Act, ConversationId, SendBody } from '@bongsu/protocol'
import { createMemoryBus } from '../../apps/server/src/adapters/memory/bus.ts'
import { createAnnounce } from '../../apps/server/src/delivery/announce.ts'
import type { Bus, Hint } from '../../apps/server/src/delivery/bus.ts'
import { Hub } from '../../apps/server/src/delivery/hub.ts'
import type { DeviceStream } from '../../apps/server/src/delivery/stream.ts'
import { createUnreadNumbers, type UnreadNumbers } from '../../apps/server/src/delivery/unread-push.ts'
import { createFakeSocket, type FakeSocket } from './fake-socket.ts'
import { holdReads, type HeldReads } from './held-reads.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import type { ModelDevice } from './model-device.ts'
import { accountId, deviceId, messageId, roomId } from './names.ts'
import { createSimulatedClock, type SimulatedClock } from './simulated-clock.ts'

/** A bus that keeps every hint until the test says what becomes of it. */
export interface LossyBus extends Bus {
  readonly waiting: Hint[]
  /** When true, hints arrive at once, as within one process. */
  direct: boolean
  deliver(hint: Hint): void
}

function createLossyBus(): LossyBus {
  const arriving = createMemoryBus()
  const bus: LossyBus = {
    ...arriving,
    waiting: [],
    direct: true,
    deliver: (hint) => arriving.publish(hint),
    publish(hint) {
      if (bus.direct) bus.deliver(hint)
      else bus.waiting.push(hint)
    },
  }
  return bus
}

/** One connection of one device. */
export interface Attached {
  readonly device: ModelDevice
  readonly socket: FakeSocket
  /** Null until its stream has begun. */
  stream: DeviceStream | null
  /** Resolves with what `Hub.open` answered. */
  readonly opened: Promise<boolean>
  gone: boolean
}

export interface DeliveryWorld {
  readonly store: MemoryStore
  /** The store's ports as the server is given them: their answers come when `held` says so. */
  readonly ports: Pick<MemoryStore, 'log' | 'resume' | 'receipts'>
  readonly clock: SimulatedClock
  readonly bus: LossyBus
  readonly hub: Hub
  readonly unread: UnreadNumbers
  readonly held: HeldReads
  readonly failures: unknown[]
  readonly revoked: string[]
  /** Everything that can be given up is. */
  overloaded: boolean
  /** Writes an entry and publishes its hints, as the conversation module does. */
  write(room: ConversationId, author: AccountId, body: SendBody): Promise<boolean>
  say(room: ConversationId, author: AccountId, count?: number): Promise<void>
  /** Does an act about the entry at `seq`, and publishes its hint, as the conversation module does. @returns its change; null when it was refused. */
  mark(room: ConversationId, author: AccountId, seq: number, act: Act): Promise<number | null>
  /** The head of a conversation when each of its changes was written. */
  readonly headsOfChanges: Map<ConversationId, Map<number, number>>
  /** Makes a group of the accounts with these numbers; the first is its author. */
  group(n: number, ...members: readonly number[]): Promise<ConversationId>
  connect(device: ModelDevice, n?: number): Attached
  disconnect(attached: Attached): void
}

/** The real delivery module over a store in memory, with everything around it in the hands of the test. @param early see holdReads; null holds nothing. */
export function createDeliveryWorld(options: { readonly accounts: number; readonly early?: ((n: number) => boolean) | null }): DeliveryWorld {
  const store = createMemoryStore()
  for (let n = 1; n <= options.accounts; n++) store.addAccount(accountId(n))
  const clock = createSimulatedClock()
  const bus = createLossyBus()
  const { held, wrap } = holdReads(options.early ?? undefined)
  if (options.early === undefined || options.early === null) held.free()
  const failures: unknown[] = []
  const revoked: string[] = []
  const failed = (cause: unknown): void => void failures.push(cause)
  const ports = {
    log: wrap(store.log, 'read', 'items', 'heads'),
    resume: wrap(store.resume, 'position', 'items', 'accountHeads', 'snapshot'),
    receipts: wrap(store.receipts, 'unread'),
  }
  const unread = createUnreadNumbers({
    receipts: ports.receipts,
    clock,
    overload: { ...CALM, sheds: () => world.overloaded },
    failed,
  })
  const hub = new Hub({
    log: ports.log,
    resume: ports.resume,
    bus,
    clock,
    unread,
    tide: () => undefined,
    failed,
    revoked: (id) => void revoked.push(id),
    superseded() {},
  })
  const announce = createAnnounce(bus, 'p')
  let messages = 0

  const world: DeliveryWorld = {
    store,
    ports,
    clock,
    bus,
    hub,
    unread,
    held,
    failures,
    revoked,
    overloaded: false,
    async write(conversationId, author, body) {
      const request = { conversationId, author, id: messageId(++messages), body }
      const [result] = await store.log.append([request], clock.now())
      if (result?.ok !== true) return false
      announce.appended(request, result)
      return true
    },
    async say(room, author, count = 1) {
      for (let n = 0; n < count; n++) await world.write(room, author, { kind: 'text', text: `${messages + 1}` })
    },
    headsOfChanges: new Map(),
    async mark(conversationId, author, seq, act) {
      const subject = store.entries(conversationId)[seq - 1]?.id ?? messageId(0)
      const request = { conversationId, author, id: messageId(++messages), seq, subject, act }
      const [result] = await store.log.set([request], clock.now())
      if (result?.ok !== true) return null
      if (result.written?.owner === 'conversation') {
        const heads = world.headsOfChanges.get(conversationId) ?? new Map<number, number>()
        world.headsOfChanges.set(conversationId, heads.set(result.change, result.head))
      }
      announce.marked(request, result)
      return result.change
    },
    async group(n, ...members) {
      const [author, ...others] = members.map(accountId)
      const made = await store.log.createGroup(
        { conversationId: roomId(n), author: author!, id: messageId(1_000_000 + n), title: '', accounts: others },
        clock.now(),
      )
      if ('conversationId' in made) announce.accounts(made.accounts)
      return roomId(n)
    },
    connect(device, n = 1) {
      device.caughtUp = 0
      const socket = createFakeSocket({ onFrame: (frame) => device.apply(frame) })
      const opened = hub.open(device.accountId, deviceId(n), socket, device.cursors(), (stream) => {
        if (attached.gone) return false
        attached.stream = stream
        return true
      })
      const attached: Attached = { device, socket, stream: null, opened, gone: false }
      return attached
    },
    disconnect(attached) {
      if (attached.gone) return
      attached.gone = true
      attached.socket.close({ code: 1_000 })
      if (attached.stream !== null) hub.close(attached.stream)
    },
  }
  return world
}
