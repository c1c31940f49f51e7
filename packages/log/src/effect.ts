import { entryKind, type AccountId, type EntryBody, type EntryEffect } from '@bongsu/protocol'

const NONE: EntryEffect = {}

/** Who joins and leaves by an entry, and the title after it. An entry of an unknown kind changes nothing. */
export function effectOf(author: AccountId, body: EntryBody): EntryEffect {
  return entryKind(body.kind)?.effect?.(author, body) ?? NONE
}
