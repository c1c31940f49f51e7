import type { DatabaseSync } from 'node:sqlite'
import { all, one, rowsOf } from './connection.ts'
import { bytesToUuid } from './uuid-bytes.ts'

interface EntryRow {
  readonly seq: number
  readonly acceptedAt: number
  readonly author: string
  readonly id: Uint8Array
  readonly body: string
}

export interface EntryReads {
  /** JSON of the entries after `after`, oldest first. When there are several, their bodies have at most `charsMax`. */
  entries(conversationId: string, after: number, limit: number, charsMax: number): string
  entriesOf(conversationKey: number, after: number, limit: number): string
  /** Head and last change of each that exists. */
  heads(conversationIds: readonly string[]): [string, number, number][]
}

export function prepareEntryReads(db: DatabaseSync): EntryReads {
  const keyOf = db.prepare('SELECT conversation_key AS key FROM conversations WHERE conversation_id = ?')
  const headOf = db.prepare('SELECT head, change FROM conversations WHERE conversation_id = ?')
  const range = db.prepare(`
    SELECT e.seq, e.accepted_at AS acceptedAt, a.account_id AS author, e.id, e.body FROM entries e
    JOIN accounts a ON a.account_key = e.author_key WHERE e.conversation_key = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`)

  const entriesOf = (conversationKey: number, after: number, limit: number): string =>
    `[${all<EntryRow>(range, conversationKey, after, limit).map(entryJson).join(',')}]`

  return {
    entriesOf,
    entries(conversationId, after, limit, charsMax) {
      const found = one<{ key: number }>(keyOf, conversationId)
      if (!found) return '[]'
      const page: string[] = []
      let chars = 0
      // Row by row, so that long texts beyond the page are not read.
      for (const row of rowsOf<EntryRow>(range, found.key, after, limit)) {
        chars += row.body.length
        if (chars > charsMax && page.length > 0) break
        page.push(entryJson(row))
      }
      return `[${page.join(',')}]`
    },
    heads: (conversationIds) =>
      conversationIds.flatMap((conversationId): [string, number, number][] => {
        const found = one<{ head: number; change: number }>(headOf, conversationId)
        return found ? [[conversationId, found.head, found.change]] : []
      }),
  }
}

/** The body is already JSON and is inserted unchanged, byte for byte as accepted [M4]. */
function entryJson(row: EntryRow): string {
  return `{"seq":${row.seq},"acceptedAt":${row.acceptedAt},"author":"${row.author}","id":"${bytesToUuid(row.id)}","body":${row.body}}`
}
