import type { ConversationKind } from '../conversation-kind.ts'
import type { AccountId } from '../ids.ts'
import type { RefusalCode } from '../refusals.ts'

/** Plain JSON Schema (2020-12), so that browsers can read a kind without a schema library. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** What an entry changes besides itself. */
export interface EntryEffect {
  readonly joins?: readonly AccountId[]
  readonly leaves?: readonly AccountId[]
  /** The conversation's title from this entry on. */
  readonly title?: string
}

/** A person named in a request, as the store knows them. */
export interface NamedPerson {
  readonly accountId: AccountId
  readonly isMember: boolean
  /** In as many conversations as one account may be in. */
  readonly isAtLimit: boolean
}

/** What the rules must know about one kind of entry: something said, or something that happened. */
export interface EntryKind<Body> {
  /** `said`: people said it, and devices put it back after a restore. `happened`: it belongs to its moment. */
  readonly class: 'said' | 'happened'
  /** Conversations in which it may be written. */
  readonly in: readonly ConversationKind[]
  /** Who may ask for it. */
  readonly by: 'member' | 'server'
  /** Does it count as unread, and for the conversation's place in the list? */
  readonly counts: boolean
  /** Do devices put it back after a restore [A4]? */
  readonly putsBack: boolean
  /** Shape of the body, as asked for and as stored. */
  readonly schema: JsonSchema
  /** What is wrong with the values of a body whose shape is right; null when nothing is. */
  readonly fault: (body: Body) => RefusalCode | null
  /** The one JSON text of a body: two bodies are the same exactly when these texts are [M2]. */
  readonly canonical: (body: Body) => string
  /** Earlier entry that the body refers to, by seq. */
  readonly subject?: (body: Body) => number | undefined
  /** True when only a host may write this body in a large conversation. */
  readonly needsHost?: (body: Body) => boolean
  /** People the body names, who must be looked up before the rules can be applied. */
  readonly names?: (body: Body) => readonly AccountId[]
  /** The body to store, which may say less than was asked for. `people`: those of `names` that exist, each once, in the order named. */
  readonly narrow?: (body: Body, people: readonly NamedPerson[]) => Body | RefusalCode
  readonly effect?: (author: AccountId, body: Body) => EntryEffect
}

/** An entry that a mark is about. */
export interface MarkedEntry {
  readonly seq: number
  readonly acceptedAt: number
  readonly author: AccountId
  readonly id: string
  readonly kind: string
}

/** What the rules must know about one kind of mark: what is so now about one entry. */
export interface MarkKind<Body, Asked, Stored> {
  readonly class: 'mark'
  /** Whose log it stands in: the conversation's, for everybody, or the account's, for its own devices only. */
  readonly owner: 'conversation' | 'account'
  /** One value for each entry, or one for each entry and member. */
  readonly each: 'entry' | 'member'
  /** Who may set it. */
  readonly by: 'member' | 'author'
  /** Kinds of entries it may be about; `said` stands for every kind of that class but erased entries. */
  readonly on: 'said' | 'any' | readonly string[]
  /** How long after the entry it may be set, by the server's clock; null: at any time. In a self conversation there is no such limit. */
  readonly withinMs: number | null
  /** May it be taken back, by the value null? */
  readonly removable: boolean
  /** Do devices put it back after a restore [A4]? */
  readonly putsBack: boolean
  /** Most different values on one entry; null: no bound but one for each member. */
  readonly differentMax: number | null
  /** Most marks of this kind that one account owns; for marks in the account's log. */
  readonly perAccountMax: number | null
  /** It removes all other marks of its entry, and none can be set afterwards. */
  readonly final: boolean
  /** Shape of the value that is asked for, and of the value that is stored and sent. */
  readonly askedSchema: JsonSchema
  readonly schema: JsonSchema
  readonly fault: (value: Asked) => RefusalCode | null
  /** The value to store. @param now epoch ms, server clock. */
  readonly stored: (value: Asked, now: number) => Stored
  /** What the body of the entry becomes; left out where the entry stays as it is. */
  readonly rewrite?: (body: Body, value: Stored) => Body
}

export const EVERYWHERE: readonly ConversationKind[] = ['direct', 'group', 'self']

/** Fields of an object that takes no others. A name that ends in `?` is optional. */
export function fields(all: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const named = Object.entries(all).map(([name, schema]) => [name.replace('?', ''), schema] as const)
  const required = Object.keys(all).filter((name) => !name.endsWith('?'))
  return { type: 'object', required, properties: Object.fromEntries(named), additionalProperties: false }
}

export const STRING: JsonSchema = { type: 'string' }
