import { isAccountItem, isAccountKind } from '@bongsu/protocol/check'
import type { AccountItem } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { all, one, rowsOf } from './connection.ts'
import type { Report } from '../../store/store-keeper.ts'

/** Most findings of one kind. More would only repeat. */
const findingsMax = 1_000

interface ItemRow {
  readonly accountId: string | null
  readonly head: number | null
  readonly kind: string
  readonly key: string
  readonly change: number
  readonly value: string | null
  /** Handle of the account that the item is about, if any. */
  readonly handle: string | null
}

/** Checks every account log, item by item and against the stored tables [D9]. @returns the number of accounts. */
export function verifyAccounts(db: DatabaseSync, violation: Report): number {
  const items = db.prepare(`
    SELECT a.account_id AS accountId, a.head, i.kind, i.key, i.change, i.value, p.handle FROM account_items i
    LEFT JOIN accounts a ON a.account_key = i.account_key
    LEFT JOIN accounts p ON p.account_id = i.key AND i.kind IN ('friend', 'person', 'added') ORDER BY i.account_key`)
  for (const row of rowsOf<ItemRow>(items)) checkItem(row, violation)
  for (const [query, say] of CHECKS) {
    for (const row of all<Finding>(db.prepare(`${query} LIMIT ${findingsMax}`))) violation(`account log of ${row.accountId}`, say(row))
  }
  return one<{ n: number }>(db.prepare('SELECT count(*) AS n FROM accounts'))?.n ?? 0
}

interface Finding {
  readonly accountId: string
  readonly n: number
  readonly key: string
}

const account = (accountKey: string): string =>
  `coalesce((SELECT account_id FROM accounts WHERE account_key = ${accountKey}), 'account number ' || ${accountKey}) AS accountId`

/** Checks across several rows. Each query looks up single rows, so that none needs memory for all of them. */
const CHECKS: readonly (readonly [query: string, say: (row: Finding) => string])[] = [
  [
    `SELECT ${account('i.account_key')}, i.change AS key, count(*) AS n FROM account_items i GROUP BY i.account_key, i.change HAVING n > 1`,
    ({ key, n }) => `change ${key} belongs to ${n} items [D9]`,
  ],
  [
    // Raising the head gives an item that number, so the newest change equals the head.
    `SELECT a.account_id AS accountId, a.head AS key, coalesce((SELECT max(change) FROM account_items WHERE account_key = a.account_key), 0) AS n
     FROM accounts a WHERE n <> a.head`,
    ({ key, n }) => `the head is ${key}, the newest change ${n} [D9]`,
  ],
  [
    `SELECT a.account_id AS accountId FROM accounts a LEFT JOIN account_items i ON i.account_key = a.account_key AND i.kind = 'profile' AND i.key = ''
     WHERE i.value IS NULL OR NOT json_valid(i.value)
       OR json_extract(i.value, '$.accountId') IS NOT a.account_id OR json_extract(i.value, '$.handle') IS NOT a.handle
       OR json_extract(i.value, '$.displayName') IS NOT a.display_name OR json_extract(i.value, '$.role') IS NOT a.role`,
    () => 'does not tell the profile as it is kept [D9]',
  ],
  [
    `SELECT a.account_id AS accountId, i.key FROM account_items i JOIN accounts a ON a.account_key = i.account_key
     WHERE i.kind = 'membership' AND i.value IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM members m JOIN conversations c ON c.conversation_key = m.conversation_key
       WHERE c.conversation_id = i.key AND m.account_key = i.account_key)`,
    ({ key }) => `tells of a membership in ${key}, but the account is no member [D9]`,
  ],
  [
    `SELECT a.account_id AS accountId, p.account_id AS key FROM friends f JOIN accounts a ON a.account_key = f.account_key
     JOIN accounts p ON p.account_key = f.friend_key WHERE NOT EXISTS (
       SELECT 1 FROM account_items i WHERE i.account_key = f.account_key AND i.kind = 'friend' AND i.key = p.account_id AND i.value IS NOT NULL)`,
    ({ key }) => `does not tell of the friend ${key} [D9]`,
  ],
  [
    `SELECT a.account_id AS accountId, i.key FROM account_items i JOIN accounts a ON a.account_key = i.account_key
     WHERE i.kind = 'friend' AND i.value IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM friends f JOIN accounts p ON p.account_key = f.friend_key WHERE f.account_key = i.account_key AND p.account_id = i.key)`,
    ({ key }) => `tells of the friend ${key}, who is not kept as one [D9]`,
  ],
  [
    `SELECT a.account_id AS accountId, d.device_id AS key FROM devices d JOIN accounts a ON a.account_key = d.account_key
     WHERE d.revoked_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM account_items i WHERE i.account_key = d.account_key AND i.kind = 'device' AND i.key = d.device_id AND i.value IS NOT NULL)`,
    ({ key }) => `does not tell of the device ${key} [D9]`,
  ],
  [
    `SELECT a.account_id AS accountId, i.key FROM account_items i JOIN accounts a ON a.account_key = i.account_key
     WHERE i.kind = 'device' AND i.value IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM devices d WHERE d.device_id = i.key AND d.account_key = i.account_key AND d.revoked_at IS NULL)`,
    ({ key }) => `tells of the device ${key}, which is not signed in [D9]`,
  ],
]

function checkItem({ accountId, head, kind, key, change, value, handle }: ItemRow, violation: Report): void {
  const where = `account log of ${accountId ?? 'an account that does not exist'}, ${kind} ${key}`
  if (accountId === null || head === null) violation(where, 'belongs to nobody')
  else if (change < 1 || change > head) violation(where, `change ${change} is not between 1 and the head ${head} [D9]`)
  let read: unknown
  try {
    read = JSON.parse(value ?? 'null')
  } catch {
    return violation(where, 'is not JSON')
  }
  // An item of a kind that only a newer program knows is kept as it is [W3].
  if (!isAccountKind(kind)) return
  const item = { kind, key, value: read }
  if (!isAccountItem(item)) return violation(where, 'is not an item of the protocol [D9]')
  if (named(item) !== key) violation(where, `is about ${named(item)} [D9]`)
  if (handleIn(item) !== null && handleIn(item) !== handle) violation(where, 'gives a handle that is not that person’s [D9]')
}

/** The handle that an item gives the person in its key. */
function handleIn({ kind, value }: AccountItem): string | null {
  if (value === null) return null
  return kind === 'friend' || kind === 'person' ? value.handle : kind === 'added' ? value.from.handle : null
}

/** The thing that an item's value describes; the thing in its key when the value describes none. */
function named({ kind, key, value }: AccountItem): string {
  if (value === null) return key
  switch (kind) {
    case 'membership':
      return value.conversationId
    case 'friend':
    case 'block':
    case 'person':
      return value.accountId
    case 'added':
      return value.from.accountId
    case 'device':
      return value.deviceId
    case 'profile':
    case 'aside':
    case 'notice':
    case 'request':
    case 'reach':
    case 'read':
    case 'hidden':
      return key
  }
}
