import type { DatabaseSync } from 'node:sqlite'
import { unreadCounter, type CountUnread, type MemberMark } from '../../receipts/unread-numbers.ts'
import { all, one } from './connection.ts'

export type ReadUnread = (conversationId: string, from: number, to: number) => number[]

export function prepareUnread(db: DatabaseSync): ReadUnread {
  const keyOf = db.prepare('SELECT conversation_key AS key FROM conversations WHERE conversation_id = ?')
  const authors = db.prepare('SELECT author_key AS author FROM entries WHERE conversation_key = ? AND seq BETWEEN ? AND ? ORDER BY seq')
  const marks = db.prepare(`
    SELECT m.account_key AS account, CASE c.kind WHEN 'direct' THEN 1 ELSE m.joined_seq END AS joinedSeq, m.watermark
    FROM members m JOIN conversations c ON c.conversation_key = m.conversation_key WHERE m.conversation_key = ?`)
  const dataVersion = db.prepare('PRAGMA data_version')
  /**
   * Result for the last conversation. In a town everybody looks at another place of the same conversation, and reading 3,000 marks is nearly all of
   * the work.
   */
  let last: { readonly key: number; readonly version: number; readonly count: CountUnread } | null = null

  function counterOf(key: number): CountUnread {
    // A different number after any commit: https://sqlite.org/pragma.html#pragma_data_version
    const version = one<{ data_version: number }>(dataVersion)?.data_version as number
    if (last?.key !== key || last.version !== version) last = { key, version, count: unreadCounter(all<MemberMark>(marks, key)) }
    return last.count
  }

  return (conversationId, from, to) => {
    const found = one<{ key: number }>(keyOf, conversationId)
    if (!found) return []
    // seq starts at 1, so a range from 0 starts at the first entry and the numbers stay aligned.
    const first = Math.max(1, from)
    const written = all<{ author: number }>(authors, found.key, first, to).map((row) => row.author)
    return counterOf(found.key)(first, written)
  }
}
