import type { DatabaseSync } from 'node:sqlite'
import { AUDIT_MARKS_MAX, hashOfChanges, hashOfStretch } from '../../conversation/audit-hash.ts'
import type { AuditHashes } from '../../conversation/audit-store.ts'
import { all, one } from './connection.ts'

export interface AuditReads {
  hash(conversationId: string, from: number, to: number): AuditHashes
  restoredHeads(accountId: string, epoch: string): [string, number, number][] | null
}

export function prepareAuditReads(db: DatabaseSync, marksMax = AUDIT_MARKS_MAX): AuditReads {
  const keyOf = db.prepare('SELECT conversation_key AS key, change FROM conversations WHERE conversation_id = ?')
  // One row for the whole stretch: a thousand rows would cost seven times as much. The primary key excludes repeated seqs.
  const stretch = db.prepare(`
    SELECT group_concat(hex(id), '' ORDER BY seq) AS ids FROM entries WHERE conversation_key = ? AND seq BETWEEN ? AND ?`)
  const marks = db.prepare(`
    SELECT change FROM (SELECT change FROM conversation_items INDEXED BY conversation_items_by_subject
      WHERE conversation_key = ? AND subject BETWEEN ? AND ? AND value IS NOT NULL LIMIT ${marksMax + 1}) ORDER BY change`)
  const restore = db.prepare('SELECT 1 FROM restores WHERE epoch = ?')
  const heads = db.prepare(`
    SELECT c.conversation_id AS conversationId, r.head, r.change FROM accounts a JOIN members m ON m.account_key = a.account_key
    JOIN conversations c ON c.conversation_key = m.conversation_key JOIN restored_heads r ON r.conversation_key = m.conversation_key
    WHERE a.account_id = ? AND m.waiting = 0 AND r.head > 0`)

  return {
    hash(conversationId, from, to) {
      const room = one<{ key: number; change: number }>(keyOf, conversationId)
      if (room === undefined) return { hash: null, marks: hashOfChanges([]), change: 0 }
      return { hash: hashOfEntries(room.key, from, to), marks: hashOfMarks(room.key, from, to), change: room.change }
    },
    restoredHeads(accountId, epoch) {
      if (!one(restore, epoch)) return null
      return all<{ conversationId: string; head: number; change: number }>(heads, accountId).map(({ conversationId, head, change }) => [
        conversationId,
        head,
        change,
      ])
    },
  }

  function hashOfMarks(key: number, from: number, to: number): string | null {
    const changes = all<{ change: number }>(marks, key, from, to).map(({ change }) => change)
    return changes.length > marksMax ? null : hashOfChanges(changes)
  }

  function hashOfEntries(key: number, from: number, to: number): string | null {
    const found = one<{ ids: string | null }>(stretch, key, from, to)
    return hashOfStretch(from, to - from + 1, Buffer.from(found?.ids ?? '', 'hex'))
  }
}
