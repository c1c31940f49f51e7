import { entryKind, type AccountId, type EntryBody, type EntryEffect } from '@bongsu/protocol'

const NONE: EntryEffect = {}

/** Who comes and goes by an entry, and the title from it on. An entry of a kind that is not known changes nothing. */
export function effectOf(author: AccountId, body: EntryBody): EntryEffect {
  return entryKind(body.kind)?.effect?.(author, body) ?? NONE
}
