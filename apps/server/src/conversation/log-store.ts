import type { AppendRequest, CreateRequest, ItemWrite, LogRefusal, SetRequest } from '@bongsu/log'
import type { AccountId, ClientMessageId, ConversationId, Entry, EntryBody, Item } from '@bongsu/protocol'

export type { AppendRequest, SetRequest } from '@bongsu/log'

/** The entry is durable: it exists, at this place. */
export interface Appended {
  readonly ok: true
  readonly seq: number
  /** Epoch ms. A repeated request gets the time of the first one. */
  readonly acceptedAt: number
  /** The same request had been written before. Nothing was written now [M2]. */
  readonly repeated: boolean
  /** The stored body. It may hold less than the request: people who are already members are not invited again. */
  readonly body: EntryBody
  /** Accounts whose account log rose with this entry: those who joined or left. */
  readonly accounts: readonly AccountId[]
}

export interface AppendRefused {
  readonly ok: false
  readonly code: LogRefusal
}

export type AppendResult = Appended | AppendRefused

/** The act is durable [I1]. */
export interface SetDone {
  readonly ok: true
  /** Number of the item in its owner's log. */
  readonly change: number
  /** The conversation's last seq at the time of writing; 0 for a repeated request. */
  readonly head: number
  /** The same act had been done before [I2]. */
  readonly repeated: boolean
  /** The item written now; null for a repeated request, or when the value was already so. */
  readonly written: ItemWrite | null
}

export type SetResult = SetDone | AppendRefused

/** Items of a conversation, by rising change. */
export interface ItemsOfRoom {
  /** The conversation's last seq at the time of reading. */
  readonly head: number
  /** The items are complete up to this change. */
  readonly to: number
  readonly items: readonly Item[]
}

/** Marks of a stretch of entries. */
export interface MarksOfRoom {
  /** The marks are those of the entries from this seq on. */
  readonly first: number
  /** The marks are as of this change. */
  readonly change: number
  readonly items: readonly Item[]
}

/** The last numbers of a conversation. */
export interface Heads {
  /** Its last seq. */
  readonly head: number
  /** The last change of its items. */
  readonly change: number
}

export interface Opened {
  readonly conversationId: ConversationId
  /** Nothing was written: the conversation existed before. */
  readonly existed: boolean
  readonly accounts: readonly AccountId[]
}

export type CreateGroupRequest = Omit<CreateRequest, 'kind'>

/**
 * The truth: what was said, in which order. Everything else in the server can be lost and rebuilt from here.
 *
 * A call that resolves reports durable results [M1, M5]. A call that rejects with `Unavailable` leaves open whether it was written: the caller tries
 * again with the same id and gets the answer of the first try [M2].
 */
export interface LogStore {
  /**
   * Writes a batch in the order given: all durable in one commit, together with all other waiting calls (group commit). Results are in the order of
   * the requests. A refused request leaves no trace and does not affect the others.
   *
   * The rules are those of `decideAppend`. Joining and leaving by an entry happen in the same commit, together with the account item `membership` of
   * the accounts concerned.
   *
   * @param now epoch ms, becomes acceptedAt.
   */
  append(batch: readonly AppendRequest[], now: number): Promise<readonly AppendResult[]>

  /**
   * Does acts in the order given, as `append` writes entries. The rules are those of `decideSet`. An item, its effects on its entry, and the id of
   * the act are one commit.
   */
  set(batch: readonly SetRequest[], now: number): Promise<readonly SetResult[]>

  /** The direct conversation of two accounts, or the self conversation when both are the same. Created with its `created` entry if missing. */
  openDirect(conversationId: ConversationId, id: ClientMessageId, author: AccountId, other: AccountId, now: number): Promise<Opened | AppendRefused>

  /** A new group with its `created` entry. Idempotent by (author, id). */
  createGroup(request: CreateGroupRequest, now: number): Promise<Opened | AppendRefused>

  /**
   * Entries after the seq `after`, oldest first, without a gap, at most `limit`.
   * @param charsMax UTF-16 units: stops before the entry whose body, as JSON, would exceed this, but returns at least one entry.
   */
  read(conversationId: ConversationId, after: number, limit: number, charsMax?: number): Promise<readonly Entry[]>

  /**
   * Items changed after `after`, by rising change, at most `limit`.
   * @param charsMax UTF-16 units of JSON, as for `read`.
   */
  items(conversationId: ConversationId, after: number, limit: number, charsMax?: number): Promise<ItemsOfRoom>

  /**
   * Marks with a value of the entries from..to. When there are more than `limit`, only those of the newest entries that fit, or of the entry `to`
   * alone.
   */
  marks(conversationId: ConversationId, from: number, to: number, limit: number): Promise<MarksOfRoom>

  /** The last numbers of each of these conversations that exists. */
  heads(conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, Heads>>
}

/**
 * The store cannot do it now: disk full, database unreachable, too many waiting requests. `full` means the queue's bound rather than a failing disk.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly retryAfterMs: number
  readonly full: boolean

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number; full?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs ?? 1_000
    this.full = options.full ?? false
  }
}
