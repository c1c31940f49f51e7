import type { DatabaseSync } from 'node:sqlite'
import { all, one, rowsOf } from './connection.ts'

interface ItemRow {
  readonly kind: string
  readonly key: string
  readonly change: number
  readonly value: string | null
}

export interface ItemReads {
  /** JSON of the items of a conversation changed after `after`, by rising change, and the change up to which they are complete. */
  items(conversationId: string, after: number, limit: number, charsMax: number): string
  /** JSON of the marks of the entries first..to, and their change. `first` is `from`, or later when more than `limit` would be included. */
  marks(conversationId: string, from: number, to: number, limit: number): string
  /** JSON of a list of the marks of the entries from..to. */
  marksOf(conversationKey: number, from: number, to: number): string
  /** The lowest seq from which all marks up to `to` are at most `limit`; `to` itself when it alone has more. */
  firstWithin(conversationKey: number, from: number, to: number, limit: number): number
}

export function prepareItemReads(db: DatabaseSync): ItemReads {
  const roomOf = db.prepare('SELECT conversation_key AS key, head, change FROM conversations WHERE conversation_id = ?')
  const changed = db.prepare(
    'SELECT kind, key, change, value FROM conversation_items WHERE conversation_key = ? AND change > ? ORDER BY change LIMIT ?',
  )
  const about = db.prepare(`
    SELECT kind, key, change, value FROM conversation_items INDEXED BY conversation_items_by_subject
    WHERE conversation_key = ? AND subject BETWEEN ? AND ? AND value IS NOT NULL ORDER BY subject, change`)
  const counts = db.prepare(`
    SELECT subject, count(*) AS n FROM conversation_items INDEXED BY conversation_items_by_subject
    WHERE conversation_key = ? AND subject BETWEEN ? AND ? AND value IS NOT NULL GROUP BY subject ORDER BY subject DESC`)

  const marksOf = (key: number, from: number, to: number): string => `[${all<ItemRow>(about, key, from, to).map(itemJson).join(',')}]`

  function firstWithin(key: number, from: number, to: number, limit: number): number {
    let sum = 0
    // Row by row: the marks of a whole page could be hundreds of thousands, and counting ends with the first too many.
    for (const { subject, n } of rowsOf<{ subject: number; n: number }>(counts, key, from, to)) {
      sum += n
      if (sum > limit) return Math.min(subject + 1, to)
    }
    return from
  }

  return {
    marksOf,
    firstWithin,
    items(conversationId, after, limit, charsMax) {
      const room = one<{ key: number; head: number; change: number }>(roomOf, conversationId)
      if (!room) return `{"head":0,"to":${after},"items":[]}`
      const page: string[] = []
      let to = after
      let chars = 0
      let isCut = false
      for (const row of rowsOf<ItemRow>(changed, room.key, after, limit)) {
        const item = itemJson(row)
        chars += item.length
        isCut = chars > charsMax && page.length > 0
        if (isCut) break
        page.push(item)
        to = row.change
      }
      if (!isCut && page.length < limit) to = Math.max(after, room.change)
      return `{"head":${room.head},"to":${to},"items":[${page.join(',')}]}`
    },
    marks(conversationId, from, to, limit) {
      const room = one<{ key: number; change: number }>(roomOf, conversationId)
      if (!room) return `{"first":${from},"change":0,"items":[]}`
      const first = firstWithin(room.key, from, to, limit)
      return `{"first":${first},"change":${room.change},"items":${marksOf(room.key, first, to)}}`
    },
  }
}

function itemJson({ kind, key, change, value }: ItemRow): string {
  return `{"kind":${JSON.stringify(kind)},"key":${JSON.stringify(key)},"change":${change},"value":${value ?? 'null'}}`
}
