import type { DatabaseSync } from 'node:sqlite'
import { unreadNumbers, type MemberMark } from '../../receipts/unread-numbers.ts'
import { all, one } from './connection.ts'

export type ReadUnread = (conversationId: string, from: number, to: number) => number[]

export function prepareUnread(db: DatabaseSync): ReadUnread {
  const keyOf = db.prepare('SELECT conversation_key AS key FROM conversations WHERE conversation_id = ?')
  const authors = db.prepare('SELECT author_key AS author FROM entries WHERE conversation_key = ? AND seq BETWEEN ? AND ? ORDER BY seq')
  const marks = db.prepare('SELECT account_key AS account, joined_seq AS joinedSeq, watermark FROM members WHERE conversation_key = ?')
  return (conversationId, from, to) => {
    const found = one<{ key: number }>(keyOf, conversationId)
    if (!found) return []
    // seq starts at 1, so a range from 0 begins at the first entry and the numbers stay beside theirs.
    const first = Math.max(1, from)
    const written = all<{ author: number }>(authors, found.key, first, to).map((row) => row.author)
    return unreadNumbers(all<MemberMark>(marks, found.key), first, written)
  }
}
