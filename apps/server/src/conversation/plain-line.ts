import { entryKind, type Entry } from '@bongsu/protocol'

/** Entries as a device sees them that knows version 1 alone: a text for each entry of a kind that it does not know, so that its counts are right [I10]. */
export function plainLines(entries: readonly Entry[]): readonly Entry[] {
  return entries.some(({ body }) => entryKind(body.kind)?.plainLine !== undefined) ? entries.map(plainLine) : entries
}

/** The same entry when such a device knows its kind. */
export function plainLine(entry: Entry): Entry {
  const text = entryKind(entry.body.kind)?.plainLine?.(entry.body)
  return text === undefined ? entry : { ...entry, body: { kind: 'text', text } }
}
