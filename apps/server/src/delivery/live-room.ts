import { entryKind, type AccountId, type ConversationId, type Entry, type Item } from '@bongsu/protocol'
import { plainLine, type Knows } from '../conversation/plain-line.ts'
import { encode, type Encoded } from './encode.ts'
import { ItemNews } from './item-news.ts'
import { tideIn, type Tide } from './tides.ts'

/**
 * State of a device in one conversation.
 * - live: the device has everything up to the head, and the next entry or item is pushed.
 * - behind: the device's stream reads missing entries and items from the log.
 * - needs-reset: the device must get the conversation again.
 * - needs-proof: a hint says that the account has left; the device gets nothing until the log has confirmed that the account is a member [W4, D1].
 */
export type Standing = 'live' | 'behind' | 'needs-reset' | 'needs-proof'

/** The stream of a device, as its subscriptions use it. */
export interface Receiver {
  readonly accountId: AccountId
  /** Whether its device supports items [W3]. */
  readonly knowsItems: boolean
  readonly knows: Knows
  /** @returns true when the frame was sent now. */
  trySend(frame: Encoded): boolean
  /** The subscription is not live: the stream must read missing entries. */
  fellBehind(subscription: Subscription): void
}

/** The entries that a device has in view. */
export interface Watch {
  readonly room: LiveRoom
  readonly from: number
  /** Null follows the head. */
  readonly to: number | null
  /** The last counts sent and the seq of the first, so that only changes are sent. */
  sentFrom: number
  sent: readonly number[]
}

/** A device that may have this conversation on its screen. */
export interface Watcher {
  readonly accountId: AccountId
  readonly watch: Watch | null
  /** Whether its account has blocked the other one. */
  blocks(accountId: AccountId): boolean
  /** Sends a frame that may be lost. @returns false when the device is too slow for it. */
  sendIfRoom(frame: Encoded): boolean
}

/** Progress of a device in one conversation. */
export interface Progress {
  readonly seq: number
  /** Last change of the items; 0 for a device without support for items. */
  readonly change: number
}

/**
 * One device in one conversation. Only the subscription changes its state. Ten thousand idle connections consist mostly of such objects, so it has
 * only these six fields. Its private methods are static, because V8 gives each object of a class with other private methods a seventh.
 */
export class Subscription {
  readonly room: LiveRoom
  readonly receiver: Receiver
  /** The entry with which the account joined. */
  joinedSeq: number
  #standing: Standing
  /** The last seq and the last change sent; 0 when nothing sent counts. */
  #sent: number
  #change: number

