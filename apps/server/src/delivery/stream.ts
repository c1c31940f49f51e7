import { CLOSE_CODES, LIMITS, type AccountId, type AccountItem, type ConversationId, type DeviceId, type Entry } from '@bongsu/protocol'
import type { LogStore } from '../conversation/log-store.ts'
import type { Clock } from '../ops/clock.ts'
import type { StreamProgress } from './backlog.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import { encode, type Encoded } from './encode.ts'
import { Subscription, type LiveRoom, type Receiver, type Standing, type Watch, type Watcher } from './live-room.ts'
import type { Outlet } from './outlet.ts'
import type { AccountPosition, ConversationSnapshot, ResumeStore, StoredMembership } from './resume-store.ts'

export interface StreamParts {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly clock: Clock
  /** The live room, made when there is none; its head is at least `head`. */
  readonly room: (conversationId: ConversationId, head: number) => LiveRoom
  /** Somebody has gone out; drop the room when nobody is left. */
  readonly vacate: (room: LiveRoom) => void
  /** A read failed or was inconsistent; the device is closed and will resume. */
  readonly failed: (cause: unknown) => void
}

/** What the device says it has. */
export interface Cursors {
  readonly account: number
  readonly rooms: ReadonlyMap<ConversationId, number>
}

/**
 * Everything one device receives. It has two sources: hints push the newest entry to a device that has all before it (live), and one loop,
 * the pump, reads what is missing from the log (behind). A conversation is in one of the two states at a time, so cutover from one to the
 * other needs no further rule: it is live again when the pump has sent its head [D2].
 */
export class DeviceStream implements Receiver, Watcher {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly #parts: StreamParts
  readonly #outlet: Outlet
  readonly #subscriptions = new Map<ConversationId, Subscription>()
  /** Subscriptions that are not live, in the order in which they are read. */
  readonly #behind = new Set<Subscription>()
  #account = 0
  #accountBehind = false
  #pumping = false
  #started = false
  #caughtUp = false
  #closed = false
  /** Monotonic ms since when bytes have waited and have not become fewer, 0 when none do. */
  #stalledSince = 0
  /** How many waited at the last look. */
  #waited = 0
  watch: Watch | null = null

  constructor(parts: StreamParts, accountId: AccountId, deviceId: DeviceId, outlet: Outlet) {
    this.#parts = parts
    this.accountId = accountId
    this.deviceId = deviceId
    this.#outlet = outlet
  }

