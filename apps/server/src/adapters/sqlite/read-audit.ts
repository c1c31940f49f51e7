import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { AuditHashes } from '../../conversation/audit-store.ts'
import { all, one } from './connection.ts'

/** Most marks in a hash. A thousand entries could have millions. */
export const AUDIT_MARKS_MAX = 20_000

/** Bytes of one entry in a hash: seq and id. */
const entryBytes = 24

export interface AuditReads {
  hash(conversationId: string, from: number, to: number): AuditHashes
  restoredHeads(accountId: string, epoch: string): [string, number, number][] | null
}

export function prepareAuditReads(db: DatabaseSync, marksMax = AUDIT_MARKS_MAX): AuditReads {
  const keyOf = db.prepare('SELECT conversation_key AS key, change FROM conversations WHERE conversation_id = ?')
  // One row for the whole stretch: a thousand rows would cost seven times as much. The primary key excludes repeated seqs.
  const stretch = db.prepare(`
    SELECT count(*) AS n, group_concat(hex(id), '' ORDER BY seq) AS ids FROM entries WHERE conversation_key = ? AND seq BETWEEN ? AND ?`)
  const marks = db.prepare(`
    SELECT change FROM (SELECT change FROM conversation_items INDEXED BY conversation_items_by_subject
      WHERE conversation_key = ? AND subject BETWEEN ? AND ? AND value IS NOT NULL LIMIT ${marksMax + 1}) ORDER BY change`)
  const restore = db.prepare('SELECT 1 FROM restores WHERE epoch = ?')
  const heads = db.prepare(`
    SELECT c.conversation_id AS conversationId, r.head, r.change FROM accounts a JOIN members m ON m.account_key = a.account_key
    JOIN conversations c ON c.conversation_key = m.conversation_key JOIN restored_heads r ON r.conversation_key = m.conversation_key
    WHERE a.account_id = ? AND r.head > 0`)

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
    const entries = to - from + 1
    const found = one<{ n: number; ids: string | null }>(stretch, key, from, to)
    if (found?.n !== entries) return null
    const ids = Buffer.from(found.ids ?? '', 'hex')
    const running = createRunningHash(entries)
    for (let index = 0; index < entries; index++) running.add(from + index, ids.subarray(16 * index, 16 * index + 16))
    return running.end()
  }
}

/** The hash of the marks with these rising change numbers, as defined for the frame `audit` [A1]. */
export function hashOfChanges(changes: readonly number[]): string {
  const buffer = Buffer.alloc(8 * changes.length)
  changes.forEach((change, index) => buffer.writeBigUInt64BE(BigInt(change), 8 * index))
  return createHash('sha256').update(buffer).digest('hex')
}

/** The hash of consecutive entries, as defined for the frame `audit` [A1]. @param gathered entries hashed at once. */
export function createRunningHash(gathered: number): { add(seq: number, id: Uint8Array): void; end(): string } {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(gathered * entryBytes)
  let at = 0
  return {
    add(seq, id) {
      // Two halves, because a BigInt costs ten times as much.
      buffer.writeUInt32BE(Math.floor(seq / 2 ** 32), at)
      buffer.writeUInt32BE(seq % 2 ** 32, at + 4)
      buffer.set(id, at + 8)
      at += entryBytes
      if (at < buffer.length) return
      hash.update(buffer)
      at = 0
    },
    end: () => hash.update(buffer.subarray(0, at)).digest('hex'),
  }
}
