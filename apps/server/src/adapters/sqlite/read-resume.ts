import { ownedBy, type RoomState } from '@bongsu/log'
import { ENTRY_KINDS, LIMITS, type AccountId, type ConversationKind, type Person } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { all, one } from './connection.ts'
import type { EntryReads } from './read-entries.ts'
import type { ItemReads } from './read-items.ts'

/** Most people named in a snapshot, as defined by the wire's ConversationMeta. */
const peopleMax = 8

interface ItemRow {
  readonly kind: string
  readonly key: string
  readonly change: number
  readonly value: string | null
}

interface MemberRow {
  readonly key: number
  readonly accountKey: number
  readonly kind: ConversationKind
  readonly title: string
  readonly head: number
  readonly change: number
  readonly memberCount: number
  /** JSON; null where nothing was chosen. */
  readonly state: string | null
  readonly joinedSeq: number
  readonly watermark: number
}

/** Every answer except the position and the heads is JSON text, or null when there is nothing for this account to see [W4]. */
export interface ResumeReads {
  /**
   * The account's head, then conversation, joinedSeq, head and change of each membership, separated by commas; after a bar, when there are any, the
   * blocked accounts. No field contains either sign.
   */
  position(accountId: string, deviceId: string | null): string | null
  items(accountId: string, after: number, limit: number): string
  accountHeads(accountIds: readonly string[]): [string, number][]
  snapshot(conversationId: string, accountId: string, tail: number): string | null
}

/** Kinds of entries that count as unread, for SQL. */
const counted = Object.entries(ENTRY_KINDS)
  .filter(([, { counts }]) => counts)
  .map(([kind]) => `'${kind}'`)
  .join(', ')

export function prepareResumeReads(db: DatabaseSync, entryReads: EntryReads, itemReads: ItemReads): ResumeReads {
  const accountOf = db.prepare('SELECT account_key AS key, head FROM accounts WHERE account_id = ?')
  // One statement and one text, composed by the database: a row with named columns for each membership costs twice as much.
  const position = db.prepare(`
    SELECT concat_ws('|', concat_ws(',', a.head, (
      SELECT group_concat(concat_ws(',', c.conversation_id, m.joined_seq, c.head, c.change)) FROM members m
      JOIN conversations c ON c.conversation_key = m.conversation_key WHERE m.account_key = a.account_key AND m.waiting = 0)), (
      SELECT group_concat(key) FROM account_items WHERE account_key = a.account_key AND kind = 'block' AND value IS NOT NULL)) AS fields
    FROM accounts a WHERE a.account_id = ?1 AND (?2 IS NULL OR EXISTS (
      SELECT 1 FROM devices d WHERE d.device_id = ?2 AND d.account_key = a.account_key AND d.revoked_at IS NULL))`)
  const changed = db.prepare('SELECT kind, key, change, value FROM account_items WHERE account_key = ? AND change > ? ORDER BY change LIMIT ?')
  const memberOf = db.prepare(`
    SELECT c.conversation_key AS key, a.account_key AS accountKey, c.kind, c.title, c.head, c.change, c.member_count AS memberCount,
      c.state, m.joined_seq AS joinedSeq, m.watermark
    FROM accounts a JOIN conversations c ON c.conversation_id = ?
    JOIN members m ON m.conversation_key = c.conversation_key AND m.account_key = a.account_key
    WHERE a.account_id = ? AND m.waiting = 0`)
  const firstPeople = db.prepare(`
    SELECT a.account_id AS accountId, a.handle, a.display_name AS displayName, (a.role <> 'member' OR a.moderator = 1) AS staff FROM members m INDEXED BY members_by_joining
    JOIN accounts a ON a.account_key = m.account_key
    WHERE m.conversation_key = ? AND m.account_key <> ? ORDER BY m.joined_seq, m.account_key LIMIT ${peopleMax}`)
  const unreadTexts = db.prepare(`
    SELECT count(*) AS n FROM entries WHERE conversation_key = ?1 AND seq > ?2 AND seq < ?3 AND kind IN (${counted}) AND author_key <> ?4 AND author_key NOT IN (
      SELECT b.account_key FROM account_items i JOIN accounts b ON b.account_id = i.key
      WHERE i.account_key = ?4 AND i.kind = 'block' AND i.value IS NOT NULL)`)
  const hostOf = db.prepare(`
    SELECT a.account_id AS host FROM accounts a JOIN members m ON m.conversation_key = ?1 AND m.account_key = a.account_key
    WHERE a.account_id = coalesce(?2, (
      SELECT x.account_id FROM entries e JOIN accounts x ON x.account_key = e.author_key WHERE e.conversation_key = ?1 AND e.seq = 1))`)

  return {
    position: (accountId, deviceId) => one<{ fields: string }>(position, accountId, deviceId)?.fields ?? null,

    items(accountId, after, limit) {
      const account = one<{ key: number; head: number }>(accountOf, accountId)
      if (!account) return `{"to":${after},"items":[]}`
      const rows = all<ItemRow>(changed, account.key, after, limit)
      const last = rows.at(-1)
      const to = rows.length === limit && last ? last.change : account.head
      return `{"to":${to},"items":[${rows.map(itemJson).join(',')}]}`
    },

    accountHeads: (accountIds) =>
      accountIds.flatMap((accountId): [string, number][] => {
        const account = one<{ head: number }>(accountOf, accountId)
        return account ? [[accountId, account.head]] : []
      }),

    snapshot(conversationId, accountId, tail) {
      const member = one<MemberRow>(memberOf, conversationId, accountId)
      if (!member) return null
      const { head, change, joinedSeq, kind, title, memberCount, watermark: readSeq } = member
      // Fewer entries when they have many marks.
      const first = itemReads.firstWithin(member.key, Math.max(joinedSeq, head - tail + 1), head, LIMITS.itemsPerPageMax)
      const state = member.state === null ? null : (JSON.parse(member.state) as RoomState)
      const owned = kind === 'group' ? ownedBy(state, one<{ host: AccountId }>(hostOf, member.key, state?.host ?? null)?.host ?? null) : {}
      const people = all<Omit<Person, 'staff'> & { staff: number }>(firstPeople, member.key, member.accountKey).map(({ staff, ...person }): Person =>
        staff === 1 ? { ...person, staff: true } : person,
      )
      const unreadBelow = one<{ n: number }>(unreadTexts, member.key, Math.max(readSeq, joinedSeq - 1), first, member.accountKey)?.n ?? 0
      const rest = { conversationId, head, joinedSeq, meta: { kind, title, memberCount, people, ...owned }, readSeq, unreadBelow, change }
      const items = itemReads.marksOf(member.key, first, head)
      return `${JSON.stringify(rest).slice(0, -1)},"items":${items},"entries":${entryReads.entriesOf(member.key, first - 1, tail)}}`
    },
  }
}

function itemJson(row: ItemRow): string {
  return `{"kind":${JSON.stringify(row.kind)},"key":${JSON.stringify(row.key)},"value":${row.value ?? 'null'}}`
}
