import { LIMITS, type ConversationId, type Entry } from '@bongsu/protocol'
import type { LogStore } from './log-store.ts'

export interface HistoryPage {
  readonly head: number
  readonly joinedSeq: number
  readonly entries: readonly Entry[]
}

/** Entries before `before`, or the newest, oldest first and without a gap; none from before the reader came in [D10, W4]. */
export async function readHistory(
  log: LogStore,
  conversationId: ConversationId,
  joinedSeq: number,
  query: { readonly before?: number | undefined; readonly limit?: number | undefined },
): Promise<HistoryPage> {
  const limit = query.limit ?? LIMITS.entriesPerPageMax
  const head = (await log.heads([conversationId])).get(conversationId) ?? 0
  const last = Math.min(head, (query.before ?? head + 1) - 1)
  const first = Math.max(joinedSeq, last - limit + 1)
  const entries = last < first ? [] : await log.read(conversationId, first - 1, last - first + 1)
  return { head, joinedSeq, entries }
}
