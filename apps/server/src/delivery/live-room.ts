import type { AccountId, ConversationId, Entry, Item } from '@bongsu/protocol'
import { plainLine } from '../conversation/plain-line.ts'
import { encode, type Encoded } from './encode.ts'
import { ItemNews } from './item-news.ts'

/**
 * How a device stands in one conversation.
 * - live: the device has everything up to the head, and the next entry or item is pushed as it comes.
 * - behind: the device's stream reads what is missing from the log.
 * - needs-reset: the device must be given the conversation anew.
 * - needs-proof: a hint says that the account has left; the device gets nothing until the log has said whether the account is a member [W4, D1].
 */
export type Standing = 'live' | 'behind' | 'needs-reset' | 'needs-proof'

/** The stream of a device, as its subscriptions see it. */
export interface Receiver {
  readonly accountId: AccountId
  /** Does its device know items [W3]? */
  readonly knowsItems: boolean
  /** @returns true when the frame was sent now. */
  trySend(frame: Encoded): boolean
  /** The subscription is not live: the stream is to read what is missing. */
  fellBehind(subscription: Subscription): void
}

/** The entries that a device has in view. */
export interface Watch {
  readonly room: LiveRoom
  readonly from: number
  /** Null follows the head. */
  readonly to: number | null
  /** The counts last sent and the seq of the first, so that only changes are sent. */
  sentFrom: number
  sent: readonly number[]
}

/** A device that may have this conversation on its screen. */
export interface Watcher {
  readonly accountId: AccountId
  readonly watch: Watch | null
  /** Sends what may be lost. @returns false when the device is too slow for it. */
  sendIfRoom(frame: Encoded): boolean
}

/** How far a device has come in one conversation. */
export interface Progress {
  readonly seq: number
  /** Last change of the items; 0 for a device that does not know items. */
  readonly change: number
}

/**
 * One device in one conversation. It alone changes how the device stands there. Ten thousand idle connections are mostly such objects, so it holds
 * nothing but these six fields.
 */
export class Subscription {
  readonly room: LiveRoom
  readonly receiver: Receiver
  /** The entry with which the account came in. */
  joinedSeq: number
  #standing: Standing
  /** The last seq and the last change sent; 0 while nothing that was sent counts. */
  #sent: number
  #change: number

  /** @param from what the device has; null when it cannot go on from there. */
  constructor(room: LiveRoom, receiver: Receiver, joinedSeq: number, from: Progress | null) {
    this.room = room
    this.receiver = receiver
    this.joinedSeq = joinedSeq
    this.#sent = from?.seq ?? 0
    this.#change = from?.change ?? 0
    this.#standing = from === null ? 'needs-reset' : this.#hasAll() ? 'live' : 'behind'
  }

  get standing(): Standing {
    return this.#standing
  }

  get sent(): number {
    return this.#sent
  }

  get change(): number {
    return this.#change
  }

  /** Changes of items that the device lacks; 0 for a device that does not know items. */
  get changesBehind(): number {
    return this.receiver.knowsItems ? this.room.change - this.#change : 0
  }

