import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import type { DeviceStream } from './stream.ts'
import { encode } from './encode.ts'

/** `sent` of a subscriber that must be given the conversation anew. */
export const NEEDS_RESET = -1
/** `sent` of a subscriber of whom a hint says that it has left: it gets nothing until the log has said whether it is a member [W4, D1]. */
export const NEEDS_PROOF = -2

/** A conversation that devices connected to this process are in. Made when the first comes, dropped when the last goes. */
export class LiveRoom {
  readonly conversationId: ConversationId
  /** The highest seq known to be durable. Behind the truth while hints are lost; never ahead of it. */
  head: number
  /** Each device's stream and the last seq sent to it. */
  readonly subscribers = new Map<DeviceStream, number>()
  /** Streams whose device has this conversation on its screen; null while there is none, which is nearly always. */
  watchers: Set<DeviceStream> | null = null
  /** When somebody was last shown as typing here, by the monotonic clock. */
  typedAt: number | undefined = undefined

  constructor(conversationId: ConversationId, head: number) {
    this.conversationId = conversationId
    this.head = head
  }

  /** The head is at least `seq`; `entry`, when given, is the entry there. Late, doubled and reordered calls change nothing [D1]. */
  rise(seq: number, entry: Entry | undefined): void {
    if (entry?.body.kind === 'left') this.#suspend(entry.author, seq) // [seam: suspend-who-left]
    if (seq <= this.head) return // [seam: late-hint]
    this.head = seq
    const frame = entry === undefined ? null : encode({ t: 'entries', conversationId: this.conversationId, after: seq - 1, entries: [entry] })
    for (const [stream, sent] of this.subscribers) {
      // Live: this device has everything before. Otherwise it is, or now falls, behind, and its stream reads from the log [D2].
      if (frame !== null && sent === seq - 1 && stream.trySend(this, frame)) this.subscribers.set(stream, seq) // [seam: live-frame]
      else if (sent < seq) stream.fallBehind(this)
    }
  }

  /** Nothing can be read beyond `sent`, though a hint said so: the next hint, or the sweep, is believed again [D1]. */
  lower(sent: number): void {
    this.head = sent
    for (const proven of this.subscribers.values()) this.head = Math.max(this.head, proven)
  }

  /**
   * Whoever has left hears nothing more, from the very next entry on [W4]. The hint may be old, and they may be back: so the stream is not
   * taken out on its word, but silenced until it has asked. What was sent from `seq` on proves that they are back.
   */
  #suspend(author: AccountId, seq: number): void {
    for (const [stream, sent] of this.subscribers) if (stream.accountId === author && sent < seq) stream.suspend(this)
  }

  watch(stream: DeviceStream): void {
    this.watchers ??= new Set()
    this.watchers.add(stream)
  }

  unwatch(stream: DeviceStream): void {
    this.watchers?.delete(stream)
    if (this.watchers?.size === 0) this.watchers = null
  }
}
