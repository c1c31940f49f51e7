import type { AccountId, ConversationKind, EntryBody, NamedPerson } from '@bongsu/protocol'

/** A conversation as its author stands in it. */
export interface Place {
  readonly kind: ConversationKind
  /** Last seq before this request. */
  readonly head: number
  /** Last change number before this request. */
  readonly change: number
  readonly memberCount: number
  /** Seq of the entry by which the author is a member. */
  readonly joinedSeq: number
}

/** The entry that an id already names. */
export interface KnownEntry {
  readonly conversationId: string
  readonly seq: number
  readonly acceptedAt: number
  /** Canonical text of what was asked for; null where an edit or an erasure took it away. */
  readonly asked: string | null
  /** What the log holds. */
  readonly body: EntryBody
}

/** The act that an id already names. */
export interface KnownAct {
  readonly conversationId: string
  readonly kind: string
  readonly key: string
  readonly change: number
}

/** The entry that an act is about. */
export interface Subject {
  readonly id: string
  readonly author: AccountId
  readonly acceptedAt: number
  readonly body: EntryBody
}

/** What a store loads before an append can be decided. */
export interface AppendNeeds {
  /** Who of these exists, and how they stand in the conversation. */
  readonly people: readonly AccountId[]
  /** Is the author the conversation's host? */
  readonly host: boolean
}

export interface AppendFacts {
  readonly known: KnownEntry | null
  /** Null when there is no such conversation, or the author is not in it. */
  readonly place: Place | null
  /** Those of `needs.people` who exist, each once, in the order named. */
  readonly people: readonly NamedPerson[]
  readonly isHost: boolean
}

/** What a store loads before an act can be decided. */
export interface SetNeeds {
  readonly owner: 'conversation' | 'account'
  readonly kind: string
  /** Key of the item. */
  readonly key: string
  /** How many different values of the kind does the entry have, this one left out? Null: nobody asks. */
  readonly differentFrom: string | null
  /** How many items of the kind does the account own? */
  readonly countOwn: boolean
}

export interface SetFacts {
  readonly known: KnownAct | null
  readonly place: Place | null
  /** Null when there is no entry at that seq. */
  readonly subject: Subject | null
  /** Newest value of the item, as JSON, and its change; null when it was never set. */
  readonly current: { readonly value: string | null; readonly change: number } | null
  /** As `needs.differentFrom` and `needs.countOwn` ask; 0 where nobody asks. */
  readonly different: number
  /** How many marks of the kind the entry has; 0 where `needs.differentFrom` is null. */
  readonly marks: number
  readonly own: number
}

export interface CreateFacts {
  readonly known: KnownEntry | null
  readonly authorExists: boolean
  /** Is the author in as many conversations as one account may be in? */
  readonly authorIsAtLimit: boolean
  /** Those named who exist, each once, in the order named. */
  readonly people: readonly NamedPerson[]
}