  /** @param from the device's cursors; null when it cannot continue from there. */
  constructor(room: LiveRoom, receiver: Receiver, joinedSeq: number, from: Progress | null) {
    this.room = room
    this.receiver = receiver
    this.joinedSeq = joinedSeq
    this.#sent = from?.seq ?? 0
    this.#change = from?.change ?? 0
    this.#standing = from === null ? 'needs-reset' : Subscription.#hasAll(this) ? 'live' : 'behind'
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

  /** Number of item changes the device lacks; 0 for a device without support for items. */
  get changesBehind(): number {
    return this.receiver.knowsItems ? this.room.change - this.#change : 0
  }

  /** The head of the room has risen to `seq`. @param frame the entry at `seq`, encoded; null when only its place is known. */
  push(seq: number, frame: Encoded | null): void {
    // A live device has everything before. Any other is behind, or falls behind now, and its stream reads from the log [D2].
    if (frame !== null && this.#standing === 'live' && this.#sent === seq - 1 && this.receiver.trySend(frame)) this.#sent = seq // [seam: live-frame]
    else if (this.#sent < seq) Subscription.#fallBehind(this)
  }

  /** The room's items have changed up to `change`. @param news the changed item; null when only its number is known. */
  pushItem(change: number, news: ItemNews | null): void {
    if (!this.receiver.knowsItems) return
    const isNext = news !== null && this.#standing === 'live' && this.#change === change - 1 // [seam: next-item]
    if (isNext && this.receiver.trySend(news.frameFor(this.joinedSeq))) this.#change = change
    else if (this.#change < change) Subscription.#fallBehind(this)
  }

  /** The device must get the conversation again. */
  reset(): void {
    Subscription.#needs(this, 'needs-reset')
  }

  /** A hint says that the account has left. */
  suspend(): void {
    Subscription.#needs(this, 'needs-proof')
  }

  /** Everything up to `seq` was sent from the log. */
  sentUpTo(seq: number): void {
    this.#sent = seq
    this.room.rise(seq, undefined)
    Subscription.#settle(this)
  }

  /** All items up to `change` were sent from the log. */
  sentChangesUpTo(change: number): void {
    this.#change = change
    this.room.itemsRose(change, 0, undefined)
    Subscription.#settle(this)
  }

  /** The conversation was sent again: its entries up to `seq`, with their marks as of `change`. */
  sentAnew({ seq, change }: Progress): void {
    this.#sent = seq
    this.#change = change
    this.room.itemsRose(change, seq, undefined)
    Subscription.#settle(this)
  }

  /** Nothing can be read beyond the sent entries, although a hint said so. */
  nothingMore(): void {
    this.room.lower(this.#sent)
    if (Subscription.#hasAll(this)) this.#standing = 'live'
  }

  /** No item can be read beyond the sent ones, although a hint said so. */
  noMoreItems(): void {
    this.room.lowerItems(this.#change)
    if (Subscription.#hasAll(this)) this.#standing = 'live'
  }

  static #hasAll(one: Subscription): boolean {
    return one.#sent >= one.room.head && one.changesBehind <= 0
  }

  static #settle(one: Subscription): void {
    one.#standing = Subscription.#hasAll(one) ? 'live' : 'behind' // [seam: cutover-to-live]
  }

  static #needs(one: Subscription, standing: 'needs-reset' | 'needs-proof'): void {
    one.#standing = standing
    one.#sent = 0
    one.#change = 0
    one.receiver.fellBehind(one)
  }

  static #fallBehind(one: Subscription): void {
    if (one.#standing === 'live') one.#standing = 'behind'
    one.receiver.fellBehind(one)
  }
}

/** A conversation with devices connected to this process, or about to be. Created for the first device, dropped with the last one. */
export class LiveRoom {
  readonly conversationId: ConversationId
  /** The highest seq known to be durable. It lags while hints are lost, and is never too high. */
  head = 0
  /** The highest change of the items known to be durable, in the same way. */
  change = 0
  readonly subscriptions = new Set<Subscription>()
  /** Devices that have this conversation on the screen; null while there is none, which is nearly always. */
  watchers: Set<Watcher> | null = null
  /** When somebody was last shown as typing here, by the monotonic clock. */
  typedAt: number | undefined = undefined

  readonly #tide: Tide
  /** Devices that are being admitted and have a cursor here. Hints raise the numbers for them before they receive anything. */
  awaiting = 0

  constructor(conversationId: ConversationId, tide: Tide) {
    this.#tide = tide
    this.conversationId = conversationId
  }

  /** The head is at least `seq`; `entry`, when given, is the entry there. Late, doubled and reordered calls change nothing [D1]. */
  rise(seq: number, entry: Entry | undefined): void {
    if (entry !== undefined) for (const accountId of goneBy(entry)) this.#suspend(accountId, seq) // [seam: suspend-who-left]
    if (seq <= this.head) return // [seam: late-hint]
    this.head = seq
    const frames = entry === undefined ? null : this.#framesOf(entry)
    for (const subscription of this.subscriptions) subscription.push(seq, frames === null ? null : frames[subscription.receiver.knows])
  }

  /** The entry for devices of each version. Most entries look the same to all of them. */
  #framesOf(entry: Entry): Readonly<Record<Knows, Encoded>> {
    const frame = this.#frameOf(entry)
    const other = (knows: Knows): Encoded => {
      const plain = plainLine(entry, knows)
      return plain === entry ? frame : this.#frameOf(plain)
    }
    return { roles: frame, items: other('items'), 'version 1': other('version 1') }
  }

  #frameOf(entry: Entry): Encoded {
    return encode({ t: 'entries', conversationId: this.conversationId, after: entry.seq - 1, entries: [entry], ...tideIn(this.#tide) })
  }

  /** Nothing can be read beyond `sent`, although a hint said so. The next hint, or the sweep, raises the head again [D1]. */
  lower(sent: number): void {
    this.head = sent
    for (const subscription of this.subscriptions) this.head = Math.max(this.head, subscription.sent)
  }

  /** The items have changed up to `change`, when the head was `head`; `item`, when given, is the changed one [D1]. */
  itemsRose(change: number, head: number, item: Item | undefined): void {
    // A device that lacks entries gets them first: the account may have left by one of them [W4].
    this.rise(head, undefined) // [seam: entries-before-items]
    if (change <= this.change) return // [seam: late-item-hint]
    this.change = change
    const news = item === undefined ? null : new ItemNews(this.conversationId, item, this.#tide)
    for (const subscription of this.subscriptions) subscription.pushItem(change, news)
  }

  /** No item can be read beyond `change`, although a hint said so. */
  lowerItems(change: number): void {
    this.change = change
    for (const subscription of this.subscriptions) this.change = Math.max(this.change, subscription.change)
  }

  /**
   * An account that has left or was removed gets nothing from the next entry on [W4]. The hint may be old, and the account may be back: the subscription is
   * therefore not ended but paused until the log was asked. Entries sent from `seq` on prove that the account is back.
   */
  #suspend(accountId: AccountId, seq: number): void {
    for (const subscription of this.subscriptions) {
      if (subscription.receiver.accountId === accountId && subscription.sent < seq) subscription.suspend()
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

/** Who is no longer a member after this entry. */
export function goneBy({ author, body }: Entry): readonly AccountId[] {
  return entryKind(body.kind)?.effect?.(author, body).leaves ?? NOBODY
}

const NOBODY: readonly AccountId[] = []

/** Whether the account is known to be a member. */
export function isProven({ standing }: Subscription): boolean {
  return standing !== 'needs-proof'
}
