import { ENTRY_KINDS, LIMITS, type ConversationKind, type Person } from '@bongsu/protocol'
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
  readonly joinedSeq: number
  readonly watermark: number
}

/** Every answer except the position and the heads is JSON text, or null when there is nothing for this account to see [W4]. */
export interface ResumeReads {
  /** The account's head, then conversation, kind, joinedSeq, head and change of each membership, separated by commas: no field contains one. */
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
  const signedIn = db.prepare('SELECT 1 FROM devices WHERE device_id = ? AND account_key = ? AND revoked_at IS NULL')
  // One text for all memberships, composed by the database: a row with named columns for each costs twice as much.
  const memberships = db.prepare(`
    SELECT group_concat(c.conversation_id || ',' || c.kind || ',' || m.joined_seq || ',' || c.head || ',' || c.change) AS fields FROM members m
    JOIN conversations c ON c.conversation_key = m.conversation_key WHERE m.account_key = ?`)
  const changed = db.prepare('SELECT kind, key, change, value FROM account_items WHERE account_key = ? AND change > ? ORDER BY change LIMIT ?')
  const memberOf = db.prepare(`
    SELECT c.conversation_key AS key, a.account_key AS accountKey, c.kind, c.title, c.head, c.change, c.member_count AS memberCount,
      m.joined_seq AS joinedSeq, m.watermark
    FROM accounts a JOIN conversations c ON c.conversation_id = ?
    JOIN members m ON m.conversation_key = c.conversation_key AND m.account_key = a.account_key
    WHERE a.account_id = ?`)
  const firstPeople = db.prepare(`
    SELECT a.account_id AS accountId, a.handle, a.display_name AS displayName FROM members m INDEXED BY members_by_joining
    JOIN accounts a ON a.account_key = m.account_key
    WHERE m.conversation_key = ? AND m.account_key <> ? ORDER BY m.joined_seq, m.account_key LIMIT ${peopleMax}`)
  const unreadTexts = db.prepare(`
    SELECT count(*) AS n FROM entries WHERE conversation_key = ? AND seq > ? AND seq < ? AND kind IN (${counted}) AND author_key <> ?`)
  const hostOf = db.prepare(`
    SELECT a.account_id AS host FROM entries e JOIN members m ON m.conversation_key = e.conversation_key AND m.account_key = e.author_key
    JOIN accounts a ON a.account_key = e.author_key WHERE e.conversation_key = ? AND e.seq = 1`)

  return {
    position(accountId, deviceId) {
      const account = one<{ key: number; head: number }>(accountOf, accountId)
      if (!account || (deviceId !== null && !one(signedIn, deviceId, account.key))) return null
      const fields = one<{ fields: string | null }>(memberships, account.key)?.fields ?? null
      return fields === null ? String(account.head) : `${account.head},${fields}`
    },

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
      const host = kind === 'group' ? (one<{ host: string }>(hostOf, member.key)?.host ?? null) : undefined
      const people = all<Person>(firstPeople, member.key, member.accountKey)
      const unreadBelow = one<{ n: number }>(unreadTexts, member.key, Math.max(readSeq, joinedSeq - 1), first, member.accountKey)?.n ?? 0
      const rest = { conversationId, head, joinedSeq, meta: { kind, title, memberCount, people, host }, readSeq, unreadBelow, change }
      const items = itemReads.marksOf(member.key, first, head)
      return `${JSON.stringify(rest).slice(0, -1)},"items":${items},"entries":${entryReads.entriesOf(member.key, first - 1, tail)}}`
    },
  }
}

function itemJson(row: ItemRow): string {
  return `{"kind":${JSON.stringify(row.kind)},"key":${JSON.stringify(row.key)},"value":${row.value ?? 'null'}}`
}
