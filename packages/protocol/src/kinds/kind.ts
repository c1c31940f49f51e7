import type { ConversationKind } from '../conversation-kind.ts'
import { PUBLISHED } from '../described.ts'
import type { AccountId } from '../ids.ts'
import type { RefusalCode } from '../refusals.ts'
import type { Right } from './right.ts'

/** Plain JSON Schema (2020-12), so that browsers can read a kind without a schema library. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Effects of an entry besides itself. */
export interface EntryEffect {
  readonly joins?: readonly AccountId[]
  readonly leaves?: readonly AccountId[]
  /** The conversation's title after this entry. */
  readonly title?: string
}

/** A person named in a request, as known to the store. */
export interface NamedPerson {
  readonly accountId: AccountId
  readonly isMember: boolean
  /** Whether the author of the request can put the account into no further conversation. */
  readonly isAtLimit: boolean
  /** Whether the account was removed from the conversation and may not come back [B13]. */
  readonly isBarred: boolean
  /** Whether the account has blocked the author of the request [B2]. */
  readonly blocksAuthor: boolean
  /** Whether the account lets the author of the request in, must be asked first, or cannot be asked now [B40]. */
  readonly consent: Consent
  /** What became of an earlier request for the account to come into this conversation [B44]. */
  readonly asked: 'never' | 'waits' | 'decided'
}

/**
 * `free`: lets in. `ask`: a request waits for the account. `crowded`: only one for a conversation of two still can. `full`: too many requests of others
 * wait for it already.
 */
export type Consent = 'free' | 'ask' | 'crowded' | 'full'

/** The traits of one kind of entry, used by the rules. */
export interface EntryKind<Body> {
  /** `said`: people said it, and devices put it back after a restore. `happened`: an event. */
  readonly class: 'said' | 'happened'
  /** Conversations in which it may be written. */
  readonly in: readonly ConversationKind[]
  /** Who may request it. */
  readonly by: 'member' | 'server'
  /** The right that its author needs in a group; `host`: only the host may. Null: every member may [B12]. */
  readonly right: Right | 'host' | null
  /** Whether it counts as unread and moves the conversation to the top of the list. */
  readonly counts: boolean
  /** Whether devices put it back after a restore [A4]. */
  readonly putsBack: boolean
  /** Shape of the body, as requested and as stored. */
  readonly schema: JsonSchema
  /**
   * What a device that knows version 1 alone shows instead, in Korean and English because the server does not know which one the person reads [I10].
   * Left out for the kinds of version 1.
   */
  readonly plainLine?: (body: Body) => string
  /** What a device without the feature `roles` gets instead, where its count of members would be wrong otherwise [B14]. */
  readonly withoutRoles?: (author: AccountId, body: Body) => { readonly author: AccountId; readonly body: { readonly kind: 'left' } }
  /** What is wrong with the values of a body with the right shape; null when nothing is. */
  readonly fault: (body: Body) => RefusalCode | null
  /** The canonical JSON text of a body: two bodies are equal exactly when these texts are [M2]. */
  readonly canonical: (body: Body) => string
  /** Seq of an earlier entry that the body refers to. */
  readonly subject?: (body: Body) => number | undefined
  /** True for a body that calls everybody [I9]. */
  readonly callsEveryone?: (body: Body) => boolean
  /** People named in the body. They are looked up before the rules are applied. */
  readonly names?: (body: Body) => readonly AccountId[]
  /** The body to store, which may hold less than the request. `people`: the existing accounts of `names`, each once, in the order named. */
  readonly narrow?: (body: Body, people: readonly NamedPerson[]) => Body | RefusalCode
  readonly effect?: (author: AccountId, body: Body) => EntryEffect
}

/** The entry of a mark. */
export interface MarkedEntry {
  readonly seq: number
  readonly acceptedAt: number
  readonly author: AccountId
  readonly id: string
  readonly kind: string
}

/** The traits of one kind of mark, used by the rules. A mark is a present fact about one entry. */
export interface MarkKind<Body, Asked, Stored> {
  readonly class: 'mark'
  /** Owner of the mark: the conversation, visible to everybody, or the account, visible to its own devices only. */
  readonly owner: 'conversation' | 'account'
  /** One value for each entry, or one for each entry and member. */
  readonly each: 'entry' | 'member'
  /** Who may set it. */
  readonly by: 'member' | 'author'
  /** Kinds of entries that may have it; `said` means every kind of that class except erased entries. */
  readonly on: 'said' | 'any' | readonly string[]
  /** How long after the entry it may be set, by the server's clock; null for any time. A self conversation has no limit. */
  readonly withinMs: number | null
  /** Whether it may be taken back, by the value null. */
  readonly removable: boolean
  /** Whether devices put it back after a restore [A4]. */
  readonly putsBack: boolean
  /** Most different values on one entry; null for no bound other than one for each member. */
  readonly differentMax: number | null
  /** Most marks of this kind owned by one account, for marks in the account's log. */
  readonly perAccountMax: number | null
  /** It removes all other marks of its entry, and no further mark can be set. */
  readonly final: boolean
  /** Shapes of the requested value, and of the stored and sent value. */
  readonly askedSchema: JsonSchema
  readonly schema: JsonSchema
  readonly fault: (value: Asked) => RefusalCode | null
  /** The value to store. @param now epoch ms, server clock. */
  readonly stored: (value: Asked, now: number) => Stored
  /** The request that gives this value again, for devices that put it back. */
  readonly asked: (value: Stored) => Asked
  /** The new body of the entry; left out where the entry stays unchanged. */
  readonly rewrite?: (body: Body, value: Stored) => Body
}

export const EVERYWHERE: readonly ConversationKind[] = ['direct', 'group', 'self']

/** An object schema without additional fields. A name that ends in `?` is optional. */
export function fields(all: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const named = Object.entries(all).map(([name, schema]) => [name.replace('?', ''), schema] as const)
  const required = Object.keys(all).filter((name) => !name.endsWith('?'))
  return { type: 'object', required, properties: Object.fromEntries(named), additionalProperties: false }
}

/** The schema of the field `kind` of a body. */
export function kindNamed(kind: string): JsonSchema {
  return { const: kind, description: 'Kind of the entry.' }
}

/** A text whose length and characters are checked by a rule with refusal codes of its own; `published` says what the rule accepts. */
export function ruled(published: JsonSchema, description: string): JsonSchema {
  return { type: 'string', [PUBLISHED]: published, description }
}

const TIME: JsonSchema = { type: 'integer', minimum: 0 }

/** Milliseconds since 1970-01-01 UTC by the server's clock. */
export function time(description: string): JsonSchema {
  return { ...TIME, description }
}
