import { entryKind, type Entry } from '@bongsu/protocol'

/** What a device understands of entries [W3]. */
export type Knows = 'version 1' | 'items' | 'roles'

/**
 * Entries for a device of an earlier version: each entry of a later kind that counts as unread becomes a text [I10], and a removal becomes the leaving
 * of the one who was removed [B14], so that the counts are right.
 */
export function plainLines(entries: readonly Entry[], knows: Knows): readonly Entry[] {
  return entries.some((entry) => plainLine(entry, knows) !== entry) ? entries.map((entry) => plainLine(entry, knows)) : entries
}

/** The same entry when the device understands it. */
export function plainLine(entry: Entry, knows: Knows): Entry {
  if (knows === 'roles') return entry
  const kind = entryKind(entry.body.kind)
  const other = kind?.withoutRoles?.(entry.author, entry.body)
  if (other !== undefined) return { ...entry, ...other }
  const text = knows === 'version 1' ? kind?.plainLine?.(entry.body) : undefined
  return text === undefined ? entry : { ...entry, body: { kind: 'text', text } }
}
