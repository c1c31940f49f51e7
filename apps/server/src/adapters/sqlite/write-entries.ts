import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'

export interface KnownEntry {
  readonly conversationKey: number
  readonly conversationId: string
  readonly seq: number
  readonly acceptedAt: number
  /** JSON. */
  readonly body: string
  /** JSON of what was asked for, where `body` says less. */
  readonly asked: string | null
}

export interface NewEntry {
  readonly conversationKey: number
  /** Head of the conversation before this entry. */
  readonly head: number
  readonly authorKey: number
  /** The bytes of the UUID. */
  readonly id: Uint8Array
  readonly acceptedAt: number
  readonly kind: string
  readonly body: string
  readonly asked: string | null
}

export interface Entries {
  /** The entry that (author, id) names, if there is one [M2]. */
  known(authorKey: number, id: Uint8Array): KnownEntry | undefined
  /** Writes the entry after the head. @returns its seq. */
  write(entry: NewEntry): number
  /** Is there anything at this place? */
  exists(conversationKey: number, seq: number): boolean
  /** The last entry written since the mark was taken away; what a failed commit must not have left behind. */
  lastWritten: { readonly conversationKey: number; readonly seq: number } | null
}

export function prepareEntries(db: DatabaseSync): Entries {
  const byId = db.prepare(`
    SELECT e.conversation_key AS conversationKey, c.conversation_id AS conversationId, e.seq, e.accepted_at AS acceptedAt, e.body, e.asked
    FROM entries e JOIN conversations c ON c.conversation_key = e.conversation_key WHERE e.author_key = ? AND e.id = ?`)
  const insert = db.prepare(
    'INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const advance = db.prepare('UPDATE conversations SET head = ? WHERE conversation_key = ? AND head = ?')
  const at = db.prepare('SELECT 1 FROM entries WHERE conversation_key = ? AND seq = ?')

  const entries: Entries = {
    lastWritten: null,
    known: (authorKey, id) => one<KnownEntry>(byId, authorKey, id),
    exists: (conversationKey, seq) => at.get(conversationKey, seq) !== undefined,
    write(entry) {
      const { conversationKey, head } = entry
      const seq = head + 1
      insert.run(conversationKey, seq, entry.authorKey, entry.id, entry.acceptedAt, entry.kind, entry.body, entry.asked)
      assert(advance.run(seq, conversationKey, head).changes === 1, 'a head rises by exactly 1 [M3]')
      entries.lastWritten = { conversationKey, seq }
      return seq
    },
  }
  return entries
}
