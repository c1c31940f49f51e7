import type { AccountId, ConversationId, DeviceId } from '@bongsu/protocol'
import type { LogStore } from '../conversation/log-store.ts'
import type { Clock } from '../ops/clock.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import type { Bus, Hint } from './bus.ts'
import { resumeFrom, type Cursors } from './cursors.ts'
import { encode } from './encode.ts'
import { LiveRoom } from './live-room.ts'
import type { Outlet } from './outlet.ts'
import type { ResumeStore } from './resume-store.ts'
import { SharedPages } from './shared-pages.ts'
import { DeviceStream, type StreamParts } from './stream.ts'
import type { Tide } from './tides.ts'
import type { UnreadNumbers } from './unread-push.ts'

export interface HubParts {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly bus: Bus
  readonly clock: Clock
  readonly unread: UnreadNumbers
  readonly tide: Tide
  /** A device was revoked: its connections must be closed. */
  readonly revoked: (deviceId: DeviceId) => void
  /** A device has connected to some process, perhaps this one. */
  readonly superseded: (hint: Hint & { t: 'superseded' }) => void
  readonly failed: (cause: unknown) => void
}

/** The size of a resume: conversations to check, and how many of them need a full reset. */
type Begin = (stream: DeviceStream, work: { readonly rooms: number; readonly resets: number }) => boolean

/** All devices connected to this process, and the routing of hints to them. */
export class Hub {
  readonly #parts: HubParts
  /** The same for every stream. */
  readonly #streamParts: StreamParts
  readonly #pages: SharedPages
  readonly #rooms = new Map<ConversationId, LiveRoom>()
  readonly #accounts = new Map<AccountId, Set<DeviceStream>>()
  /** Rooms awaited by devices that are being admitted. */
  #awaited = 0
  /** When each account was last shown as typing, by the monotonic clock. Cleared completely at a bound: it only saves work. */
  readonly #typed = new Map<AccountId, number>()
  /** The running sweep or look. */
  #sweeping: Promise<void> | null = null
  /** Whether hints may have been lost since the last look. */
  #isUnsure = false
  #looks = 0
  /** Receives everything from the bus. */
  readonly #listener = (hint: Hint): void => this.#onHint(hint)

  constructor(parts: HubParts) {
    this.#parts = parts
    this.#pages = new SharedPages(parts.log)
    this.#streamParts = {
      log: parts.log,
      pages: this.#pages,
      resume: parts.resume,
      clock: parts.clock,
      tide: parts.tide,
      room: (conversationId, head, change) => this.#room(conversationId, head, change),
      vacate: (room) => this.#vacate(room),
      failed: parts.failed,
    }
    parts.bus.subscribe('all', this.#listener)
  }

