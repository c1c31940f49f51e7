import type { Act, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { StoredState } from './state.ts'

/** One WebSocket. Events come after `open`, in order. Nothing comes after `closed`. */
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
  /** Epoch ms of this device. Shown to people, never used for order. */
  now(): number
  /** @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  uuid(): string
}

/** Something stored on the device [C1] and not yet part of its conversation [A4]: an entry, or an act on an entry. */
export type OutboxItem = WrittenEntry | WrittenAct

interface Written {
  readonly id: ClientMessageId
  readonly conversationId: ConversationId
  /** Device clock, epoch ms. Shown while waiting. */
  readonly writtenAt: number
  /** Order in which this device made them, rising [M6]. */
  readonly order: number
  /** Refused finally. Stays until the person retries (as a new entry) or deletes it [C2, C3]. */
  readonly refused: string | null
  /**
   * After acceptance: the entry's seq, or the act's change. The item is kept until the entry or item itself is stored, so that a restore of the
   * server loses nothing [A4].
   */
  readonly accepted?: number
}

export interface WrittenEntry extends Written {
  readonly body: SendBody
}

export interface WrittenAct extends Written {
  readonly act: Act
  /** The entry of the act; the server identifies it by both values [I4]. */
  readonly about: { readonly seq: number; readonly id: ClientMessageId }
}

/**
 * The device's storage: IndexedDB in a browser, memory or a file elsewhere. Every call is durable when it resolves, and each `commit` is one
 * transaction: cursors never get ahead of the entries they count [D4].
 */
export interface LocalStore {
  load(): Promise<{ state: StoredState | null; outbox: readonly OutboxItem[]; outages?: readonly StoredOutage[] }>
  commit(change: LocalChange): Promise<void>
  /** Stored entries of a conversation with from <= seq <= to, by rising seq, with their marks. */
  readEntries(conversationId: ConversationId, from: number, to: number): Promise<readonly MarkedEntry[]>
  /** Deletes everything, the outbox too (signing out). */
  clear(): Promise<void>
}

/** Omitted fields stay unchanged. Conversations are dropped before entries are written: one change can drop a conversation and start it anew. */
export interface LocalChange {
  readonly state?: StoredState
  /** Each replaces the stored one, marks included. */
  readonly entries?: readonly { readonly conversationId: ConversationId; readonly entries: readonly MarkedEntry[] }[]
  /**
   * Changes to stored entries, by `withItems`, after the entries above are written. Items of other entries are ignored. Content removed by an erasure
   * or an edit is no longer in the store [I6].
   */
  readonly items?: readonly { readonly conversationId: ConversationId; readonly items: readonly HeldItem[] }[]
  readonly dropConversations?: readonly ConversationId[]
  readonly outboxPut?: readonly OutboxItem[]
  readonly outboxDelete?: readonly ClientMessageId[]
  /** All outages. They replace the stored ones [F4]. */
  readonly outages?: readonly StoredOutage[]
}
