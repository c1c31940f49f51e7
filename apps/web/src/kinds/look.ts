import type { ConversationKind, Entry } from '@bongsu/protocol'
import type { Language } from '../text/texts.ts'

/** What a sentence about an entry needs besides the entry. */
export interface Told {
  readonly language: Language
  readonly nameOf: (accountId: string) => string | null
  readonly room: ConversationKind
}

/** What a person can do with a message. Who may do it, and until when, is said in message-acts.ts. */
export type ActName = 'reply' | 'react' | 'copy' | 'edit' | 'erase' | 'hide' | 'select' | 'details'

/** How one kind of entry looks. The pure part: rows, lists and copies ask it. bodies.ts says how a bubble is drawn. */
export interface Look<Body> {
  /** A bubble stands under its author's name, in a group with its neighbours. A line stands alone in the middle. Some entries are not shown. */
  readonly shape: (room: ConversationKind) => 'bubble' | 'line' | 'none'
  /** One sentence for lines, the list of chats, quotes, and screen readers. */
  readonly words: (body: Body, author: Entry['author'], told: Told) => string
  /** The author is named where the words stand alone, as in the list of chats. */
  readonly named: boolean
  /** What is copied; null: nothing. */
  readonly copied: (body: Body) => string | null
  readonly acts: readonly ActName[]
}

/** Sentences of one kind, with the same keys in both languages. */
export function inBoth<Sentences>(ko: Sentences, en: NoInfer<Sentences>): Readonly<Record<Language, Sentences>> {
  return { ko, en }
}

/** A kind that is only told: a line that cannot be copied or answered. */
export function line<Body>(words: Look<Body>['words']): Look<Body> {
  return { shape: () => 'line', words, named: false, copied: () => null, acts: [] }
}
