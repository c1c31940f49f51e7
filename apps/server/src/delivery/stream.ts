import { CLOSE_CODES, LIMITS, type AccountId, type AccountItem, type ConversationId, type DeviceId, type Entry } from '@bongsu/protocol'
import type { ItemsOfRoom, LogStore } from '../conversation/log-store.ts'
import { plainLines, type Knows } from '../conversation/plain-line.ts'
import type { Clock } from '../ops/clock.ts'
import { progressOf, sumOf, type StreamProgress } from './backlog.ts'
import { blockedAfter } from './blocked-after.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import { knownBy, NOTHING_UNKNOWN, type Knowing } from './cursors.ts'
import { encode, type Encoded } from './encode.ts'
import { isAbout } from './item-news.ts'
import { isProven, Subscription, type LiveRoom, type Progress, type Receiver, type Standing, type Watch, type Watcher } from './live-room.ts'
import type { Outlet } from './outlet.ts'
import { tideIn, type Tide } from './tides.ts'
import type { AccountPosition, ConversationSnapshot, ResumeStore } from './resume-store.ts'
import type { Page, SharedPages } from './shared-pages.ts'

export interface StreamParts {
  readonly log: Pick<LogStore, 'items'>
  readonly pages: Pick<SharedPages, 'read'>
  readonly resume: ResumeStore
  readonly clock: Clock
  /** The live room, created when missing, with at least this head and change. */
  readonly room: (conversationId: ConversationId, head: number, change: number) => LiveRoom
  /** A device has left the room. The room is dropped when no device is left. */
  readonly vacate: (room: LiveRoom) => void
  readonly tide: Tide
  /** A read failed or was inconsistent. The device is closed and will resume. */
  readonly failed: (cause: unknown) => void
}

/**
 * Everything one device receives, from two sources. Hints push the newest entry to a device that has all earlier ones (live). One loop, the pump,
 * reads missing entries from the log (behind). A conversation is in one of the two states at a time, and becomes live when the pump has sent its
 * head, so the change between them needs no further rule [D2].
 */
export class DeviceStream implements Receiver, Watcher {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly knows: Knows
  readonly knowsItems: boolean
  readonly #parts: StreamParts
  readonly #outlet: Outlet
  /** Kinds of account items that the device does not know [W3]. */
  readonly #unknown: ReadonlySet<string>
  /** Whom the account has blocked; null for nobody, which is nearly always. */
  #blocked: ReadonlySet<AccountId> | null = null
  /** A list, of a fourth of a map's size: an idle connection consists mostly of such small objects, and has few conversations. */
  #subscriptions: readonly Subscription[] = []
  /** Subscriptions that are not live, in the order in which they are read. */
  readonly #behind = new Set<Subscription>()
  #account = 0
  #accountBehind = false
  #pumping = false
  #started = false
  #caughtUp = false
  #closed = false
  /** Monotonic ms since which waiting bytes have not become fewer; 0 when none wait. */
  #stalledSince = 0
  /** Waiting bytes at the last check. */
  #waited = 0
  watch: Watch | null = null

  constructor(parts: StreamParts, accountId: AccountId, deviceId: DeviceId, cursors: Knowing, outlet: Outlet) {
    this.#parts = parts
    this.accountId = accountId
    this.deviceId = deviceId
    this.knows = knownBy(cursors)
    this.knowsItems = this.knows !== 'version 1'
    this.#unknown = cursors.unknown ?? NOTHING_UNKNOWN
    this.#outlet = outlet
  }

