import { bySubject, foldEntry, foldItems, NO_MARKS } from '@bongsu/log'
import { LIMITS, type ConversationId, type Entry, type Item } from '@bongsu/protocol'
import type { LogStore, MarksOfRoom } from './log-store.ts'
import { plainLines } from './plain-line.ts'

/** Most text in one page, in UTF-16 units, or one entry when it is longer: 200 entries of ten thousand code points would be many megabytes. */
export const HISTORY_CHARS_MAX = 65_536

export interface HistoryPage {
  readonly head: number
  readonly joinedSeq: number
  readonly entries: readonly Entry[]
  /** Marks of these entries and their change, when asked for. */
  readonly items?: readonly Item[]
  readonly change?: number
}

/**
 * Entries before `before`, or the newest ones, oldest first, without a gap, and none from before the reader joined [D10, W4]. A page with long texts
 * or many marks has fewer entries: those just below `before`. A reader who does not ask for marks does not support them [I10].
 */
export async function readHistory(
  log: LogStore,
  conversationId: ConversationId,
  joinedSeq: number,
  query: { readonly before?: number | undefined; readonly limit?: number | undefined; readonly marks?: boolean | undefined },
): Promise<HistoryPage> {
  const head = (await log.heads([conversationId])).get(conversationId)?.head ?? 0
  const last = Math.min(head, (query.before ?? head + 1) - 1)
  const count = Math.min(query.limit ?? LIMITS.entriesPerPageMax, last - joinedSeq + 1)
  const entries = count < 1 ? [] : await readUpTo(log, conversationId, last, count)
  if (query.marks !== true) return { head, joinedSeq, entries: plainLines(entries, 'version 1') }
  const first = entries[0]?.seq ?? last + 1
  return { head, joinedSeq, ...withMarks(entries, await log.marks(conversationId, first, last, LIMITS.itemsPerPageMax)) }
}

/** Entries with their marks, which are newer than the entries: edits and erasures since the read are applied to the page too [I6]. */
function withMarks(entries: readonly Entry[], { first, change, items }: MarksOfRoom): Pick<HistoryPage, 'entries' | 'items' | 'change'> {
  const marks = bySubject(items)
  const shown = entries.filter(({ seq }) => seq >= first).map((entry) => foldEntry(entry, foldItems(NO_MARKS, marks.get(entry.seq) ?? [])))
  return { entries: shown, items, change }
}

/**
 * As many entries ending at `last` as fit into a page. A log is read forwards, so a stretch that does not fit is read again with a quarter of its
 * length.
 */
async function readUpTo(log: LogStore, conversationId: ConversationId, last: number, wanted: number): Promise<readonly Entry[]> {
  for (let count = wanted; ; count = Math.ceil(count / 4)) {
    const entries = await log.read(conversationId, last - count, count, HISTORY_CHARS_MAX)
    if (entries.length === count || count === 1) return entries // [seam: history-page]
  }
}
