import { LIMITS, type AccountId, type ConversationKind, type NamedPerson } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'
import type { PutItem } from './write-items.ts'

export interface Person {
  readonly accountId: AccountId
  readonly key: number
}

export interface Place {
  readonly key: number
  readonly conversationId: string
  readonly kind: ConversationKind
}

/** Membership in conversations: the part of the state that entries change. */
export interface Members {
  keyOf(accountId: AccountId): number | undefined
  /** The existing accounts, each once, in the order named. */
  existing(accounts: readonly AccountId[]): Person[]
  /** The same, with their state in a conversation (null: a conversation about to be created). */
  named(conversationKey: number | null, accounts: readonly AccountId[]): NamedPerson[]
  /** Whether this account is at the limit of conversations. */
  atLimit(accountKey: number): boolean
  join(place: Place, people: readonly Person[], joinedSeq: number): void
  leave(place: Place, accountKey: number): void
}

export function prepareMembers(db: DatabaseSync, putItem: PutItem): Members {
  const key = db.prepare('SELECT account_key FROM accounts WHERE account_id = ?')
  const member = db.prepare('SELECT 1 FROM members WHERE conversation_key = ? AND account_key = ?')
  const count = db.prepare('SELECT count(*) AS n FROM members WHERE account_key = ?')
  const insert = db.prepare('INSERT INTO members (conversation_key, account_key, joined_seq, watermark) VALUES (?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM members WHERE conversation_key = ? AND account_key = ?')
  const recount = db.prepare('UPDATE conversations SET member_count = member_count + ? WHERE conversation_key = ?')

  const keyOf = (accountId: AccountId): number | undefined => one<{ account_key: number }>(key, accountId)?.account_key
  const atLimit = (accountKey: number): boolean => (one<{ n: number }>(count, accountKey)?.n ?? 0) >= LIMITS.conversationsPerAccountMax

  function existing(accounts: readonly AccountId[]): Person[] {
    return [...new Set(accounts)].flatMap((accountId) => {
      const found = keyOf(accountId)
      return found === undefined ? [] : [{ accountId, key: found }]
    })
  }

  return {
    keyOf,
    atLimit,
    existing,
    named: (conversationKey, accounts) =>
      existing(accounts).map((person) => ({
        accountId: person.accountId,
        isMember: conversationKey !== null && member.get(conversationKey, person.key) !== undefined,
        isAtLimit: atLimit(person.key),
      })),

    join(place, people, joinedSeq) {
      const item = JSON.stringify({ conversationId: place.conversationId, kind: place.kind, joinedSeq })
      for (const person of people) {
        // They are members at the entry that invited them and have not read it: their watermark is just below it [R4].
        insert.run(place.key, person.key, joinedSeq, joinedSeq - 1)
        putItem(person.key, 'membership', place.conversationId, item)
      }
      recount.run(people.length, place.key)
    },

    leave(place, accountKey) {
      remove.run(place.key, accountKey)
      putItem(accountKey, 'membership', place.conversationId, null)
      recount.run(-1, place.key)
    },
  }
}
