import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'

/**
 * Writes the newest value of one thing into an account's log, whose head rises by one [D9]. `value` is JSON, or null when the thing is gone. @returns
 * its change number.
 */
export type PutItem = (accountKey: number, kind: string, key: string, value: string | null) => number

export function prepareItems(db: DatabaseSync): PutItem {
  const raise = db.prepare('UPDATE accounts SET head = head + 1 WHERE account_key = ? RETURNING head')
  const put = db.prepare(`
    INSERT INTO account_items (account_key, kind, key, change, value) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account_key, kind, key) DO UPDATE SET change = excluded.change, value = excluded.value`)
  return (accountKey, kind, key, value) => {
    const raised = one<{ head: number }>(raise, accountKey)
    assert(raised, 'an account item belongs to an account')
    put.run(accountKey, kind, key, raised.head, value)
    return raised.head
  }
}
