import type { DatabaseSync } from 'node:sqlite'
import { all, one } from './connection.ts'
import { bytesToUuid } from './uuid-bytes.ts'

interface EntryRow {
  readonly seq: number
  readonly acceptedAt: number
  readonly author: string
  readonly id: Uint8Array
  readonly body: string
}

export interface EntryReads {
  /** JSON of the entries after `after`, oldest first. */
  entries(conversationId: string, after: number, limit: number): string
  entriesOf(conversationKey: number, after: number, limit: number): string
  heads(conversationIds: readonly string[]): [string, number][]
}

export function prepareEntryReads(db: DatabaseSync): EntryReads {
  const keyOf = db.prepare('SELECT conversation_key AS key FROM conversations WHERE conversation_id = ?')
  const headOf = db.prepare('SELECT head FROM conversations WHERE conversation_id = ?')
  const range = db.prepare(`
    SELECT e.seq, e.accepted_at AS acceptedAt, a.account_id AS author, e.id, e.body FROM entries e
    JOIN accounts a ON a.account_key = e.author_key WHERE e.conversation_key = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`)

  const entriesOf = (conversationKey: number, after: number, limit: number): string =>
    `[${all<EntryRow>(range, conversationKey, after, limit).map(entryJson).join(',')}]`

  return {
    entriesOf,
    entries(conversationId, after, limit) {
      const found = one<{ key: number }>(keyOf, conversationId)
      return found ? entriesOf(found.key, after, limit) : '[]'
    },
    heads: (conversationIds) =>
      conversationIds.flatMap((conversationId): [string, number][] => {
        const found = one<{ head: number }>(headOf, conversationId)
        return found ? [[conversationId, found.head]] : []
      }),
  }
}

/** The body is JSON already and goes in as it stands, byte for byte what was accepted [M4]. */
function entryJson(row: EntryRow): string {
  return `{"seq":${row.seq},"acceptedAt":${row.acceptedAt},"author":"${row.author}","id":"${bytesToUuid(row.id)}","body":${row.body}}`
}