  /** Takes up from the cursors. `risen`: what hints said while `position` was being read, so that nothing falls between the two. */
  start(position: AccountPosition, cursors: Cursors, risen: (conversationId: ConversationId) => number): void {
    this.#account = Math.min(cursors.account, position.head)
    // A hint that came while the position was being read has set it already, and stays believed.
    if (this.#account < position.head) this.#accountBehind = true
    for (const membership of position.memberships) {
      const room = this.#parts.room(membership.conversationId, membership.head)
      room.rise(risen(membership.conversationId), undefined)
      const cursor = cursors.rooms.get(membership.conversationId)
      this.#subscribe(room, membership.joinedSeq, cursor === undefined ? null : resumeFrom(cursor, membership))
    }
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

  /** The device asks for a conversation anew [D7]. False when it is not in it. */
  refresh(conversationId: ConversationId): boolean {
    const subscription = this.#proven(conversationId)
    subscription?.reset()
    return subscription !== undefined
  }

  /** The conversation, when this device receives it, which is when its account is a member. */
  room(conversationId: ConversationId): LiveRoom | undefined {
    return this.#proven(conversationId)?.room
  }

  /** The entry with which the account came into a conversation that this device receives. */
  joinedSeq(conversationId: ConversationId): number | undefined {
    return this.#proven(conversationId)?.joinedSeq
  }

  /** Conversations this device receives, and the head of each. */
  heads(): [ConversationId, number][] {
    const heads: [ConversationId, number][] = []
    for (const { standing, room } of this.#subscriptions.values()) if (standing !== 'needs-proof') heads.push([room.conversationId, room.head])
    return heads
  }

  #proven(conversationId: ConversationId): Subscription | undefined {
    const subscription = this.#subscriptions.get(conversationId)
    return subscription?.standing === 'needs-proof' ? undefined : subscription
  }

  /** Sends what may be lost: typing, unread numbers. A device that is slow goes without [O2]. */
  sendIfRoom(frame: Encoded): boolean {
    if (this.#closed || this.#outlet.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesSoft) return false
    this.#outlet.send(frame)
    return true
  }

  /** Sum of what was sent in all conversations, or null while something is still being sent [D6]. */
  total(): number | null {
    if (!this.#started || this.#behind.size > 0 || this.#accountBehind || this.#pumping) return null
    return this.#sum()
  }

  /** How far it has come with what is missing, or null when nothing is. Costs a look at each conversation only while something is missing. */
  progress(): StreamProgress | null {
    if (this.#started && this.#behind.size === 0 && !this.#accountBehind && !this.#pumping) return null
    let [sent, owed] = [this.#account, this.#account + (this.#accountBehind || this.#behind.size === 0 ? 1 : 0)]
    for (const subscription of this.#subscriptions.values()) {
      sent += subscription.sent
      owed += subscription.room.head
    }
    return { sent, owed }
  }

  get accountCursor(): number {
    return this.#account
  }

  /** Cuts the device when it takes nothing [D3]. Called every second or so. */
  checkStall(): void {
    const waiting = this.#outlet.bufferedBytes()
    // Fewer than before: it takes, however slowly.
    if (waiting === 0 || waiting < this.#waited) this.#stalledSince = 0
    this.#waited = waiting
    if (waiting > 0 && this.#stalledSince === 0) this.#stalledSince = this.#parts.clock.monotonic()
    const stalled = this.#stalledSince !== 0 && this.#parts.clock.monotonic() - this.#stalledSince > DELIVERY_BOUNDS.stallMs
    if (stalled || waiting > DELIVERY_BOUNDS.bufferedBytesHard) this.#cut(CLOSE_CODES.tooSlow) // [seam: cut-slow-reader]
  }

  /** Ends it. Idempotent. */
  close(): void {
    this.#closed = true
    this.setWatch(null)
    for (const subscription of this.#subscriptions.values()) this.#leave(subscription)
    this.#subscriptions.clear()
    this.#behind.clear()
  }

  /** Nothing from before the account came in is watched [W4]. */
  setWatch(watch: Omit<Watch, 'sentFrom' | 'sent'> | null): void {
    if (this.watch !== null && this.watch.room !== watch?.room) this.watch.room.unwatch(this)
    this.watch =
      watch === null ? null : { ...watch, from: Math.max(watch.from, this.joinedSeq(watch.room.conversationId) ?? 0), sentFrom: 0, sent: [] }
    watch?.room.watch(this)
  }

  #subscribe(room: LiveRoom, joinedSeq: number, cursor: number | null): void {
    const subscription = new Subscription(room, this, joinedSeq, cursor)
    this.#subscriptions.set(room.conversationId, subscription)
    room.subscriptions.add(subscription)
    if (subscription.standing !== 'live') this.#behind.add(subscription)
  }

  #unsubscribe(subscription: Subscription): void {
    if (this.watch?.room === subscription.room) this.setWatch(null)
    this.#subscriptions.delete(subscription.room.conversationId)
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

  /** Ends it from this side: nothing more is read or sent while the connection is being closed. */
  #cut(reason: { readonly code: number }): void {
    this.close()
    this.#outlet.close(reason)
  }

  /** Sends until nothing is missing. Every turn makes progress or ends: a page from the account log, or from one conversation. */
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
      // In the same turn as the last look at what is missing, so that no hint falls between.
      this.#pumping = false
    }
  }

  /** Once for each connection: the device knows now that it has everything. */
  #sayCaughtUp(): void {
    this.#caughtUp = true
    this.#outlet.send(encode({ t: 'caught-up', account: this.#account, total: this.#sum() }))
  }

  #sum(): number {
    let total = 0
    for (const { sent } of this.#subscriptions.values()) total += sent
    return total
  }

  async #sendItems(): Promise<void> {
    // Cleared before reading: a hint that comes while we read sets it again.
    this.#accountBehind = false
    const page = await this.#parts.resume.items(this.accountId, this.#account, DELIVERY_BOUNDS.pageItems)
    if (this.#closed) return
    if (page.items.length >= DELIVERY_BOUNDS.pageItems) this.#accountBehind = true // [seam: account-behind]
    if (page.to <= this.#account) return
    for (const item of page.items) this.#follow(item)
    this.#outlet.send(encode({ t: 'account', from: this.#account, to: page.to, items: [...page.items] }))
    this.#account = page.to
  }

  /** Memberships decide which conversations are sent. */
  #follow(item: AccountItem): void {
    if (item.kind !== 'membership') return
    const { key: conversationId, value } = item
    const subscription = this.#subscriptions.get(conversationId)
    // Gone and come back: what was said in between is not for this account [W4].
    const isOver = subscription !== undefined && (value === null || value.joinedSeq > subscription.joinedSeq)
    if (isOver) this.#unsubscribe(subscription)
    if (value !== null && (subscription === undefined || isOver))
      this.#subscribe(this.#parts.room(conversationId, value.joinedSeq), value.joinedSeq, null)
  }

  /** Several conversations share one way to the log and back, and one page between them, so that what is under way is as bounded as with one. */
  async #sendBehind(): Promise<void> {
    const next = [...this.#behind.values().take(DELIVERY_BOUNDS.roomsPerRead)]
    const share = { entries: Math.floor(DELIVERY_BOUNDS.pageEntries / next.length), chars: Math.floor(DELIVERY_BOUNDS.pageChars / next.length) }
    const sends = await Promise.all(next.map((subscription) => this.#readFrom(subscription, share)))
    for (const send of sends) {
      // Between any two, so that no more waits than the soft bound and one frame.
      await this.#writable()
      if (this.#closed) return
      send()
    }
  }

  /** Reads what comes next in a conversation. @returns what sends it. */
  async #readFrom(subscription: Subscription, share: { readonly entries: number; readonly chars: number }): Promise<() => void> {
    const { room, sent, standing } = subscription
    if (standing !== 'behind' || room.head - sent > LIMITS.backfillEntriesMax) {
      const snapshot = await this.#parts.resume.snapshot(room.conversationId, this.accountId, LIMITS.resetTailEntries)
      return () => this.#sendReset(subscription, sent, standing, snapshot)
    }
    const hinted = room.head
    const page = await this.#parts.log.read(room.conversationId, sent, share.entries, share.chars) // [seam: read-page]
    return () => this.#sendPage(subscription, sent, page, hinted)
  }

  #sendPage(subscription: Subscription, sent: number, page: readonly Entry[], hinted: number): void {
    if (!this.#isStill(subscription, sent, 'behind')) return
    const { room } = subscription
    // The log does not ask who reads: what comes after this account has left is not for it, however late the hint [W4].
    const leftAt = page.findIndex((entry) => entry.body.kind === 'left' && entry.author === this.accountId) // [seam: page-ends-at-leaving]
    const entries = leftAt === -1 ? page : page.slice(0, leftAt)
    const last = entries.at(-1)
    if (last !== undefined) {
      this.#outlet.send(encode({ t: 'entries', conversationId: room.conversationId, after: sent, entries: [...entries] }))
      this.#sentUpTo(subscription, last.seq)
    }
    if (leftAt !== -1) return subscription.suspend()
    if (last === undefined && room.head === hinted) {
      // The hint was ahead of what this process can read; the next hint or the sweep comes back to it.
      subscription.nothingMore()
      if (subscription.standing === 'live') this.#behind.delete(subscription)
    }
  }

  #sendReset(subscription: Subscription, sent: number, standing: Standing, snapshot: ConversationSnapshot | null): void {
    // Asked for anew, or said to have left, while it was read: then this answer is too old.
    if (!this.#isStill(subscription, sent, standing)) return
    if (snapshot === null) {
      // No longer a member: the account log says so, and says it too when the account has come back since.
      this.#unsubscribe(subscription)
      this.#accountBehind = true
      return
    }
    // Come back since it began to watch: what was in view may be from before [W4].
    if (this.watch?.room === subscription.room && snapshot.joinedSeq > subscription.joinedSeq) this.setWatch(null)
    subscription.joinedSeq = snapshot.joinedSeq
    const { items: _items, change: _change, ...rest } = snapshot
    this.#outlet.send(encode({ t: 'reset', ...rest, meta: { ...snapshot.meta }, entries: [...snapshot.entries] }))
    this.#sentUpTo(subscription, snapshot.head)
  }

  /** Does the subscription stand as it did when something was read for it? */
  #isStill(subscription: Subscription, sent: number, standing: Standing): boolean {
    return subscription.sent === sent && subscription.standing === standing && this.#behind.has(subscription)
  }

  #sentUpTo(subscription: Subscription, seq: number): void {
    subscription.sentUpTo(seq)
    if (subscription.standing === 'live') this.#behind.delete(subscription)
  }

  /** Resolves when the device has taken what it was sent, so that catching up never fills the buffer. */
  async #writable(): Promise<void> {
    if (this.#outlet.bufferedBytes() <= DELIVERY_BOUNDS.bufferedBytesSoft) return
    await new Promise<void>((resolve) => this.#outlet.onDrained(resolve))
  }
}

/**
 * Where a device goes on in a conversation, or null when its cursor cannot be continued: ahead of the log, before it joined, too far back [D7].
 * The head is that of the moment in which the account was a member, not one a hint told since: else whoever left right after hello could go on
 * behind the leaving [W4].
 */
function resumeFrom(cursor: number, { joinedSeq, head }: StoredMembership): number | null {
  const continues = cursor <= head && cursor >= joinedSeq - 1 && head - cursor <= LIMITS.backfillEntriesMax
  return continues ? cursor : null
}

/** In how many of the account's conversations this device begins anew. */
export function countResets(memberships: readonly StoredMembership[], { rooms }: Cursors): number {
  let resets = 0
  for (const membership of memberships) {
    const cursor = rooms.get(membership.conversationId)
    if (cursor === undefined || resumeFrom(cursor, membership) === null) resets++
  }
  return resets
}