  /** Starts from the device's cursors: that of the account log, and where it continues in each of its conversations, in the order of `position`. */
  start(position: AccountPosition, account: number, starts: readonly (Progress | null)[]): void {
    if (this.#closed) return
    this.#account = Math.min(account, position.head)
    // A hint that arrived while the position was being read has already set this flag.
    if (this.#account < position.head) this.#accountBehind = true
    this.#subscriptions = position.memberships.map(({ conversationId, joinedSeq, head, change }, index) =>
      this.#subscribe(this.#parts.room(conversationId, head, change), joinedSeq, starts[index] ?? null),
    )
    this.#blocked = position.blocked.length > 0 ? new Set(position.blocked) : null
    this.#started = true
    this.#pump()
  }

  trySend(frame: Encoded): boolean {
    if (this.#outlet.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesSoft) return false // [seam: soft-bound]
    this.#outlet.send(frame)
    return true
  }

  fellBehind(subscription: Subscription): void {
    if (subscription.standing === 'needs-proof' && this.watch?.room === subscription.room) this.setWatch(null)
    this.#behind.add(subscription)
    this.#pump()
  }

  /** The account log has risen. */
  accountRose(): void {
    this.#accountBehind = true
    this.#pump()
  }

  /** The device asks for a conversation again [D7]. False when it is not a member. */
  refresh(conversationId: ConversationId): boolean {
    const subscription = this.#proven(conversationId)
    subscription?.reset()
    return subscription !== undefined
  }

  /** The conversation, when this device receives it, which means that its account is a member. */
  room(conversationId: ConversationId): LiveRoom | undefined {
    return this.#proven(conversationId)?.room
  }

  /** The entry with which the account joined a conversation that this device receives. */
  joinedSeq(conversationId: ConversationId): number | undefined {
    return this.#proven(conversationId)?.joinedSeq
  }

  /** Conversations this device receives, with their heads. */
  heads(): [ConversationId, number][] {
    return this.#subscriptions.filter(isProven).map(({ room }) => [room.conversationId, room.head])
  }

  /** The last changes of their items, for a device that supports items. */
  changes(): [ConversationId, number][] {
    return this.#subscriptions.filter(isProven).flatMap(({ room }) => (room.change > 0 ? [[room.conversationId, room.change]] : []))
  }

  #proven(conversationId: ConversationId): Subscription | undefined {
    const subscription = this.#subscriptionTo(conversationId)
    return subscription !== undefined && isProven(subscription) ? subscription : undefined
  }

  #subscriptionTo(conversationId: ConversationId): Subscription | undefined {
    return this.#subscriptions.find(({ room }) => room.conversationId === conversationId)
  }

  /** Whether this device's account has blocked the other one [B2]. */
  blocks(accountId: AccountId): boolean {
    return this.#blocked?.has(accountId) === true
  }