  /**
   * Starts the stream of a device. The hub first listens to hints about the account and the conversations in the device's cursors, and then reads the
   * position, so that a change meanwhile is seen twice rather than never [D2]. A conversation without a cursor does not need this: the device gets a
   * reset, which is read after the hub has begun to listen.
   * @param begin called with the stream right before its first frame; returns false when the device is gone or must not start yet.
   * @returns false when the account does not exist, or the device is not signed in to it.
   */
  async open(accountId: AccountId, deviceId: DeviceId, outlet: Outlet, cursors: Cursors, begin: Begin): Promise<boolean> {
    const parts = this.#parts
    const stream = new DeviceStream(this.#streamParts, accountId, deviceId, cursors, outlet)
    this.#register(stream)
    const awaited = this.#await(cursors.rooms.keys()) // [seam: risen-while-let-in]
    try {
      const position = await parts.resume.position(accountId, deviceId) // [seam: read-position]
      const starts = position?.memberships.map((membership) => resumeFrom(cursors, membership)) ?? []
      const work = { rooms: starts.length, resets: starts.filter((start) => start === null).length }
      if (position === null || !begin(stream, work)) {
        this.close(stream)
        return position !== null
      }
      stream.start(position, cursors.account, starts)
      return true
    } catch (cause) {
      this.close(stream)
      throw cause
    } finally {
      this.#release(awaited)
    }
  }

  close(stream: DeviceStream): void {
    stream.close()
    const streams = this.#accounts.get(stream.accountId)
    streams?.delete(stream)
    if (streams?.size !== 0) return
    this.#accounts.delete(stream.accountId)
    this.#parts.bus.unsubscribe(stream.accountId, this.#listener)
  }

  /**
   * Reads the truth about everything live here, to find lost hints [D6]. Called once in a heartbeat, one run at a time: when reading takes longer
   * than a heartbeat, a second run would only slow it down.
   */
  sweep(): Promise<void> {
    this.#pages.age()
    this.#sweeping ??= this.#sweep(true).finally(() => (this.#sweeping = null)) // [seam: begin-sweep]
    return this.#sweeping
  }

  /**
   * Called every `lookMs`. Reads the same as the sweep while hints may be lost, and once more afterwards [D13].
   * @returns null when nothing can have been lost since the last call.
   */
  look(): Promise<void> | null {
    const wasUnsure = this.#isUnsure
    this.#isUnsure = this.#parts.bus.isDeaf()
    if (!wasUnsure && !this.#isUnsure) return null
    const counts = this.#looks++ % DELIVERY_BOUNDS.looksPerCount === 0 || !this.#isUnsure
    // A running sweep may have read too early, so another look follows.
    if (this.#sweeping !== null) this.#isUnsure = true
    this.#sweeping ??= this.#sweep(counts).finally(() => (this.#sweeping = null))
    return this.#sweeping
  }

  /** @param counts whether numbers in view are counted again in all rooms, and not only in those whose hint was lost. */
  async #sweep(counts: boolean): Promise<void> {
    // [seam: sweep-batches]
    for (const batch of batches([...this.#rooms.keys()])) {
      const heads = await this.#parts.log.heads(batch)
      for (const [conversationId, { head, change }] of heads) this.#find(conversationId, head, change) // [seam: sweep-conversation-heads]
    }
    // A lost hint may have been about a watermark: numbers in view are counted again, and only changes are sent.
    if (counts) for (const room of this.#rooms.values()) this.#parts.unread.changed(room) // [seam: sweep-numbers]
    // [seam: sweep-accounts]
    for (const batch of batches([...this.#accounts.keys()])) {
      const heads = await this.#parts.resume.accountHeads(batch)
      for (const [accountId, head] of heads) {
        for (const stream of this.#accounts.get(accountId) ?? []) if (stream.accountCursor < head) stream.accountRose()
      }
    }
  }

  #find(conversationId: ConversationId, head: number, change: number): void {
    const room = this.#rooms.get(conversationId)
    if (room === undefined) return
    const isNews = head > room.head
    room.itemsRose(change, head, undefined)
    if (isNews) this.#parts.unread.changed(room)
  }

  stats(): { readonly rooms: number; readonly accounts: number } {
    return { rooms: this.#rooms.size, accounts: this.#accounts.size }
  }

  /** Stops listening to hints. */
  stop(): void {
    const { bus } = this.#parts
    bus.unsubscribe('all', this.#listener)
    for (const accountId of this.#accounts.keys()) bus.unsubscribe(accountId, this.#listener)
    for (const conversationId of this.#rooms.keys()) bus.unsubscribe(conversationId, this.#listener)
  }

  #onHint(hint: Hint): void {
    switch (hint.t) {
      case 'entry':
        return this.#takeEntry(hint)
      case 'items':
        return this.#takeItems(hint)
      case 'account':
        for (const stream of this.#accounts.get(hint.accountId) ?? []) stream.accountRose()
        return
      case 'reads': {
        const room = this.#rooms.get(hint.conversationId)
        if (room !== undefined) this.#parts.unread.changed(room)
        return
      }
      case 'typing':
        return this.#passTyping(hint.conversationId, hint.accountId)
      case 'revoked':
        return this.#parts.revoked(hint.deviceId)
      case 'superseded':
        return this.#parts.superseded(hint)
      case 'running':
      case 'lost':
        return
    }
  }

  #takeEntry(hint: Hint & { t: 'entry' }): void {
    const room = this.#rooms.get(hint.conversationId)
    if (room === undefined) return
    room.rise(hint.seq, hint.entry)
    this.#parts.unread.changed(room)
  }

  #takeItems({ conversationId, change, head, item }: Hint & { t: 'items' }): void {
    this.#rooms.get(conversationId)?.itemsRose(change, head, item)
  }

  /**
   * Typing is sent to devices that have the conversation open, and is never stored. One small frame becomes one for each of them, so both a typist
   * and a large room have a bound. A device shows typing for longer than that [O2].
   */
  #passTyping(conversationId: ConversationId, accountId: AccountId): void {
    const room = this.#rooms.get(conversationId)
    if (room === undefined || room.watchers === null) return
    const now = this.#parts.clock.monotonic()
    const since = (at: number | undefined): number => (at === undefined ? Infinity : now - at)
    if (since(this.#typed.get(accountId)) < DELIVERY_BOUNDS.typingEveryMs) return
    if (room.watchers.size > DELIVERY_BOUNDS.typingCrowd && since(room.typedAt) < DELIVERY_BOUNDS.typingEveryMs) return
    if (this.#typed.size >= DELIVERY_BOUNDS.typistsMax) this.#typed.clear()
    this.#typed.set(accountId, now)
    room.typedAt = now
    const frame = encode({ t: 'typing', conversationId, accountId })
    for (const stream of room.watchers) if (stream.accountId !== accountId && !stream.blocks(accountId)) stream.sendIfRoom(frame)
  }

  #room(conversationId: ConversationId, head: number, change: number): LiveRoom {
    const room = this.#rooms.get(conversationId) ?? this.#create(conversationId)
    room.itemsRose(change, head, undefined)
    return room
  }

  #create(conversationId: ConversationId): LiveRoom {
    const room = new LiveRoom(conversationId, this.#parts.tide)
    this.#rooms.set(conversationId, room)
    this.#parts.bus.subscribe(conversationId, this.#listener)
    return room
  }

  #vacate(room: LiveRoom): void {
    if (room.subscriptions.size > 0 || room.awaiting > 0) return
    this.#rooms.delete(room.conversationId)
    this.#parts.bus.unsubscribe(room.conversationId, this.#listener)
  }

  /** Listens to these conversations until `#release`. @returns those it listens to. Beyond the bound, the sweep finds missed changes. */
  #await(conversationIds: Iterable<ConversationId>): readonly LiveRoom[] {
    const awaited: LiveRoom[] = []
    for (const conversationId of conversationIds) {
      const room = this.#rooms.get(conversationId)
      if (room === undefined && this.#awaited >= DELIVERY_BOUNDS.awaitedMax) continue
      const known = room ?? this.#create(conversationId)
      if (known.awaiting++ === 0) this.#awaited++
      awaited.push(known)
    }
    return awaited
  }

  #release(awaited: readonly LiveRoom[]): void {
    for (const room of awaited) {
      if (--room.awaiting > 0) continue
      this.#awaited--
      this.#vacate(room)
    }
  }

  #register(stream: DeviceStream): void {
    const streams = this.#accounts.get(stream.accountId)
    if (streams !== undefined) return void streams.add(stream)
    this.#accounts.set(stream.accountId, new Set([stream]))
    this.#parts.bus.subscribe(stream.accountId, this.#listener)
  }
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += DELIVERY_BOUNDS.sweepBatch) yield all.slice(start, start + DELIVERY_BOUNDS.sweepBatch)
}
