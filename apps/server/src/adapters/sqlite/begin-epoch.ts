import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'

/** Where the earlier history and the new one part. */
export type PartingPoint =
  /** The present state: a restored backup. */
  | 'now'
  /** The end of what the store has of this start; null: nobody knows. */
  | { readonly lastCommonStart: number | null; readonly ended: string }

/**
 * Gives the history a new epoch, and records its earlier one and where each conversation stood when the two parted [A4]. Called in a transaction.
 * @returns the present epoch: the new one, or the one that began when the epoch `ended` was ended before.
 */
export function beginEpoch(db: DatabaseSync, from: PartingPoint, now: number): string {
  const before = one<{ value: string }>(db.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value as string
  if (from !== 'now' && from.ended !== before) return before
  const epoch = randomUUID()
  db.prepare('INSERT INTO restores (epoch, restored_at) VALUES (?, ?) ON CONFLICT (epoch) DO UPDATE SET restored_at = excluded.restored_at').run(
    before,
    now,
  )
  const common = from === 'now' ? Number.MAX_SAFE_INTEGER : from.lastCommonStart
  // Head 0 states nothing: devices put back all their own texts, also after later restores.
  if (common === null)
    db.exec(`INSERT INTO restored_heads (conversation_key, head, change) SELECT conversation_key, 0, 0 FROM conversations WHERE true
      ON CONFLICT (conversation_key) DO UPDATE SET head = 0, change = 0`)
  else {
    // The lowest head is right for devices of every earlier history. Texts put back needlessly are already there [M2].
    db.prepare(`
      INSERT INTO restored_heads (conversation_key, head, change)
      SELECT c.conversation_key, coalesce(s.head, c.head), coalesce(s.change, c.change) FROM conversations c
      LEFT JOIN (SELECT conversation_key, head, change, min(start) FROM start_heads WHERE start > ? GROUP BY conversation_key) s
        ON s.conversation_key = c.conversation_key WHERE true
      ON CONFLICT (conversation_key) DO UPDATE SET head = min(head, excluded.head), change = min(change, excluded.change)`).run(common)
  }
  db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch)
  return epoch
}
