import { CLOSE_CODES, LIMITS, type AccountId, type AccountItem, type ConversationId, type DeviceId, type Entry } from '@bongsu/protocol'
import type { LogStore } from '../conversation/log-store.ts'
import type { Clock } from '../ops/clock.ts'
import type { StreamProgress } from './backlog.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import { encode, type Encoded } from './encode.ts'
import { type LiveRoom, NEEDS_PROOF, NEEDS_RESET } from './live-room.ts'
import type { Outlet } from './outlet.ts'
import type { AccountPosition, ConversationSnapshot, ResumeStore, StoredMembership } from './resume-store.ts'

export interface StreamParts {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly clock: Clock
  /** The live room, made when there is none; its head is at least `head`. */
  readonly room: (conversationId: ConversationId, head: number) => LiveRoom
  readonly peek: (conversationId: ConversationId) => LiveRoom | undefined
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

/** The entries a device has in view. */
export interface Watch {
  readonly room: LiveRoom
  readonly from: number
  /** Null follows the head. */
  readonly to: number | null
  /** The counts last sent and the seq of the first, so that only changes are sent. */
  sentFrom: number
  sent: readonly number[]
}

/**
 * Everything one device receives. It has two sources: hints push the newest entry to a device that has all before it (live), and one loop,
 * the pump, reads what is missing from the log (behind). A conversation is in one of the two states at a time, so cutover from one to the
 * other needs no further rule: it is live again when the pump has sent its head [D2].
 */
export class DeviceStream {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly #parts: StreamParts
  readonly #outlet: Outlet
  /** Each conversation and since which entry the account is in it. */
  readonly #rooms = new Map<LiveRoom, number>()
  /** Conversations that are behind. */
  readonly #behind = new Set<LiveRoom>()
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
      this.#subscribe(room, membership.joinedSeq, cursor === undefined ? NEEDS_RESET : resumeFrom(cursor, membership))
    }
    this.#started = true
    this.#pump()
  }

  /** True when the frame was sent now: the device is live in the room and takes what it is sent. */
  trySend(room: LiveRoom, frame: Encoded): boolean {
    if (this.#behind.has(room) || this.#outlet.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesSoft) return false // [seam: soft-bound]
    this.#outlet.send(frame)
    return true
  }

  fallBehind(room: LiveRoom): void {
    this.#behind.add(room)
    this.#pump()
  }

  /** A hint says that the account has left: nothing more is sent until a snapshot has told whether it is so. */
  suspend(room: LiveRoom): void {
    if (this.watch?.room === room) this.setWatch(null)
    room.subscribers.set(this, NEEDS_PROOF)
    this.fallBehind(room)
  }

  /** The account log has risen. */
  accountRose(): void {
    this.#accountBehind = true
    this.#pump()
  }

  /** The device asks for a conversation anew [D7]. False when it is not in it. */
  refresh(conversationId: ConversationId): boolean {
    const room = this.room(conversationId)
    if (room === undefined) return false
    room.subscribers.set(this, NEEDS_RESET)
    this.fallBehind(room)
    return true
  }

  /** The conversation, when this device receives it, which is when its account is a member. */
  room(conversationId: ConversationId): LiveRoom | undefined {
    const room = this.#parts.peek(conversationId)
    const sent = room?.subscribers.get(this)
    return sent === undefined || sent === NEEDS_PROOF ? undefined : room
  }

  /** Since which entry the account is in a conversation that this device receives. */
  joinedSeq(conversationId: ConversationId): number | undefined {
    const room = this.room(conversationId)
    return room === undefined ? undefined : this.#rooms.get(room)
  }

  /** Conversations this device receives, and the head of each. */
  heads(): [ConversationId, number][] {
    return [...this.#rooms.keys()].flatMap((room) => (this.room(room.conversationId) === undefined ? [] : [[room.conversationId, room.head]]))
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
    for (const room of this.#rooms.keys()) {
      sent += Math.max(0, room.subscribers.get(this) ?? 0)
      owed += room.head
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
    for (const room of this.#rooms.keys()) {
      room.subscribers.delete(this)
      this.#parts.vacate(room)
    }
    this.#rooms.clear()
    this.#behind.clear()
  }

  /** Nothing from before the account came in is watched [W4]. */
  setWatch(watch: Omit<Watch, 'sentFrom' | 'sent'> | null): void {
    if (this.watch !== null && this.watch.room !== watch?.room) this.watch.room.unwatch(this)
    this.watch = watch === null ? null : { ...watch, from: Math.max(watch.from, this.#rooms.get(watch.room) ?? 0), sentFrom: 0, sent: [] }
    watch?.room.watch(this)
  }

  unsubscribe(room: LiveRoom): void {
    if (this.watch?.room === room) this.setWatch(null)
    room.subscribers.delete(this)
    this.#rooms.delete(room)
    this.#behind.delete(room)
    this.#parts.vacate(room)
  }

  #subscribe(room: LiveRoom, joinedSeq: number, sent: number): void {
    this.#rooms.set(room, joinedSeq)
    room.subscribers.set(this, sent)
    if (sent < room.head || sent === NEEDS_RESET) this.#behind.add(room)
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
    for (const room of this.#rooms.keys()) total += room.subscribers.get(this) ?? 0
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
    const room = this.#parts.peek(conversationId)
    if (room === undefined || !room.subscribers.has(this)) {
      if (value !== null) this.#subscribe(this.#parts.room(conversationId, value.joinedSeq), value.joinedSeq, NEEDS_RESET)
    } else if (value === null) {
      this.unsubscribe(room)
    } else if (value.joinedSeq > (this.#rooms.get(room) ?? 0)) {
      // Gone and come back: what was said in between is not for this account [W4].
      this.unsubscribe(room)
      this.#subscribe(this.#parts.room(conversationId, value.joinedSeq), value.joinedSeq, NEEDS_RESET)
    }
  }

  /** Several conversations share one way to the log and back, and one page between them, so that what is under way is as bounded as with one. */
  async #sendBehind(): Promise<void> {
    const rooms = [...this.#behind.values().take(DELIVERY_BOUNDS.roomsPerRead)]
    const share = { entries: Math.floor(DELIVERY_BOUNDS.pageEntries / rooms.length), chars: Math.floor(DELIVERY_BOUNDS.pageChars / rooms.length) }
    const sends = await Promise.all(rooms.map((room) => this.#readFrom(room, share)))
    for (const send of sends) {
      // Between any two, so that no more waits than the soft bound and one frame.
      await this.#writable()
      if (this.#closed) return
      send()
    }
  }

  /** Reads what comes next in a conversation. @returns what sends it. */
  async #readFrom(room: LiveRoom, share: { readonly entries: number; readonly chars: number }): Promise<() => void> {
    const sent = room.subscribers.get(this)
    if (sent === undefined) return () => void this.#behind.delete(room)
    if (sent < 0 || room.head - sent > LIMITS.backfillEntriesMax) {
      const snapshot = await this.#parts.resume.snapshot(room.conversationId, this.accountId, LIMITS.resetTailEntries)
      return () => this.#sendReset(room, sent, snapshot)
    }
    const hinted = room.head
    const page = await this.#parts.log.read(room.conversationId, sent, share.entries, share.chars) // [seam: read-page]
    return () => this.#sendPage(room, sent, page, hinted)
  }

  #sendPage(room: LiveRoom, sent: number, page: readonly Entry[], hinted: number): void {
    if (room.subscribers.get(this) !== sent) return
    // The log does not ask who reads: what comes after this account has left is not for it, however late the hint [W4].
    const leftAt = page.findIndex((entry) => entry.body.kind === 'left' && entry.author === this.accountId) // [seam: page-ends-at-leaving]
    const entries = leftAt === -1 ? page : page.slice(0, leftAt)
    const last = entries.at(-1)
    if (last !== undefined) {
      this.#outlet.send(encode({ t: 'entries', conversationId: room.conversationId, after: sent, entries: [...entries] }))
      this.#sentUpTo(room, last.seq)
    }
    if (leftAt !== -1) return this.suspend(room)
    if (last === undefined && room.head === hinted) {
      // The hint was ahead of what this process can read; the next hint or the sweep comes back to it.
      room.lower(sent)
      if (room.head === sent) this.#behind.delete(room)
    }
  }

  #sendReset(room: LiveRoom, sent: number, snapshot: ConversationSnapshot | null): void {
    // Asked for anew, or said to have left, while it was read: then this answer is too old.
    if (room.subscribers.get(this) !== sent) return
    if (snapshot === null) {
      // No longer a member: the account log says so, and says it too when the account has come back since.
      this.unsubscribe(room)
      this.#accountBehind = true
      return
    }
    // Come back since it began to watch: what was in view may be from before [W4].
    if (this.watch?.room === room && snapshot.joinedSeq > (this.#rooms.get(room) ?? 0)) this.setWatch(null)
    this.#rooms.set(room, snapshot.joinedSeq)
    const { items: _items, change: _change, ...rest } = snapshot
    this.#outlet.send(encode({ t: 'reset', ...rest, meta: { ...snapshot.meta }, entries: [...snapshot.entries] }))
    this.#sentUpTo(room, snapshot.head)
  }

  #sentUpTo(room: LiveRoom, seq: number): void {
    room.subscribers.set(this, seq)
    if (seq > room.head) room.rise(seq, undefined)
    if (seq >= room.head) this.#behind.delete(room) // [seam: cutover-to-live]
  }

  /** Resolves when the device has taken what it was sent, so that catching up never fills the buffer. */
  async #writable(): Promise<void> {
    if (this.#outlet.bufferedBytes() <= DELIVERY_BOUNDS.bufferedBytesSoft) return
    await new Promise<void>((resolve) => this.#outlet.onDrained(resolve))
  }
}

/**
 * Where a device goes on in a conversation, or NEEDS_RESET when its cursor cannot be continued: ahead of the log, before it joined, too far back [D7].
 * The head is that of the moment in which the account was a member, not one a hint told since: else whoever left right after hello could go on
 * behind the leaving [W4].
 */
function resumeFrom(cursor: number, { joinedSeq, head }: StoredMembership): number {
  const continues = cursor <= head && cursor >= joinedSeq - 1 && head - cursor <= LIMITS.backfillEntriesMax
  return continues ? cursor : NEEDS_RESET
}

/** In how many of the account's conversations this device begins anew. */
export function countResets(memberships: readonly StoredMembership[], { rooms }: Cursors): number {
  let resets = 0
  for (const membership of memberships) {
    const cursor = rooms.get(membership.conversationId)
    if (cursor === undefined || resumeFrom(cursor, membership) === NEEDS_RESET) resets++
  }
  return resets
}
