import { LIMITS, type ConversationId, type Entry } from '@bongsu/protocol'
import type { LogStore } from './log-store.ts'

/** Most text in one page, in UTF-16 units, or one entry when it is longer: 200 entries of ten thousand code points would be many megabytes. */
export const HISTORY_CHARS_MAX = 65_536

export interface HistoryPage {
  readonly head: number
  readonly joinedSeq: number
  readonly entries: readonly Entry[]
}

/**
 * Entries before `before`, or the newest ones, oldest first, without a gap, and none from before the reader joined [D10, W4]. A page with long texts
 * has fewer entries: those just below `before`.
 */
export async function readHistory(
  log: LogStore,
  conversationId: ConversationId,
  joinedSeq: number,
  query: { readonly before?: number | undefined; readonly limit?: number | undefined },
): Promise<HistoryPage> {
  const head = (await log.heads([conversationId])).get(conversationId)?.head ?? 0
  const last = Math.min(head, (query.before ?? head + 1) - 1)
  const count = Math.min(query.limit ?? LIMITS.entriesPerPageMax, last - joinedSeq + 1)
  return { head, joinedSeq, entries: count < 1 ? [] : await readUpTo(log, conversationId, last, count) }
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
