import { isAccountItem } from '@bongsu/protocol/check'
import type { DatabaseSync } from 'node:sqlite'
import { all, one, rowsOf } from './connection.ts'
import type { Report } from './verify.ts'

interface ItemRow {
  readonly accountId: string | null
  readonly head: number | null
  readonly kind: string
  readonly key: string
  readonly change: number
  readonly value: string | null
}

/** Checks every account log [D9]. @returns how many accounts there are. */
export function verifyAccounts(db: DatabaseSync, violation: Report): number {
  const items = db.prepare(`
    SELECT a.account_id AS accountId, a.head, i.kind, i.key, i.change, i.value FROM account_items i
    LEFT JOIN accounts a ON a.account_key = i.account_key ORDER BY i.account_key`)
  for (const row of rowsOf<ItemRow>(items)) checkItem(row, violation)

  const doubled = db.prepare('SELECT account_key, change, count(*) AS n FROM account_items GROUP BY account_key, change HAVING n > 1 LIMIT 1000')
  for (const row of all<{ account_key: number; change: number; n: number }>(doubled)) {
    violation(`account log of account number ${row.account_key}`, `change ${row.change} belongs to ${row.n} items [D9]`)
  }
  const memberless = db.prepare(`
    SELECT a.account_id AS accountId, i.key FROM account_items i JOIN accounts a ON a.account_key = i.account_key
    WHERE i.kind = 'membership' AND i.value IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM members m JOIN conversations c ON c.conversation_key = m.conversation_key
      WHERE c.conversation_id = i.key AND m.account_key = i.account_key) LIMIT 1000`)
  for (const row of all<{ accountId: string; key: string }>(memberless)) {
    violation(`account log of ${row.accountId}`, `tells of a membership in ${row.key}, but the account is no member [D9]`)
  }
  return one<{ n: number }>(db.prepare('SELECT count(*) AS n FROM accounts'))?.n ?? 0
}

function checkItem({ accountId, head, kind, key, change, value }: ItemRow, violation: Report): void {
  const where = `account log of ${accountId ?? 'an account that does not exist'}, ${kind} ${key}`
  if (accountId === null || head === null) violation(where, 'belongs to nobody')
  else if (change < 1 || change > head) violation(where, `change ${change} is not between 1 and the head ${head} [D9]`)
  let read: unknown
  try {
    read = JSON.parse(value ?? 'null')
  } catch {
    return violation(where, 'is not JSON')
  }
  if (!isAccountItem({ kind, key, value: read })) violation(where, 'is not an item of the protocol [D9]')
}
