import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { STARTS_KEPT, START_ID_BYTES, type Start } from '../../delivery/history-store.ts'
import { one } from './connection.ts'

/** Counts the transactions of this start. */
export interface StartCount {
  /** The first thing in a transaction, so that what it writes counts for this start. */
  begin(): void
  /** The last thing in a transaction that has written something. */
  count(): void
  /** The transaction is durable. @returns the count after it. */
  committed(): Start | null
  undone(): void
}

export function prepareStarts(db: DatabaseSync): StartCount {
  const last = db.prepare('SELECT max(start) AS start FROM starts')
  const begin = db.prepare('INSERT INTO starts (start, id, written) VALUES (?, ?, 1)')
  const count = db.prepare('UPDATE starts SET written = ? WHERE start = ?')
  const forget = ['start_heads', 'starts'].map((table) => db.prepare(`DELETE FROM ${table} WHERE start <= ?`))
  let durable: Start | null = null
  let pending: Start | null = null

  return {
    // A start that never writes leaves no trace.
    begin() {
      if (durable !== null) return
      const start = (one<{ start: number | null }>(last)?.start ?? 0) + 1
      pending = { start, id: randomBytes(START_ID_BYTES).toString('base64url'), written: 1 }
      begin.run(start, pending.id)
      for (const statement of forget) statement.run(start - STARTS_KEPT)
    },
    count() {
      if (durable === null) return
      pending = { ...durable, written: durable.written + 1 }
      count.run(pending.written, pending.start)
    },
    committed() {
      durable = pending ?? durable
      pending = null
      return durable
    },
    undone() {
      pending = null
    },
  }
}
