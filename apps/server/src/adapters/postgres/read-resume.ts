import {
  ENTRY_KINDS,
  LIMITS,
  type AccountId,
  type AccountItem,
  type ConversationId,
  type ConversationKind,
  type DeviceId,
  type Person,
} from '@bongsu/protocol'
import { ownedBy } from '@bongsu/log'
import { stateIn } from './ledger.ts'
import type { AccountPosition, ConversationSnapshot, ItemsPage } from '../../delivery/resume-store.ts'
import type { Connection, Prepared } from './connection.ts'
import { entryOf, itemOf, type EntryRow, type ItemRow } from './read-entries.ts'

/** Most people named in a snapshot, as defined by the wire's ConversationMeta. */
const peopleMax = 8

/** Kinds of entries that count as unread, for SQL. */
const counted = Object.entries(ENTRY_KINDS)
  .filter(([, { counts }]) => counts)
  .map(([kind]) => `'${kind}'`)
  .join(', ')

// One text, composed by the database: a row with named columns for each membership costs twice as much.
const POSITION: Prepared = {
  name: 'position',
  text: `SELECT a.head, (SELECT string_agg(concat_ws(',', c.conversation_id, m.joined_seq, c.head, c.change), ',') FROM members m
      JOIN conversations c ON c.conversation_key = m.conversation_key WHERE m.account_key = a.account_key AND m.waiting = 0) AS fields,
      (SELECT string_agg(key, ',') FROM account_items WHERE account_key = a.account_key AND kind = 'block' AND value IS NOT NULL) AS blocked
    FROM accounts a WHERE a.account_id = $1 AND ($2::text IS NULL OR EXISTS (
      SELECT 1 FROM devices d WHERE d.device_id = $2 AND d.account_key = a.account_key AND d.revoked_at IS NULL))`,
}
const CHANGED: Prepared = {
  name: 'account-changes',
  text: `SELECT a.head, i.kind, i.key, i.change, i.value FROM accounts a
    LEFT JOIN LATERAL (SELECT kind, key, change, value FROM account_items
      WHERE account_key = a.account_key AND change > $2 ORDER BY change LIMIT $3) i ON true
    WHERE a.account_id = $1 ORDER BY i.change`,
}
const ACCOUNT_HEADS: Prepared = {
  name: 'account-heads',
  text: 'SELECT account_id AS "accountId", head FROM accounts WHERE account_id = ANY($1::text[])',
}
// Fewer entries when they have many marks: see MARKS.
const SNAPSHOT: Prepared = {
  name: 'snapshot',
  text: `WITH me AS MATERIALIZED (
      SELECT c.conversation_key AS key, a.account_key, c.kind, c.title, c.head, c.change, c.member_count, c.state, m.joined_seq, m.watermark,
        greatest(m.joined_seq, c.head - $3 + 1) AS base
      FROM accounts a JOIN conversations c ON c.conversation_id = $1
      CROSS JOIN LATERAL (SELECT joined_seq, watermark FROM members WHERE conversation_key = c.conversation_key AND account_key = a.account_key AND waiting = 0 OFFSET 0) m
      WHERE a.account_id = $2),
    span AS MATERIALIZED (
      SELECT me.*, coalesce((SELECT least(i.subject + 1, me.head) FROM conversation_items i WHERE i.conversation_key = me.key
        AND i.subject BETWEEN me.base AND me.head AND i.value IS NOT NULL ORDER BY i.subject DESC OFFSET ${LIMITS.itemsPerPageMax} LIMIT 1), me.base) AS first
      FROM me)
    SELECT kind, title, head, change, member_count AS "memberCount", joined_seq AS "joinedSeq", watermark AS "readSeq", first,
      state, (SELECT a.account_id FROM accounts a JOIN members m ON m.conversation_key = span.key AND m.account_key = a.account_key
        WHERE a.account_id = coalesce(span.state::json ->> 'host', (SELECT x.account_id FROM entries e JOIN accounts x ON x.account_key = e.author_key
          WHERE e.conversation_key = span.key AND e.seq = 1))) AS host,
      (SELECT coalesce(json_agg(json_strip_nulls(to_json(p))), '[]') FROM (SELECT a.account_id AS "accountId", a.handle, a.display_name AS "displayName",
          CASE WHEN a.role <> 'member' OR a.moderator = 1 THEN true END AS staff FROM members m
        JOIN accounts a ON a.account_key = m.account_key WHERE m.conversation_key = span.key AND m.account_key <> span.account_key
        ORDER BY m.joined_seq, m.account_key LIMIT ${peopleMax}) AS p) AS people,
      (SELECT count(*) FROM entries WHERE conversation_key = span.key AND seq > greatest(span.watermark, span.joined_seq - 1) AND seq < span.first
        AND kind IN (${counted}) AND author_key <> span.account_key AND author_key NOT IN (
          SELECT b.account_key FROM account_items i JOIN accounts b ON b.account_id = i.key
          WHERE i.account_key = span.account_key AND i.kind = 'block' AND i.value IS NOT NULL)) AS "unreadBelow",
      (SELECT coalesce(json_agg(i), '[]') FROM (SELECT kind, key, change, value FROM conversation_items WHERE conversation_key = span.key
        AND subject BETWEEN span.first AND span.head AND value IS NOT NULL ORDER BY subject, change) AS i) AS items,
      (SELECT coalesce(json_agg(e), '[]') FROM (SELECT e.seq, e.accepted_at AS "acceptedAt", a.account_id AS author, e.id, e.body FROM entries e
        JOIN accounts a ON a.account_key = e.author_key WHERE e.conversation_key = span.key AND e.seq >= span.first ORDER BY e.seq LIMIT $3) AS e) AS entries
    FROM span`,
}

