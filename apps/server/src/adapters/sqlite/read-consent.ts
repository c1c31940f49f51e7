import { consentOf } from '@bongsu/log'
import type { AccountId, Consent, ConversationKind, NamedPerson, Person, Reach, Request } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { all, one } from './connection.ts'

export interface ConsentReads {
  /** Whether an account lets this author in [B40]. */
  consent(accountKey: number, author: AccountId): Consent
  /** What became of a request for the account to come into this conversation. */
  asked(accountKey: number, conversationId: string): NamedPerson['asked']
  /** JSON of the request that tells an account of its author, and of a group as it is now. */
  requestOf(author: AccountId, place: { readonly key: number; readonly kind: ConversationKind }, at: number): string
}

export function prepareConsent(db: DatabaseSync): ConsentReads {
  const reachOf = db.prepare(`SELECT value FROM account_items WHERE account_key = ? AND kind = 'reach' AND key = ''`)
  const authorOf = db.prepare(`
    SELECT account_key AS key, handle, display_name AS displayName, role <> 'member' OR moderator = 1 AS isStaff FROM accounts WHERE account_id = ?`)
  const friend = db.prepare('SELECT 1 FROM friends WHERE account_key = ? AND friend_key = ?')
  const shared = db.prepare(`
    SELECT 1 FROM members m JOIN members o ON o.conversation_key = m.conversation_key AND o.account_key = ?
    WHERE m.account_key = ? AND m.waiting = 0 AND o.waiting = 0 LIMIT 1`)
  const waiting = db.prepare(`
    SELECT json_extract(value, '$.from.accountId') AS author FROM account_items WHERE account_key = ? AND kind = 'request' AND value IS NOT NULL`)
  const request = db.prepare(`SELECT value FROM account_items WHERE account_key = ? AND kind = 'request' AND key = ?`)
  const group = db.prepare('SELECT title, member_count AS memberCount FROM conversations WHERE conversation_key = ?')

  return {
    consent(accountKey, author) {
      const reach = one<{ value: string }>(reachOf, accountKey)
      const writer = reach === undefined ? undefined : one<AuthorRow>(authorOf, author)
      if (reach === undefined || writer === undefined) return 'free'
      const facts = {
        reach: (JSON.parse(reach.value) as { from: Reach }).from,
        isFriend: writer.isStaff === 1 || friend.get(accountKey, writer.key) !== undefined,
        isAcquainted: shared.get(writer.key, accountKey) !== undefined,
        waiting: all<{ author: AccountId }>(waiting, accountKey).map((row) => row.author),
      }
      return consentOf(facts, author)
    },

    asked(accountKey, conversationId) {
      const row = one<{ value: string | null }>(request, accountKey, conversationId)
      return row === undefined ? 'never' : row.value === null ? 'decided' : 'waits'
    },

    requestOf(author, { key, kind }, at) {
      const { handle, displayName } = one<AuthorRow>(authorOf, author) as AuthorRow
      // Staff ask nobody, so the person has no badge.
      const from: Person = { accountId: author, handle, displayName }
      return JSON.stringify({
        kind,
        from,
        at,
        ...(kind === 'group' ? one<{ title: string; memberCount: number }>(group, key) : {}),
      } satisfies Request)
    },
  }
}

interface AuthorRow {
  readonly key: number
  readonly handle: string
  readonly displayName: string
  readonly isStaff: number
}