  /** Sends a frame that may be lost: typing, unread numbers. A slow device does not get it [O2]. */
  sendIfRoom(frame: Encoded): boolean {
    if (this.#closed || this.#outlet.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesSoft) return false
    this.#outlet.send(frame)
    return true
  }

  /**
   * Sum of what was sent in all conversations: entries and, for a device that supports items, their changes. Null while something is still being sent
   * [D6].
   */
  total(): number | null {
    if (!this.#started || this.#behind.size > 0 || this.#accountBehind || this.#pumping) return null
    return sumOf(this.#subscriptions, this.knowsItems)
  }

  /** Progress with missing data, or null when nothing is missing. It looks at each conversation only while something is missing. */
  progress(): StreamProgress | null {
    if (this.#started && this.#behind.size === 0 && !this.#accountBehind && !this.#pumping) return null
    return progressOf(this.#subscriptions, this.knowsItems, this.#account, this.#accountBehind || this.#behind.size === 0 ? 1 : 0)
  }

  get accountCursor(): number {
    return this.#account
  }

  /** Cuts a device that reads nothing [D3]. Called about once a second. */
  checkStall(): void {
    const waiting = this.#outlet.bufferedBytes()
    // Fewer bytes than before: the device reads, however slowly.
    if (waiting === 0 || waiting < this.#waited) this.#stalledSince = 0
    this.#waited = waiting
    if (waiting > 0 && this.#stalledSince === 0) this.#stalledSince = this.#parts.clock.monotonic()
    const stalled = this.#stalledSince !== 0 && this.#parts.clock.monotonic() - this.#stalledSince > DELIVERY_BOUNDS.stallMs
    if (stalled || waiting > DELIVERY_BOUNDS.bufferedBytesHard) this.#cut(CLOSE_CODES.tooSlow) // [seam: cut-slow-reader]
  }

  /** Ends the stream. Idempotent. */
  close(): void {
    this.#closed = true
    this.setWatch(null)
    for (const subscription of this.#subscriptions) this.#leave(subscription)
    this.#subscriptions = []
    this.#behind.clear()
  }

  /** Nothing from before the account joined is watched [W4]. */
  setWatch(watch: Omit<Watch, 'sentFrom' | 'sent'> | null): void {
    if (this.watch !== null && this.watch.room !== watch?.room) this.watch.room.unwatch(this)
    this.watch =
      watch === null ? null : { ...watch, from: Math.max(watch.from, this.joinedSeq(watch.room.conversationId) ?? 0), sentFrom: 0, sent: [] }
    watch?.room.watch(this)
  }

  #subscribe(room: LiveRoom, joinedSeq: number, from: Progress | null): Subscription {
    const subscription = new Subscription(room, this, joinedSeq, from)
    room.subscriptions.add(subscription)
    if (subscription.standing !== 'live') this.#behind.add(subscription)
    return subscription
  }

  #unsubscribe(subscription: Subscription): void {
    if (this.watch?.room === subscription.room) this.setWatch(null)
    this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription)
    this.#behind.delete(subscription)
    this.#leave(subscription)
  }

  #leave(subscription: Subscription): void {
    subscription.room.subscriptions.delete(subscription)
    this.#parts.vacate(subscription.room)
  }

  #pump(): void {
    if (this.#pumping || !this.#started || this.#closed) return
    this.#run().catch((cause: unknown) => {
      this.#parts.failed(cause)
      this.#cut(CLOSE_CODES.unavailable)
    })
  }

  /** Ends the stream from this side: nothing more is read or sent while the connection closes. */
  #cut(reason: { readonly code: number }): void {
    this.close()
    this.#outlet.close(reason)
  }

  /** Sends until nothing is missing. Every round makes progress or ends: a page from the account log, or from one conversation. */
  async #run(): Promise<void> {
    this.#pumping = true
    try {
      while (!this.#closed && (this.#accountBehind || this.#behind.size > 0)) {
        await this.#writable()
        if (this.#closed) return
        if (this.#accountBehind) await this.#sendItems()
        else await this.#sendBehind()
      }
      if (!this.#closed && !this.#caughtUp) this.#sayCaughtUp()
    } finally {
      // In the same turn as the last check for missing data, so that no hint is missed.
      this.#pumping = false
    }
  }

  /** Once for each connection: tells the device that it has everything. */
  #sayCaughtUp(): void {
    this.#caughtUp = true
    this.#outlet.send(encode({ t: 'caught-up', account: this.#account, total: sumOf(this.#subscriptions, this.knowsItems), ...this.#tide() }))
  }

  #tide(): { readonly tide?: string } {
    return tideIn(this.#parts.tide)
  }

  async #sendItems(): Promise<void> {
    // Cleared before reading: a hint that arrives during the read sets it again.
    this.#accountBehind = false
    const page = await this.#parts.resume.items(this.accountId, this.#account, DELIVERY_BOUNDS.pageItems)
    if (this.#closed) return
    if (page.items.length >= DELIVERY_BOUNDS.pageItems) this.#accountBehind = true // [seam: account-behind]
    if (page.to <= this.#account) return
    for (const item of page.items) this.#follow(item)
    const items = page.items.filter(({ kind }) => !this.#unknown.has(kind))
    this.#outlet.send(encode({ t: 'account', from: this.#account, to: page.to, items, ...this.#tide() }))
    this.#account = page.to
  }

  /** Memberships decide which conversations are sent, and blocks whose typing is not. */
  #follow(item: AccountItem): void {
    if (item.kind === 'block') this.#blocked = blockedAfter(this.#blocked, item)
    if (item.kind !== 'membership') return
    const { key: conversationId, value } = item
    const subscription = this.#subscriptionTo(conversationId)
    // The account left and came back: entries in between are not for it [W4].
    const isOver = subscription !== undefined && (value === null || value.joinedSeq > subscription.joinedSeq)
    if (isOver) this.#unsubscribe(subscription)
    if (value !== null && (subscription === undefined || isOver))
      this.#subscriptions = [...this.#subscriptions, this.#subscribe(this.#parts.room(conversationId, value.joinedSeq - 1, 0), value.joinedSeq, null)]
  }

  /** Several conversations share one round trip to the log and one page, so that the amount in progress is as bounded as with one. */
  async #sendBehind(): Promise<void> {
    const next = [...this.#behind.values().take(DELIVERY_BOUNDS.roomsPerRead)]
    const share = { entries: Math.floor(DELIVERY_BOUNDS.pageEntries / next.length), chars: Math.floor(DELIVERY_BOUNDS.pageChars / next.length) }
    const sends = await Promise.all(next.map((subscription) => this.#readFrom(subscription, share)))
    for (const send of sends) {
      // Before each one, so that no more waits than the soft bound and one frame.
      await this.#writable()
      if (this.#closed) return
      send()
    }
  }

  /** Reads the next entries of a conversation. @returns a function that sends them. */
  async #readFrom(subscription: Subscription, share: { readonly entries: number; readonly chars: number }): Promise<() => void> {
    const { room, standing } = subscription
    const before: Before = { standing, seq: subscription.sent, change: subscription.change }
    const isFar = room.head - before.seq > LIMITS.backfillEntriesMax || subscription.changesBehind > LIMITS.backfillItemsMax
    if (standing !== 'behind' || isFar) {
      const snapshot = await this.#parts.resume.snapshot(room.conversationId, this.accountId, LIMITS.resetTailEntries)
      return () => this.#sendReset(subscription, before, snapshot)
    }
    // Entries first, so that a mark finds its entry.
    if (room.head > before.seq || !this.knowsItems) {
      const hinted = room.head
      const page = await this.#parts.pages.read(room, before.seq, share.entries, share.chars) // [seam: read-page]
      return () => this.#sendPage(subscription, before, page, hinted)
    }
    const hinted = room.change
    const page = await this.#parts.log.items(room.conversationId, before.change, share.entries, share.chars) // [seam: read-items]
    return () => this.#sendChanges(subscription, before, page, hinted)
  }

  #sendPage(subscription: Subscription, before: Before, whole: Page, hinted: number): void {
    if (!this.#isStill(subscription, before)) return
    const { room } = subscription
    // Entries after this account's leaving are not for it, however late the hint [W4].
    const leftAt = whole.leftAt(this.accountId) // [seam: page-ends-at-leaving]
    const page = leftAt === -1 ? whole : whole.upTo(leftAt)
    const { last } = page
    if (last !== undefined) {
      this.#outlet.send(page.frameFor(this.knows))
      this.#sentUpTo(subscription, last)
    }
    if (leftAt !== -1) return subscription.suspend()
    if (last === undefined && room.head === hinted) {
      // The hint was ahead of what this process can read. The next hint or the sweep comes back to it.
      subscription.nothingMore()
      this.#settled(subscription)
    }
  }

  #sendChanges(subscription: Subscription, before: Before, page: ItemsOfRoom, hinted: number): void {
    if (!this.#isStill(subscription, before)) return
    const { room } = subscription
    // Entries were written meanwhile. They come first, because the account may have left by one of them [W4].
    if (page.head > before.seq) return room.rise(page.head, undefined) // [seam: entries-before-read-items]
    if (page.to > before.change) {
      const items = page.items.filter((item) => isAbout(item, subscription.joinedSeq))
      this.#outlet.send(encode({ t: 'items', conversationId: room.conversationId, from: before.change, to: page.to, items, ...this.#tide() }))
      subscription.sentChangesUpTo(page.to)
    } else if (room.change === hinted) subscription.noMoreItems()
    this.#settled(subscription)
  }

  #sendReset(subscription: Subscription, before: Before, snapshot: ConversationSnapshot | null): void {
    // During the read, a reset was requested or a hint about leaving came: the answer is too old.
    if (!this.#isStill(subscription, before)) return
    if (snapshot === null) {
      // No longer a member. The account log says so, and also whether the account came back.
      this.#unsubscribe(subscription)
      this.#accountBehind = true
      return
    }
    // The account came back after it began to watch: entries in view may be from before [W4].
    if (this.watch?.room === subscription.room && snapshot.joinedSeq > subscription.joinedSeq) this.setWatch(null)
    subscription.joinedSeq = snapshot.joinedSeq
    const { items, change, ...plain } = snapshot
    const marks = this.knowsItems ? { items: [...items], change } : {}
    this.#outlet.send(encode({ t: 'reset', ...plain, meta: { ...snapshot.meta }, entries: this.#shown(snapshot.entries), ...marks, ...this.#tide() }))
    subscription.sentAnew({ seq: snapshot.head, change: this.knowsItems ? change : 0 })
    this.#settled(subscription)
  }

  #shown(entries: readonly Entry[]): Entry[] {
    return [...plainLines(entries, this.knows)]
  }

  /** Whether the subscription is unchanged since something was read for it. */
  #isStill(subscription: Subscription, { standing, seq, change }: Before): boolean {
    const stands = subscription.standing === standing && subscription.sent === seq && subscription.change === change
    return stands && this.#behind.has(subscription)
  }

  #sentUpTo(subscription: Subscription, seq: number): void {
    subscription.sentUpTo(seq)
    this.#settled(subscription)
  }

  #settled(subscription: Subscription): void {
    if (subscription.standing === 'live') this.#behind.delete(subscription)
  }

  /** Resolves when the device has read what it was sent, so that catching up never fills the buffer. */
  async #writable(): Promise<void> {
    if (this.#outlet.bufferedBytes() <= DELIVERY_BOUNDS.bufferedBytesSoft) return
    await new Promise<void>((resolve) => this.#outlet.onDrained(resolve))
  }
}

/** State of a subscription when something was read for it. */
interface Before extends Progress {
  readonly standing: Standing
}
