import type { AccountId, ConversationKind, EntryBody, NamedPerson } from '@bongsu/protocol'
import type { RoomState } from './room-state.ts'

/** A conversation from its author's point of view. */
export interface Place {
  readonly kind: ConversationKind
  /** Last seq before this request. */
  readonly head: number
  /** Last change number before this request. */
  readonly change: number
  readonly memberCount: number
  /** Seq of the entry by which the author became a member. */
  readonly joinedSeq: number
  /** Who owns it; null for a conversation in which nothing was chosen and nobody has got a role [B10]. */
  readonly state: RoomState | null
}

/** The entry that an id already names. */
export interface KnownEntry {
  readonly conversationId: string
  readonly seq: number
  readonly acceptedAt: number
  /** Canonical text of the original request; null after an edit or an erasure removed it. */
  readonly asked: string | null
  /** The stored body. */
  readonly body: EntryBody
}

/** The act that an id already names. */
export interface KnownAct {
  readonly conversationId: string
  readonly kind: string
  readonly key: string
  readonly change: number
}

/** The entry of an act. */
export interface Subject {
  readonly id: string
  readonly author: AccountId
  readonly acceptedAt: number
  readonly body: EntryBody
}

/** Facts that a store loads before an append is decided. */
export interface AppendNeeds {
  /** Accounts whose existence and state in the conversation are needed. */
  readonly people: readonly AccountId[]
  /** Whether to find out who wrote entry 1. */
  readonly maker: boolean
  /** Whether to find out who is the oldest member besides the author. */
  readonly oldest: boolean
  /** Whether to count the accounts that may not come back. */
  readonly barred: boolean
}

export interface AppendFacts {
  readonly known: KnownEntry | null
  /** Null when there is no such conversation, or the author is not a member. */
  readonly place: Place | null
  /** The existing accounts of `needs.people`, each once, in the order named. */
  readonly people: readonly NamedPerson[]
  /** The author of entry 1; null where `needs.maker` is false. */
  readonly maker: AccountId | null
  /** The member, not the author, with the lowest joinedSeq, and of several the one with the lowest id; null without one, or where `needs.oldest` is false. */
  readonly oldest: AccountId | null
  /** Number of accounts that may not come back; 0 where `needs.barred` is false. */
  readonly barred: number
}

/** Facts that a store loads before an act is decided. */
export interface SetNeeds {
  readonly owner: 'conversation' | 'account'
  readonly kind: string
  /** Key of the item. */
  readonly key: string
  /** Count the different values of the kind on the entry, except this one. Null: not needed. */
  readonly differentFrom: string | null
  /** Whether to find out who wrote entry 1. */
  readonly maker: boolean
  /** Whether to count the account's items of this kind. */
  readonly countOwn: boolean
}

export interface SetFacts {
  readonly known: KnownAct | null
  /** Null when there is no such conversation, or the author is not a member. For staff every conversation is a place, from its first entry on. */
  readonly place: Place | null
  /** Null when there is no entry at that seq. */
  readonly subject: Subject | null
  /** Newest value of the item, as JSON, and its change; null when it was never set. */
  readonly current: { readonly value: string | null; readonly change: number } | null
  /** Counts as asked for by `needs.differentFrom` and `needs.countOwn`; 0 when not asked for. */
  readonly different: number
  /** Number of marks of the kind on the entry; 0 where `needs.differentFrom` is null. */
  readonly marks: number
  /** The author of entry 1; null where `needs.maker` is false. */
  readonly maker: AccountId | null
  readonly own: number
}

export interface CreateFacts {
  readonly known: KnownEntry | null
  readonly authorExists: boolean
  /** Whether the author is at the limit of conversations for one account. */
  readonly authorIsAtLimit: boolean
  /** The existing accounts of those named, each once, in the order named. */
  readonly people: readonly NamedPerson[]
}
