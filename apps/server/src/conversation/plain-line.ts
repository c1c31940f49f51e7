import type { Entry, EntryBody } from '@bongsu/protocol'

/** In both languages, because the server does not know the person's language. */
const ERASED: EntryBody = { kind: 'text', text: '삭제된 메시지입니다. (Deleted message)' }

/** Entries for a device of version 1: an erased entry becomes a text that says so, so that the counts are right [I10]. */
export function plainLines(entries: readonly Entry[]): readonly Entry[] {
  return entries.some(({ body }) => body.kind === 'erased') ? entries.map(plainLine) : entries
}

function plainLine(entry: Entry): Entry {
  return entry.body.kind === 'erased' ? { ...entry, body: ERASED } : entry
}
