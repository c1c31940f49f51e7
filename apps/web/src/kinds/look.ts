import type { ConversationKind, Entry } from '@bongsu/protocol'
import type { Language } from '../text/language.ts'

/** What a sentence about an entry needs besides the entry. */
export interface Told {
  readonly language: Language
  readonly nameOf: (accountId: string) => string | null
  readonly room: ConversationKind
}

/** Acts for a message. message-acts.ts says who may do them, and until when. */
export type ActName = 'reply' | 'react' | 'copy' | 'edit' | 'erase' | 'hide' | 'select' | 'details' | 'block' | 'report'

/** How one kind of entry looks. This is the pure part, for rows, lists and copies. bodies.ts draws the bubbles. */
export interface Look<Body> {
  /** A bubble is under its author's name, in a group with its neighbours. A line is alone in the middle. Some entries are not shown. */
  readonly shape: (room: ConversationKind) => 'bubble' | 'line' | 'none'
  /** One sentence for lines, the list of chats, quotes, and screen readers. */
  readonly words: (body: Body, author: Entry['author'], told: Told) => string
  /** Whether the author is named where the sentence is alone, as in the list of chats. */
  readonly named: boolean
  /** The copied text; null for nothing. */
  readonly copied: (body: Body) => string | null
  readonly acts: readonly ActName[]
}

/** Sentences of one kind, with the same keys in both languages. */
export function inBoth<Sentences>(ko: Sentences, en: NoInfer<Sentences>): Readonly<Record<Language, Sentences>> {
  return { ko, en }
}

/** A kind that is only a line and cannot be copied or answered. */
export function line<Body>(words: Look<Body>['words']): Look<Body> {
  return { shape: () => 'line', words, named: false, copied: () => null, acts: [] }
}
