import type { AccountId, ClientMessageId, ConversationId, Entry, EntryBody, RefusalCode, SendBody } from '@bongsu/protocol'

/** One entry that somebody wants written. */
export interface AppendRequest {
  readonly conversationId: ConversationId
  readonly author: AccountId
  readonly id: ClientMessageId
  readonly body: SendBody
}

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
  readonly code: Extract<RefusalCode, 'not-a-member' | 'id-conflict' | 'conversation-kind' | 'conversation-full' | 'limit-reached' | 'body-invalid'>
}

export type AppendResult = Appended | AppendRefused

export interface Opened {
  readonly conversationId: ConversationId
  /** Nothing was written: it was there before. */
  readonly existed: boolean
  readonly accounts: readonly AccountId[]
}

export interface CreateGroupRequest {
  readonly conversationId: ConversationId
  readonly author: AccountId
  readonly id: ClientMessageId
  readonly title: string
  readonly accounts: readonly AccountId[]
}

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
   * In this order it checks: (author, id) known? then the same answer, or `id-conflict` when conversation or body differ; is the author
   * a member? does the conversation's kind allow it (only groups can be renamed, left or invited to)? are there invitees who
   * exist and are not members (else `body-invalid`), and room for them (`conversation-full`, `limit-reached`)?
   * `invited` and `left` change the membership in the same commit and write the account item `membership` of those concerned.
   *
   * @param now epoch ms, becomes acceptedAt.
   */
  append(batch: readonly AppendRequest[], now: number): Promise<readonly AppendResult[]>

  /** The direct conversation of two accounts, or the self conversation when both are the same; made with its `created` entry if missing. */
  openDirect(conversationId: ConversationId, id: ClientMessageId, author: AccountId, other: AccountId, now: number): Promise<Opened | AppendRefused>

  /** A new group with its `created` entry. Idempotent by (author, id). */
  createGroup(request: CreateGroupRequest, now: number): Promise<Opened | AppendRefused>

  /**
   * Entries after the seq `after`, oldest first, without a gap, at most `limit`.
   * @param charsMax UTF-16 units: it stops before the entry whose body, as JSON, would bring it above this, but gives one entry at least.
   */
  read(conversationId: ConversationId, after: number, limit: number, charsMax?: number): Promise<readonly Entry[]>

  /** The head (last seq) of each of these conversations that exists. */
  heads(conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, number>>
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
