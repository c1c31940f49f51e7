import { randomUUID } from 'node:crypto'
import type { Connection } from './connection.ts'

/**
 * Ends the epoch `ended`: gives the history a new one, and records the ended one and where each conversation stood when the two parted [A4, A7]. When `ended` is
 * over already, nothing happens. @param lastCommonStart null: nobody knows where they parted.
 */
export async function beginEpoch(
  connection: Connection,
  { ended, lastCommonStart, now }: { readonly ended: string; readonly lastCommonStart: number | null; readonly now: number },
): Promise<void> {
  // One statement goes through all conversations. The other settings of this connection are for look-ups of a few.
  await connection.run('BEGIN; SET LOCAL enable_hashjoin = on; SET LOCAL enable_seqscan = on')
  try {
    const { rows } = await connection.query<{ epoch: string }>("SELECT value AS epoch FROM meta WHERE key = 'epoch' FOR UPDATE", [])
    if (rows[0]?.epoch === ended) await write(connection, lastCommonStart, ended, now)
    await connection.commit()
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function write(connection: Connection, lastCommonStart: number | null, ended: string, now: number): Promise<void> {
  await connection.query(
    'INSERT INTO restores (epoch, restored_at) VALUES ($1, $2) ON CONFLICT (epoch) DO UPDATE SET restored_at = excluded.restored_at',
    [ended, now],
  )
  // Head 0 states nothing: devices put back all their own texts, also after later restores.
  if (lastCommonStart === null)
    await connection.run(`INSERT INTO restored_heads (conversation_key, head, change) SELECT conversation_key, 0, 0 FROM conversations
      ON CONFLICT (conversation_key) DO UPDATE SET head = 0, change = 0`)
  else
    // The lowest head is right for devices of every earlier history. Texts put back needlessly are already there [M2]. Of starts that wrote at the same
    // time, the one that found the lowest head was the first.
    await connection.query(
      `INSERT INTO restored_heads (conversation_key, head, change)
       SELECT c.conversation_key, coalesce(s.head, c.head), coalesce(s.change, c.change) FROM conversations c
       LEFT JOIN (SELECT conversation_key, min(head) AS head, min(change) AS change FROM start_heads WHERE start > $1 GROUP BY conversation_key) s
         ON s.conversation_key = c.conversation_key
       ON CONFLICT (conversation_key) DO UPDATE SET head = least(restored_heads.head, excluded.head), change = least(restored_heads.change, excluded.change)`,
      [lastCommonStart],
    )
  await connection.query("UPDATE meta SET value = $1 WHERE key = 'epoch'", [randomUUID()])
}
