/**
 * What the kit and the client program under test say to each other: one JSON object in a line, on the program's standard input and output. Each
 * command has a number `n`, and the answer repeats it. See docs/guide/conformance.md.
 */
export type Command =
  | { readonly do: 'open'; readonly server: string; readonly folder: string; readonly handle: string; readonly password: string }
  | { readonly do: 'send'; readonly conversation: string; readonly text: string }
  | { readonly do: 'show' | 'older' | 'unread' | 'audit'; readonly conversation: string }
  | { readonly do: 'read'; readonly conversation: string; readonly seq: number }
  | { readonly do: 'react'; readonly conversation: string; readonly seq: number; readonly emoji: string }
  | { readonly do: 'state' }

/** What the client would show of one entry. `text` is null where nothing was said, or where it was erased. */
export interface ShownEntry {
  readonly seq: number
  readonly id: string
  readonly author: string
  readonly acceptedAt: number
  readonly kind: string
  readonly text: string | null
  /** Emoji, and how many people chose it. */
  readonly reactions: Readonly<Record<string, number>>
}

/** Entries are missing here and the client says so, as a screen does with a loading line [D4]. */
export interface LoadingLine {
  readonly loading: true
}

/** A text that is not an entry yet [C3]. */
export interface ShownUnsent {
  readonly id: string
  readonly text: string
  readonly state: 'sending' | 'waiting' | 'sent' | 'refused'
  readonly code: string | null
}

export interface Shown {
  readonly items: readonly (ShownEntry | LoadingLine)[]
  readonly unsent: readonly ShownUnsent[]
}

export interface Greeting {
  readonly name: string
  readonly can: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** An answer that is not as described. */
export class BadAnswer extends Error {}

export function isLoading(item: ShownEntry | LoadingLine): item is LoadingLine {
  return 'loading' in item
}

export function isEntry(item: ShownEntry | LoadingLine): item is ShownEntry {
  return !isLoading(item)
}

export function greetingIn(answer: Fields): Greeting {
  return { name: stringIn(answer, 'name'), can: listIn(answer, 'can').map(String) }
}

export function shownIn(answer: Fields): Shown {
  return {
    items: listIn(answer, 'items').map((item) => (item['loading'] === true ? { loading: true } : entryIn(item))),
    unsent: listIn(answer, 'unsent').map((item) => {
      const state = stringIn(item, 'state')
      if (state !== 'sending' && state !== 'waiting' && state !== 'sent' && state !== 'refused') throw new BadAnswer(`no such state: ${state}`)
      return { id: stringIn(item, 'id'), text: stringIn(item, 'text'), state, code: item['code'] === undefined ? null : stringIn(item, 'code') }
    }),
  }
}

function entryIn(item: Fields): ShownEntry {
  return {
    seq: numberIn(item, 'seq'),
    id: stringIn(item, 'id'),
    author: stringIn(item, 'author'),
    acceptedAt: numberIn(item, 'acceptedAt'),
    kind: stringIn(item, 'kind'),
    text: item['text'] === undefined || item['text'] === null ? null : stringIn(item, 'text'),
    reactions: (item['reactions'] ?? {}) as Readonly<Record<string, number>>,
  }
}

export function stringIn(answer: Fields, name: string): string {
  const value = answer[name]
  if (typeof value !== 'string') throw new BadAnswer(`the field ${name} must be a string, and is ${JSON.stringify(value)}`)
  return value
}

export function numberIn(answer: Fields, name: string): number {
  const value = answer[name]
  if (typeof value !== 'number') throw new BadAnswer(`the field ${name} must be a number, and is ${JSON.stringify(value)}`)
  return value
}

function listIn(answer: Fields, name: string): readonly Fields[] {
  const value = answer[name]
  if (!Array.isArray(value)) throw new BadAnswer(`the field ${name} must be a list, and is ${JSON.stringify(value)}`)
  return value as readonly Fields[]
}
