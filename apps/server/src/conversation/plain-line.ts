import type { Entry, EntryBody } from '@bongsu/protocol'

/** In both languages, because the server does not know which one the person reads. */
const ERASED: EntryBody = { kind: 'text', text: '삭제된 메시지입니다. (Deleted message)' }

/** Entries as a device sees them that knows version 1 alone: an erased entry is a text that says so, so that its counts are right [I10]. */
export function plainLines(entries: readonly Entry[]): readonly Entry[] {
  return entries.some(({ body }) => body.kind === 'erased') ? entries.map(plainLine) : entries
}

function plainLine(entry: Entry): Entry {
  return entry.body.kind === 'erased' ? { ...entry, body: ERASED } : entry
}
