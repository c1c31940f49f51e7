import { entryKind, type Entry } from '@bongsu/protocol'

/** Entries for a device of version 1: each entry of a later kind becomes a text, so that the counts are right [I10]. */
export function plainLines(entries: readonly Entry[]): readonly Entry[] {
  return entries.some(({ body }) => entryKind(body.kind)?.plainLine !== undefined) ? entries.map(plainLine) : entries
}

/** The same entry when it is of a kind of version 1. */
export function plainLine(entry: Entry): Entry {
  const text = entryKind(entry.body.kind)?.plainLine?.(entry.body)
  return text === undefined ? entry : { ...entry, body: { kind: 'text', text } }
}
