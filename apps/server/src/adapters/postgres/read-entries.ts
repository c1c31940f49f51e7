import type { AccountId, ClientMessageId, Entry, EntryBody, Item, ConversationId } from '@bongsu/protocol'
import type { Heads, ItemsOfRoom, MarksOfRoom } from '../../conversation/log-store.ts'
import type { Connection, Prepared } from './connection.ts'

export interface EntryRow {
  readonly seq: number
  readonly acceptedAt: number
  readonly author: AccountId
  readonly id: ClientMessageId
  /** JSON. */
  readonly body: string
}

export interface ItemRow {
  readonly kind: string
  readonly key: string
  readonly change: number
  /** JSON. */
  readonly value: string | null
}

export const entryOf = ({ body, ...row }: EntryRow): Entry => ({ ...row, body: JSON.parse(body) as EntryBody })
export const itemOf = ({ kind, key, change, value }: ItemRow): Item => ({ kind, key, change, value: JSON.parse(value ?? 'null') as unknown }) as Item

// Each read is one statement, so that it sees one moment.

// Long texts beyond the page are not sent. The database counts code points, of which there are not more than UTF-16 units.
const ENTRIES: Prepared = {
  name: 'entries',
  text: `SELECT seq, "acceptedAt", author, id, body FROM (
    SELECT e.seq, e.accepted_at AS "acceptedAt", a.account_id AS author, e.id, e.body,
      sum(length(e.body)) OVER (ORDER BY e.seq) - length(e.body) AS before
    FROM (SELECT * FROM entries WHERE conversation_key = (SELECT conversation_key FROM conversations WHERE conversation_id = $1) AND seq > $2
      ORDER BY seq LIMIT $3) e
    JOIN accounts a ON a.account_key = e.author_key) AS page
    WHERE before <= $4 ORDER BY seq`,
}
const ITEMS: Prepared = {
  name: 'items',
  text: `SELECT c.head, c.change AS last, i.kind, i.key, i.change, i.value FROM conversations c
    LEFT JOIN LATERAL (SELECT kind, key, change, value FROM conversation_items
      WHERE conversation_key = c.conversation_key AND change > $2 ORDER BY change LIMIT $3) i ON true
    WHERE c.conversation_id = $1 ORDER BY i.change`,
}
// The mark that is one too many names the newest entry whose marks do not fit.
const MARKS: Prepared = {
  name: 'marks',
  text: `WITH room AS MATERIALIZED (
      SELECT conversation_key AS key, change, coalesce((
        SELECT least(i.subject + 1, $3::bigint) FROM conversation_items i WHERE i.conversation_key = c.conversation_key
          AND i.subject BETWEEN $2 AND $3 AND i.value IS NOT NULL ORDER BY i.subject DESC OFFSET $4 LIMIT 1), $2::bigint) AS first
      FROM conversations c WHERE conversation_id = $1)
    SELECT room.first, room.change AS last, i.kind, i.key, i.change, i.value FROM room
    LEFT JOIN conversation_items i ON i.conversation_key = room.key AND i.subject BETWEEN room.first AND $3 AND i.value IS NOT NULL
    ORDER BY i.subject, i.change`,
}
const HEADS: Prepared = {
  name: 'heads',
  text: `SELECT conversation_id AS "conversationId", head, change FROM conversations WHERE conversation_id = ANY($1::text[])`,
}

export async function readEntries(
  connection: Connection,
  conversationId: ConversationId,
  { after, limit, charsMax }: { readonly after: number; readonly limit: number; readonly charsMax: number },
): Promise<readonly Entry[]> {
  const { rows } = await connection.query<EntryRow>(ENTRIES, [conversationId, after, limit, charsMax])
  let chars = 0
  const beyond = rows.findIndex(({ body }, index) => (chars += body.length) > charsMax && index > 0)
  return (beyond === -1 ? rows : rows.slice(0, beyond)).map(entryOf)
}

/** A row for each item, or one row without an item. */
type RowOf<T> = T & (ItemRow | { readonly kind: null })

function itemsIn<T>(rows: readonly RowOf<T>[]): Item[] {
  return rows.flatMap((row) => (row.kind === null ? [] : [itemOf(row as ItemRow)]))
}

export async function readItems(
  connection: Connection,
  conversationId: ConversationId,
  { after, limit, charsMax }: { readonly after: number; readonly limit: number; readonly charsMax: number },
): Promise<ItemsOfRoom> {
  const { rows } = await connection.query<RowOf<{ readonly head: number; readonly last: number }>>(ITEMS, [conversationId, after, limit])
  const [room] = rows
  if (room === undefined) return { head: 0, to: after, items: [] }
  const items = itemsIn(rows)
  let chars = 0
  const beyond = items.findIndex((item, index) => (chars += JSON.stringify(item).length) > charsMax && index > 0)
  if (beyond !== -1) return { head: room.head, to: items[beyond - 1]?.change ?? after, items: items.slice(0, beyond) }
  const isWhole = items.length < limit
  return { head: room.head, to: isWhole ? Math.max(after, room.last) : (items.at(-1)?.change ?? after), items }
}

export async function readMarks(
  connection: Connection,
  conversationId: ConversationId,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<MarksOfRoom> {
  const { rows } = await connection.query<RowOf<{ readonly first: number; readonly last: number }>>(MARKS, [conversationId, from, to, limit])
  const [room] = rows
  return room === undefined ? { first: from, change: 0, items: [] } : { first: room.first, change: room.last, items: itemsIn(rows) }
}

export async function readHeads(connection: Connection, conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, Heads>> {
  const { rows } = await connection.query<Heads & { readonly conversationId: ConversationId }>(HEADS, [conversationIds])
  return new Map(rows.map(({ conversationId, head, change }) => [conversationId, { head, change }]))
}