  /** The head of the room has risen to `seq`. @param frame the entry there, ready to be sent; null when only its place is known. */
  push(seq: number, frame: Encoded | null): void {
    // A live device has everything before. Any other is behind, or falls behind now, and its stream reads from the log [D2].
    if (frame !== null && this.#standing === 'live' && this.#sent === seq - 1 && this.receiver.trySend(frame)) this.#sent = seq // [seam: live-frame]
    else if (this.#sent < seq) this.#fallBehind()
  }

  /** The room's items have changed up to `change`. @param news the item that did; null when only its number is known. */
  pushItem(change: number, news: ItemNews | null): void {
    if (!this.receiver.knowsItems) return
    const isNext = news !== null && this.#standing === 'live' && this.#change === change - 1
    if (isNext && this.receiver.trySend(news.frameFor(this.joinedSeq))) this.#change = change
    else if (this.#change < change) this.#fallBehind()
  }

  /** The device is to be given the conversation anew. */
  reset(): void {
    this.#needs('needs-reset')
  }

  /** A hint says that the account has left. */
  suspend(): void {
    this.#needs('needs-proof')
  }

  /** Everything up to `seq` was sent from the log. */
  sentUpTo(seq: number): void {
    this.#sent = seq
    this.room.rise(seq, undefined)
    this.#settle()
  }

  /** All items up to `change` were sent from the log. */
  sentChangesUpTo(change: number): void {
    this.#change = change
    this.room.itemsRose(change, 0, undefined)
    this.#settle()
  }

  /** The conversation was sent anew: its entries up to `seq`, with their marks as of `change`. */
  sentAnew({ seq, change }: Progress): void {
    this.#sent = seq
    this.#change = change
    this.room.itemsRose(change, seq, undefined)
    this.#settle()
  }

  /** Nothing can be read beyond what was sent, though a hint said so. */
  nothingMore(): void {
    this.room.lower(this.#sent)
    if (this.#hasAll()) this.#standing = 'live'
  }

  /** No item can be read beyond what was sent, though a hint said so. */
  noMoreItems(): void {
    this.room.lowerItems(this.#change)
    if (this.#hasAll()) this.#standing = 'live'
  }

  #hasAll(): boolean {
    return this.#sent >= this.room.head && this.changesBehind <= 0
  }

  #settle(): void {
    this.#standing = this.#hasAll() ? 'live' : 'behind' // [seam: cutover-to-live]
  }

  #needs(standing: 'needs-reset' | 'needs-proof'): void {
    this.#standing = standing
    this.#sent = 0
    this.#change = 0
    this.receiver.fellBehind(this)
  }

  #fallBehind(): void {
    if (this.#standing === 'live') this.#standing = 'behind'
    this.receiver.fellBehind(this)
  }
}

/** A conversation that devices connected to this process are in. Made when the first device comes, dropped when the last one goes. */
export class LiveRoom {
  readonly conversationId: ConversationId
  /** The highest seq known to be durable. Behind the truth while hints are lost; never ahead of it. */
  head: number
  /** The highest change of the items known to be durable, in the same way. */
  change: number
  readonly subscriptions = new Set<Subscription>()
  /** Devices that have this conversation on the screen; null while there is none, which is nearly always. */
  watchers: Set<Watcher> | null = null
  /** When somebody was last shown as typing here, by the monotonic clock. */
  typedAt: number | undefined = undefined

  constructor(conversationId: ConversationId, head: number, change: number) {
    this.conversationId = conversationId
    this.head = head
    this.change = change
  }

  /** The head is at least `seq`; `entry`, when given, is the entry there. Late, doubled and reordered calls change nothing [D1]. */
  rise(seq: number, entry: Entry | undefined): void {
    if (entry?.body.kind === 'left') this.#suspend(entry.author, seq) // [seam: suspend-who-left]
    if (seq <= this.head) return // [seam: late-hint]
    this.head = seq
    const frame = entry === undefined ? null : this.#frameOf(entry)
    const plain = entry === undefined ? undefined : plainLine(entry)
    const plainFrame = plain === undefined || plain === entry ? frame : this.#frameOf(plain)
    for (const subscription of this.subscriptions) subscription.push(seq, subscription.receiver.knowsItems ? frame : plainFrame)
  }

  #frameOf(entry: Entry): Encoded {
    return encode({ t: 'entries', conversationId: this.conversationId, after: entry.seq - 1, entries: [entry] })
  }

  /** Nothing can be read beyond `sent`, though a hint said so: the next hint, or the sweep, is believed again [D1]. */
  lower(sent: number): void {
    this.head = sent
    for (const subscription of this.subscriptions) this.head = Math.max(this.head, subscription.sent)
  }

  /** The items have changed up to `change`, when the head was `head`; `item`, when given, is the one that changed to it [D1]. */
  itemsRose(change: number, head: number, item: Item | undefined): void {
    // Whoever lacks entries gets them first: by one of them the account may have left [W4].
    this.rise(head, undefined)
    if (change <= this.change) return
    this.change = change
    const news = item === undefined ? null : new ItemNews(this.conversationId, item)
    for (const subscription of this.subscriptions) subscription.pushItem(change, news)
  }

  /** No item can be read beyond `change`, though a hint said so. */
  lowerItems(change: number): void {
    this.change = change
    for (const subscription of this.subscriptions) this.change = Math.max(this.change, subscription.change)
  }

  /**
   * Whoever has left hears nothing more, from the very next entry on [W4]. The hint may be old, and the account may be back: so a subscription is
   * not ended on its word, but silenced until the log was asked. What was sent from `seq` on proves that the account is back.
   */
  #suspend(author: AccountId, seq: number): void {
    for (const subscription of this.subscriptions) {
      if (subscription.receiver.accountId === author && subscription.sent < seq) subscription.suspend()
    }
  }

  watch(watcher: Watcher): void {
    this.watchers ??= new Set()
    this.watchers.add(watcher)
  }

  unwatch(watcher: Watcher): void {
    this.watchers?.delete(watcher)
    if (this.watchers?.size === 0) this.watchers = null
  }
}
