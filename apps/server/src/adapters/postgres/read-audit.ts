import type { AccountId, ConversationId } from '@bongsu/protocol'
import { AUDIT_MARKS_MAX, hashOfChanges, hashOfStretch } from '../../conversation/audit-hash.ts'
import type { AuditHashes, RestoredHeads } from '../../conversation/audit-store.ts'
import { unreadCounter } from '../../receipts/unread-numbers.ts'
import type { Connection, Prepared } from './connection.ts'

const HASH: Prepared = {
  name: 'hash',
  text: `SELECT c.change,
      (SELECT string_agg(replace(e.id::text, '-', ''), '' ORDER BY e.seq) FROM entries e
        WHERE e.conversation_key = c.conversation_key AND e.seq BETWEEN $2 AND $3) AS ids,
      (SELECT string_agg(m.change::text, ',' ORDER BY m.change) FROM (SELECT i.change FROM conversation_items i
        WHERE i.conversation_key = c.conversation_key AND i.subject BETWEEN $2 AND $3 AND i.value IS NOT NULL LIMIT ${AUDIT_MARKS_MAX + 1}) AS m) AS marks
    FROM conversations c WHERE c.conversation_id = $1`,
}
const RESTORED: Prepared = {
  name: 'restored-heads',
  text: `SELECT c.conversation_id AS "conversationId", r.head, r.change FROM restores x
    LEFT JOIN accounts a ON a.account_id = $1 LEFT JOIN members m ON m.account_key = a.account_key AND m.waiting = 0
    LEFT JOIN restored_heads r ON r.conversation_key = m.conversation_key AND r.head > 0
    LEFT JOIN conversations c ON c.conversation_key = r.conversation_key WHERE x.epoch = $2`,
}
const UNREAD: Prepared = {
  name: 'unread',
  text: `SELECT (SELECT string_agg(e.author_key::text, ',' ORDER BY e.seq) FROM entries e
        WHERE e.conversation_key = c.conversation_key AND e.seq BETWEEN $2 AND $3) AS authors,
      (SELECT string_agg(concat_ws(',', m.account_key, CASE c.kind WHEN 'direct' THEN 1 ELSE m.joined_seq END, m.watermark), ';') FROM members m
        WHERE m.conversation_key = c.conversation_key) AS marks
    FROM conversations c WHERE c.conversation_id = $1`,
}

export async function readHash(connection: Connection, conversationId: ConversationId, from: number, to: number): Promise<AuditHashes> {
  const { rows } = await connection.query<{ change: number; ids: string | null; marks: string | null }>(HASH, [conversationId, from, to])
  const [room] = rows
  if (room === undefined) return { hash: null, marks: hashOfChanges([]), change: 0 }
  const changes = room.marks === null ? [] : room.marks.split(',').map(Number)
  return {
    hash: hashOfStretch(from, to - from + 1, Buffer.from(room.ids ?? '', 'hex')),
    marks: changes.length > AUDIT_MARKS_MAX ? null : hashOfChanges(changes),
    change: room.change,
  }
}

export async function readRestoredHeads(connection: Connection, accountId: AccountId, epoch: string): Promise<RestoredHeads | null> {
  const { rows } = await connection.query<{ conversationId: ConversationId | null; head: number; change: number }>(RESTORED, [accountId, epoch])
  if (rows.length === 0) return null
  return rows.flatMap(({ conversationId, head, change }) => (conversationId === null ? [] : [[conversationId, head, change] as const]))
}

/** Unread numbers of the entries from..to. */
export async function readUnread(connection: Connection, conversationId: ConversationId, from: number, to: number): Promise<readonly number[]> {
  // seq starts at 1, so a range from 0 starts at the first entry and the numbers stay aligned.
  const first = Math.max(1, from)
  const { rows } = await connection.query<{ authors: string | null; marks: string | null }>(UNREAD, [conversationId, first, to])
  const [room] = rows
  if (room?.authors === undefined || room.authors === null) return []
  const members = (room.marks ?? '').split(';').map((mark) => {
    const [account, joinedSeq, watermark] = mark.split(',').map(Number)
    return { account, joinedSeq: joinedSeq as number, watermark: watermark as number }
  })
  return unreadCounter(room.marks === null ? [] : members)(first, room.authors.split(',').map(Number))
}