export async function readPosition(connection: Connection, accountId: AccountId, deviceId: DeviceId | null): Promise<AccountPosition | null> {
  const { rows } = await connection.query<{ head: number; fields: string | null; blocked: string | null }>(POSITION, [accountId, deviceId])
  const [found] = rows
  if (found === undefined) return null
  const fields = found.fields === null ? [] : found.fields.split(',')
  const memberships = Array.from({ length: fields.length / MEMBERSHIP_FIELDS }, (_, index) => {
    const [conversationId, joinedSeq, head, change] = fields.slice(MEMBERSHIP_FIELDS * index, MEMBERSHIP_FIELDS * (index + 1))
    return { conversationId: conversationId as ConversationId, joinedSeq: Number(joinedSeq), head: Number(head), change: Number(change) }
  })
  return { head: found.head, memberships, blocked: (found.blocked?.split(',') ?? []) as AccountId[] }
}

/** Number of fields of one membership in a position. */
const MEMBERSHIP_FIELDS = 4

export async function readAccountItems(connection: Connection, accountId: AccountId, after: number, limit: number): Promise<ItemsPage> {
  const { rows } = await connection.query<(ItemRow | { readonly kind: null; readonly change: null }) & { readonly head: number }>(CHANGED, [
    accountId,
    after,
    limit,
  ])
  const [account] = rows
  if (account === undefined) return { to: after, items: [] }
  const items = rows.flatMap((row) => {
    if (row.kind === null) return []
    return [{ kind: row.kind, key: row.key, value: JSON.parse(row.value ?? 'null') as unknown } as AccountItem]
  })
  return { to: items.length === limit ? (rows.at(-1)?.change as number) : account.head, items }
}

export async function readAccountHeads(connection: Connection, accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>> {
  const { rows } = await connection.query<{ accountId: AccountId; head: number }>(ACCOUNT_HEADS, [accountIds])
  return new Map(rows.map(({ accountId, head }) => [accountId, head]))
}

interface SnapshotRow {
  readonly kind: ConversationKind
  readonly title: string
  readonly head: number
  readonly change: number
  readonly memberCount: number
  readonly joinedSeq: number
  readonly readSeq: number
  readonly state: string | null
  readonly host: AccountId | null
  readonly people: Person[]
  readonly unreadBelow: number
  readonly items: readonly ItemRow[]
  readonly entries: readonly EntryRow[]
}

export async function readSnapshot(
  connection: Connection,
  conversationId: ConversationId,
  accountId: AccountId,
  tail: number,
): Promise<ConversationSnapshot | null> {
  const { rows } = await connection.query<SnapshotRow>(SNAPSHOT, [conversationId, accountId, tail])
  const [row] = rows
  if (row === undefined) return null
  const { head, joinedSeq, kind, title, memberCount, people, readSeq, unreadBelow, change } = row
  const meta = { kind, title, memberCount, people, ...(kind === 'group' ? ownedBy(stateIn(row.state), row.host) : {}) }
  return { conversationId, head, joinedSeq, meta, readSeq, unreadBelow, change, items: row.items.map(itemOf), entries: row.entries.map(entryOf) }
}
