import type { Entry, EntryBody } from '@bongsu/protocol'
import { created } from './created/created.ts'
import { erased } from './erased/erased.ts'
import { invited } from './invited/invited.ts'
import { left } from './left/left.ts'
import type { Look, Told } from './look.ts'
import { place } from './place/place.ts'
import { removed } from './removed/removed.ts'
import { renamed } from './renamed/renamed.ts'
import { rights } from './rights/rights.ts'
import { role } from './role/role.ts'
import { text } from './text/text.ts'
import { unknown } from './unknown/unknown.ts'

/** How every kind of entry looks. A missing kind is a type error. Kinds with a bubble have a row in bodies.ts too. */
const LOOKS: { readonly [Kind in EntryBody['kind']]: Look<Extract<EntryBody, { kind: Kind }>> } = {
  text,
  place,
  erased,
  created,
  invited,
  left,
  renamed,
  removed,
  role,
  rights,
}

/** A kind of a newer server is a plain line. */
export function lookOf(kind: string): Look<EntryBody> {
  return Object.hasOwn(LOOKS, kind) ? (LOOKS[kind as EntryBody['kind']] as Look<EntryBody>) : unknown
}

/** One sentence about an entry. */
export function wordsOf({ author, body }: Pick<Entry, 'author' | 'body'>, told: Told): string {
  return lookOf(body.kind).words(body, author, told)
}

/** The sentence for the list of chats, with the author where others may have written it. */
export function namedWordsOf(
  entry: Pick<Entry, 'author' | 'body'>,
  told: Told,
  me: string | null,
  said: (name: string, text: string) => string,
): string {
  const { named, shape } = lookOf(entry.body.kind)
  if (shape(told.room) === 'none') return ''
  const words = wordsOf(entry, told)
  const name = named && told.room === 'group' && entry.author !== me ? told.nameOf(entry.author) : null
  return name === null ? words : said(name, words)
}
