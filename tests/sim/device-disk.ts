import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import {
  itemsBySeq,
  withItems,
  type LocalChange,
  type LocalStore,
  type MarkedEntry,
  type OutboxItem,
  type Room,
  type StoredOutage,
  type StoredState,
} from '@bongsu/client'
import type { Chance } from './chance.ts'
import type { Met } from './faults.ts'
import type { Host } from './host.ts'

export interface DeviceDiskTrouble {
  full: boolean
  slow: boolean
}

/**
 * What one device keeps through all its lives. A commit is one transaction that lasts a while; whoever is killed before its end finds nothing
 * of it, or, at the very end, all of it.
 */
export class DeviceDisk {
  readonly trouble: DeviceDiskTrouble = { full: false, slow: false }
  state: StoredState | null = null
  readonly entries = new Map<ConversationId, Map<number, MarkedEntry>>()
  readonly outbox = new Map<ClientMessageId, OutboxItem>()
  outages: readonly StoredOutage[] = []
  /** Everything that was ever written down here before it was sent [C1]. */
  readonly everStored = new Set<ClientMessageId>()
  /** Called once, when the next commit begins: the worst moment for a crash. */
  onCommit: (() => void) | null = null
  readonly #chance: Chance
  readonly #met: Met
  readonly #broken: (sentence: string) => void
  readonly #checked = new WeakSet<Room>()
  /** What is on the disk is not what is in memory: a room that is changed after its commit stays here as it was. */
  readonly #copies = new WeakMap<Room, Room>()
  #open: { readonly host: Host; readonly change: LocalChange }[] = []

  constructor(chance: Chance, met: Met, broken: (sentence: string) => void) {
    this.#chance = chance
    this.#met = met
    this.#broken = broken
  }

  hasEntry(conversationId: ConversationId, id: ClientMessageId): boolean {
    const room = this.state?.rooms.get(conversationId)
    const entry = this.entries
      .get(conversationId)
      ?.values()
      .find((one) => one.id === id)
    return room !== undefined && entry?.body.kind === 'text' && room.ranges.some(({ first, last }) => first <= entry.seq && entry.seq <= last)
  }

  /** The program is killed. */
  crash(host: Host): void {
    const [first] = this.#open.filter((one) => one.host === host)
    this.#open = this.#open.filter((one) => one.host !== host)
    if (first === undefined) return
    if (this.#chance.may(0.3)) this.#apply(first.change)
    else this.#met.add('device: commit lost in a crash')
  }

  storeFor(host: Host): LocalStore {
    const soon = <T>(look: () => T): Promise<T> => new Promise((resolve) => host.hear(this.#chance.between(0, 4), () => resolve(look())))
    return {
      load: () => soon(() => structuredClone({ state: this.state, outbox: [...this.outbox.values()], outages: [...this.outages] })),
      commit: (change) => this.#commit(host, change),
      readEntries: (conversationId, from, to) =>
        soon(() =>
          [...(this.entries.get(conversationId)?.values() ?? [])].filter(({ seq }) => from <= seq && seq <= to).toSorted((a, b) => a.seq - b.seq),
        ),
      clear: () =>
        soon(() => {
          this.state = null
          this.entries.clear()
          this.outbox.clear()
          this.outages = []
        }),
    }
  }

  #commit(host: Host, change: LocalChange): Promise<void> {
    return new Promise((resolve, reject) => {
      const { full, slow } = this.trouble
      if (slow) this.#met.add('device: disk slow')
      const one = { host, change }
      this.#open.push(one)
      const called = this.onCommit
      this.onCommit = null
      called?.()
      host.hear(slow ? this.#chance.between(100, 2_500) : this.#chance.between(1, 8), () => {
        const place = this.#open.indexOf(one)
        if (place === -1) return
        this.#open.splice(place, 1)
        if (full) {
          this.#met.add('device: disk full')
          return reject(new Error('the disk of the device is full'))
        }
        this.#apply(change)
        resolve()
      })
    })
  }

  #apply(change: LocalChange): void {
    if (change.state !== undefined) this.state = this.#copyOf(change.state)
    for (const conversationId of change.dropConversations ?? []) this.entries.delete(conversationId)
    for (const { conversationId, entries } of change.entries ?? []) {
      const bySeq = this.entries.get(conversationId) ?? new Map<number, MarkedEntry>()
      for (const entry of entries) bySeq.set(entry.seq, structuredClone(entry))
      this.entries.set(conversationId, bySeq)
    }
    for (const { conversationId, items } of change.items ?? []) {
      const bySeq = this.entries.get(conversationId)
      for (const [seq, about] of itemsBySeq(items)) {
        const entry = bySeq?.get(seq)
        if (entry !== undefined) bySeq?.set(seq, structuredClone(withItems(entry, about)))
      }
    }
    for (const item of change.outboxPut ?? []) {
      this.outbox.set(item.id, structuredClone(item))
      this.everStored.add(item.id)
    }
    for (const id of change.outboxDelete ?? []) this.outbox.delete(id)
    if (change.outages !== undefined) this.outages = structuredClone(change.outages)
    if (change.state !== undefined) for (const room of change.state.rooms.values()) this.#check(room)
  }

  #copyOf({ rooms, ...others }: StoredState): StoredState {
    const copies = [...rooms].map(([id, room]): [ConversationId, Room] => {
      const copy = this.#copies.get(room) ?? structuredClone(room)
      this.#copies.set(room, copy)
      return [id, copy]
    })
    return { ...structuredClone(others), rooms: new Map(copies) }
  }

  /** [D4] Neither cursor nor ranges count what is not stored. */
  #check(room: Room): void {
    if (this.#checked.has(room)) return
    this.#checked.add(room)
    const stored = this.entries.get(room.conversationId)
    const last = room.ranges.at(-1)?.last ?? room.cursor
    if (last !== room.cursor) this.#broken(`the cursor of ${room.conversationId} is #${room.cursor}, its newest range ends at #${last}`)
    for (const { first, last: end } of room.ranges) {
      for (let seq = first; seq <= end; seq++) {
        if (stored?.has(seq) !== true) return this.#broken(`the stored state counts ${room.conversationId}#${seq}, which is not stored`)
      }
    }
  }
}
