import { decideSet, needsOfSet, type ItemWrite, type KnownAct, type LogRefusal, type SetNeeds, type SetRequest } from '@bongsu/log'
import { canonicalBody, type ConversationKind } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'
import { uuidToBytes } from './uuid-bytes.ts'
import { placeIn } from './write-append.ts'
import type { Entries } from './write-entries.ts'
import type { PutItem } from './write-items.ts'

export interface SetDetail {
  /** Number of the item in its owner's log. */
  readonly change: number
  /** The conversation's last seq; 0 for a repeated request. */
  readonly head: number
  readonly repeated: boolean
  /** The item written now; null when nothing was. */
  readonly written: ItemWrite | null
}

export type SetAnswer = LogRefusal | SetDetail

interface PlaceRow {
  readonly authorKey: number
  readonly key: number | null
  readonly kind: ConversationKind
  readonly head: number
  readonly change: number
  readonly memberCount: number
  /** Null for an account that is not a member. */
  readonly joinedSeq: number | null
  readonly state: string | null
}

interface Current {
  readonly value: string | null
  readonly change: number
}

interface Counts {
  readonly different: number
  readonly marks: number
}

export type SetMark = (request: SetRequest, now: number) => SetAnswer

const NO_COUNTS: Counts = { different: 0, marks: 0 }

/** Acts: items of conversations and accounts about an entry [I1]. */
export function prepareSet(db: DatabaseSync, entries: Entries, putAccountItem: PutItem): SetMark {
  const placeOf = db.prepare(`
    SELECT a.account_key AS authorKey, c.conversation_key AS key, c.kind, c.head, c.change, c.member_count AS memberCount, c.state,
      m.joined_seq AS joinedSeq
    FROM accounts a
    LEFT JOIN conversations c ON c.conversation_id = ?
    LEFT JOIN members m ON m.account_key = a.account_key AND m.conversation_key = c.conversation_key AND m.waiting = 0
    WHERE a.account_id = ?`)
  const knownAct = db.prepare(`
    SELECT c.conversation_id AS conversationId, x.kind, x.key, x.change FROM acts x JOIN conversations c ON c.conversation_key = x.conversation_key
    WHERE x.author_key = ? AND x.id = ?`)
  const currentOfRoom = db.prepare('SELECT value, change FROM conversation_items WHERE conversation_key = ? AND kind = ? AND key = ?')
  const currentOfAccount = db.prepare('SELECT value, change FROM account_items WHERE account_key = ? AND kind = ? AND key = ?')
  const different = db.prepare(`
    SELECT count(DISTINCT CASE WHEN value <> ? THEN value END) AS different, count(value) AS marks
    FROM conversation_items INDEXED BY conversation_items_by_subject WHERE conversation_key = ? AND subject = ? AND kind = ?`)
  const own = db.prepare('SELECT count(*) AS n FROM account_items WHERE account_key = ? AND kind = ?')
  const raise = db.prepare('UPDATE conversations SET change = change + 1 WHERE conversation_key = ? RETURNING change')
  // Without the named index SQLite reads all items of the conversation.
  const clear = db.prepare('DELETE FROM conversation_items INDEXED BY conversation_items_by_subject WHERE conversation_key = ? AND subject = ?')
  const put = db.prepare(`
    INSERT INTO conversation_items (conversation_key, kind, key, change, subject, value) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (conversation_key, kind, key) DO UPDATE SET change = excluded.change, value = excluded.value`)
  const keep = db.prepare('INSERT INTO acts (author_key, id, conversation_key, kind, key, change) VALUES (?, ?, ?, ?, ?, ?)')

  function currentOf(row: PlaceRow, { owner, kind, key }: SetNeeds): Current | null {
    const found =
      owner === 'conversation' ? one<Current>(currentOfRoom, row.key, kind, key) : one<Current>(currentOfAccount, row.authorKey, kind, key)
    return found ?? null
  }

  function write(row: PlaceRow, { owner, kind, key, seq, value, rewrite, clears }: ItemWrite): number {
    if (owner === 'account') return putAccountItem(row.authorKey, kind, key, value)
    const change = one<{ change: number }>(raise, row.key)?.change as number
    if (clears) clear.run(row.key, seq)
    put.run(row.key, kind, key, change, seq, value)
    if (rewrite !== null) entries.rewrite(row.key as number, seq, rewrite.kind, canonicalBody(rewrite))
    return change
  }

  return (request, now) => {
    const row = one<PlaceRow>(placeOf, request.conversationId, request.author)
    if (row === undefined) return 'not-a-member'
    const { authorKey, key } = row
    const id = uuidToBytes(request.id)
    const needs = needsOfSet(request)
    const joinedSeq = request.byStaff === true ? 1 : row.joinedSeq
    const isIn = key !== null && joinedSeq !== null
    const decision = decideSet(
      request,
      {
        ...NO_COUNTS,
        known: one<KnownAct>(knownAct, authorKey, id) ?? null,
        place: isIn ? placeIn({ ...row, joinedSeq }) : null,
        subject: isIn ? entries.subject(key, request.seq) : null,
        current: isIn ? currentOf(row, needs) : null,
        ...(isIn && needs.differentFrom !== null ? one<Counts>(different, needs.differentFrom, key, request.seq, needs.kind) : undefined),
        maker: isIn && needs.maker ? entries.authorOfFirst(key) : null,
        own: needs.countOwn ? (one<{ n: number }>(own, authorKey, needs.kind)?.n ?? 0) : 0,
      },
      now,
    )
    if ('refuse' in decision) return decision.refuse
    if ('repeat' in decision) return { change: decision.repeat.change, head: 0, repeated: true, written: null }
    const written = 'write' in decision ? decision.write : null
    const change = written === null ? (decision as { keep: number }).keep : write(row, written)
    keep.run(authorKey, id, key, needs.kind, needs.key, change)
    return { change, head: row.head, repeated: false, written }
  }
}
