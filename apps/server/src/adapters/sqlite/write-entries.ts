import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import type { KnownEntry, Subject } from '@bongsu/log'
import type { AccountId, EntryBody } from '@bongsu/protocol'
import { one } from './connection.ts'
import { bytesToUuid } from './uuid-bytes.ts'

/** `asked` of an edited or erased entry: the original request is no longer stored [I6]. */
export const ASKED_GONE = ''

interface KnownRow {
  readonly conversationId: string
  readonly seq: number
  readonly acceptedAt: number
  /** JSON. */
  readonly body: string
  /** Canonical text of the request, where `body` holds less. */
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
  /** The entry named by (author, id), if any [M2]. */
  known(authorKey: number, id: Uint8Array): KnownEntry | undefined
  /** Writes the entry after the head. @returns its seq. */
  write(entry: NewEntry): number
  /** The entry at this place, as needed for an act. */
  subject(conversationKey: number, seq: number): Subject | null
  /** Replaces the body of an entry for good: neither the earlier body nor the original request is kept [I6]. */
  rewrite(conversationKey: number, seq: number, kind: string, body: string): void
  /** The account that created the conversation. */
  authorOfFirst(conversationKey: number): AccountId | null
  /** Whether there is an entry at this place. */
  exists(conversationKey: number, seq: number): boolean
  /** The last entry written since this field was cleared. After a failed commit it must not exist. */
  lastWritten: { readonly conversationKey: number; readonly seq: number } | null
  /** Whether a body was rewritten since this field was cleared. */
  rewrote: boolean
}

export function prepareEntries(db: DatabaseSync): Entries {
  const byId = db.prepare(`
    SELECT c.conversation_id AS conversationId, e.seq, e.accepted_at AS acceptedAt, e.body, e.asked
    FROM entries e JOIN conversations c ON c.conversation_key = e.conversation_key WHERE e.author_key = ? AND e.id = ?`)
  const insert = db.prepare(
    'INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const advance = db.prepare('UPDATE conversations SET head = ? WHERE conversation_key = ? AND head = ?')
  const subject = db.prepare(`
    SELECT e.id, a.account_id AS author, e.accepted_at AS acceptedAt, e.body FROM entries e JOIN accounts a ON a.account_key = e.author_key
    WHERE e.conversation_key = ? AND e.seq = ?`)
  const change = db.prepare('UPDATE entries SET kind = ?, body = ?, asked = ? WHERE conversation_key = ? AND seq = ?')
  const first = db.prepare(
    'SELECT a.account_id AS author FROM entries e JOIN accounts a ON a.account_key = e.author_key WHERE e.conversation_key = ? AND e.seq = 1',
  )
  const at = db.prepare('SELECT 1 FROM entries WHERE conversation_key = ? AND seq = ?')

  const entries: Entries = {
    lastWritten: null,
    rewrote: false,
    known(authorKey, id) {
      const row = one<KnownRow>(byId, authorKey, id)
      return row && knownOf(row)
    },
    subject(conversationKey, seq) {
      const row = one<{ id: Uint8Array; author: AccountId; acceptedAt: number; body: string }>(subject, conversationKey, seq)
      return row === undefined ? null : { ...row, id: bytesToUuid(row.id), body: JSON.parse(row.body) as EntryBody }
    },
    rewrite(conversationKey, seq, kind, body) {
      change.run(kind, body, ASKED_GONE, conversationKey, seq)
      entries.rewrote = true
    },
    authorOfFirst: (conversationKey) => one<{ author: AccountId }>(first, conversationKey)?.author ?? null,
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

function knownOf({ conversationId, seq, acceptedAt, body, asked }: KnownRow): KnownEntry {
  return { conversationId, seq, acceptedAt, body: JSON.parse(body) as EntryBody, asked: asked === ASKED_GONE ? null : (asked ?? body) }
}
