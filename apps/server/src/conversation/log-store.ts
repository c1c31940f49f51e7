import type { AppendRequest, CreateRequest, ItemWrite, LogRefusal, SetRequest } from '@bongsu/log'
import type { AccountId, ClientMessageId, ConversationId, Entry, EntryBody, Item } from '@bongsu/protocol'

export type { AppendRequest, SetRequest } from '@bongsu/log'

/** The entry is durable: it exists, at this place. */
export interface Appended {
  readonly ok: true
  readonly seq: number
  /** Epoch ms. For a repeated request, the time of the first. */
  readonly acceptedAt: number
  /** The same request had been written before; nothing was written now [M2]. */
  readonly repeated: boolean
  /** What the log holds. It may say less than the request: people who were members already are not invited again. */
  readonly body: EntryBody
  /** Accounts whose account log rose with this entry: those who came in or went. */
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
  /** Number of the item in the log of its owner. */
  readonly change: number
  /** The same request had been done before [I2]. */
  readonly repeated: boolean
  /** What was written now; null when nothing was: a repeated request, or it was so already. */
  readonly written: ItemWrite | null
}

export type SetResult = SetDone | AppendRefused

/** Items of a conversation, by rising change. */
export interface ItemsOfRoom {
  /** They are complete up to this change. */
  readonly to: number
  readonly items: readonly Item[]
}

/** Marks of a stretch of entries. */
export interface MarksOfRoom {
  /** They are those of the entries from this seq on. */
  readonly first: number
  /** They are as of this change. */
  readonly change: number
  readonly items: readonly Item[]
}

/** How far a conversation has come. */
export interface Heads {
  /** Its last seq. */
  readonly head: number
  /** The last change of its items. */
  readonly change: number
}

export interface Opened {
  readonly conversationId: ConversationId
  /** Nothing was written: it was there before. */
  readonly existed: boolean
  readonly accounts: readonly AccountId[]
}

export type CreateGroupRequest = Omit<CreateRequest, 'kind'>

/**
 * The truth: what was said, in which order. Everything else in the server can be lost and made again from here.
 *
 * A call either resolves, and then what it reports is durable [M1, M5], or rejects with `Unavailable`, and then it is unknown
 * whether it was written: the caller tries again with the same id and gets the answer of the first try [M2].
 */
export interface LogStore {
  /**
   * Writes a batch in the order given: durable together, in one commit, together with whatever other calls wait at that moment
   * (group commit). Results stand in the order of the requests; a refused request leaves no trace and does not hurt its neighbours.
   *
   * The rules are those of `decideAppend`. Who comes or goes by an entry does so in the same commit, together with the account item `membership` of
   * those concerned.
   *
   * @param now epoch ms, becomes acceptedAt.
   */
  append(batch: readonly AppendRequest[], now: number): Promise<readonly AppendResult[]>

  /**
   * Does acts in the order given, as `append` writes entries. The rules are those of `decideSet`. An item, what it changes of its entry, and the id of
   * the act are one commit.
   */
  set(batch: readonly SetRequest[], now: number): Promise<readonly SetResult[]>

  /** The direct conversation of two accounts, or the self conversation when both are the same; made with its `created` entry if missing. */
  openDirect(conversationId: ConversationId, id: ClientMessageId, author: AccountId, other: AccountId, now: number): Promise<Opened | AppendRefused>

  /** A new group with its `created` entry. Idempotent by (author, id). */
  createGroup(request: CreateGroupRequest, now: number): Promise<Opened | AppendRefused>

  /**
   * Entries after the seq `after`, oldest first, without a gap, at most `limit`.
   * @param charsMax UTF-16 units: it stops before the entry whose body, as JSON, would bring it above this, but gives one entry at least.
   */
  read(conversationId: ConversationId, after: number, limit: number, charsMax?: number): Promise<readonly Entry[]>

  /** Items changed after `after`, by rising change, at most `limit`. */
  items(conversationId: ConversationId, after: number, limit: number): Promise<ItemsOfRoom>

  /**
   * Marks of the entries from..to that have a value. Where there are more than `limit`, only those of the newest entries that fit, or of the entry `to`
   * alone.
   */
  marks(conversationId: ConversationId, from: number, to: number, limit: number): Promise<MarksOfRoom>

  /** How far each of these conversations that exists has come. */
  heads(conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, Heads>>
}

/** The store cannot do it now: disk full, database away, too much waiting. `full` tells the queue's bound from a failing disk. */
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
