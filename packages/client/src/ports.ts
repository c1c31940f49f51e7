import type { Act, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { StoredState } from './state.ts'

/** One WebSocket. Events come after `open` was called, in order; nothing comes after `closed`. */
export interface Socket {
  send(text: string): void
  close(code: number): void
}

export interface SocketEvents {
  opened(): void
  message(text: string): void
  /** @param code WebSocket close code, 1006 when the connection broke. */
  closed(code: number): void
}

/** Opens a WebSocket with the subprotocol of this protocol version. */
export type OpenSocket = (events: SocketEvents) => Socket

export interface Clock {
  /** Epoch ms of this device; shown to people, never used for order. */
  now(): number
  /** @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  uuid(): string
}

/** Something that is written down on the device [C1] and not yet there in its conversation [A4]: an entry, or an act on an entry. */
export type OutboxItem = WrittenEntry | WrittenAct

interface Written {
  readonly id: ClientMessageId
  readonly conversationId: ConversationId
  /** Device clock, epoch ms; shown while waiting. */
  readonly writtenAt: number
  /** Order in which this device made them, rising [M6]. */
  readonly order: number
  /** Refused for good; stays until the person retries (as a new entry) or deletes it [C2, C3]. */
  readonly refused: string | null
  /**
   * Once accepted: the entry's seq, or the act's change. It is kept until the entry, or the item, is stored itself, so that a restore of the server loses
   * it for nobody [A4].
   */
  readonly accepted?: number
}

export interface WrittenEntry extends Written {
  readonly body: SendBody
}

export interface WrittenAct extends Written {
  readonly act: Act
  /** The entry it is about, which a server knows by both [I4]. */
  readonly about: { readonly seq: number; readonly id: ClientMessageId }
}

/**
 * What the device keeps: IndexedDB in a browser, memory or a file elsewhere. Every call is durable when it resolves, and each `commit` is
 * one transaction: cursors never get ahead of the entries they count [D4].
 */
export interface LocalStore {
  load(): Promise<{ state: StoredState | null; outbox: readonly OutboxItem[]; outages?: readonly StoredOutage[] }>
  commit(change: LocalChange): Promise<void>
  /** Stored entries of a conversation with from <= seq <= to, by rising seq, with their marks. */
  readEntries(conversationId: ConversationId, from: number, to: number): Promise<readonly MarkedEntry[]>
  /** Forgets everything, outbox too (signing out). */
  clear(): Promise<void>
}

/** Fields left out stay as they are. Conversations are dropped before entries are written: one can be dropped and begun anew in one change. */
export interface LocalChange {
  readonly state?: StoredState
  /** Each in the place of the one stored before, marks and all. */
  readonly entries?: readonly { readonly conversationId: ConversationId; readonly entries: readonly MarkedEntry[] }[]
  /**
   * Change stored entries, by `withItems`, after those above are written; those that are not stored are passed over. What an erasure or an edit takes away is in
   * the store no more [I6].
   */
  readonly items?: readonly { readonly conversationId: ConversationId; readonly items: readonly HeldItem[] }[]
  readonly dropConversations?: readonly ConversationId[]
  readonly outboxPut?: readonly OutboxItem[]
  readonly outboxDelete?: readonly ClientMessageId[]
  /** All that are kept, in the place of those kept before [F4]. */
  readonly outages?: readonly StoredOutage[]
}
