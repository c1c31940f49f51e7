import { hasNoPlace, type EntryWrite, type Places } from '@bongsu/log'
import { LIMITS, type AccountId, type ConversationKind, type NamedPerson } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'
import { prepareConsent } from './read-consent.ts'
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
  /** The same, with their state in a conversation (null: a conversation about to be created), for a request of this author. */
  named(place: Pick<Place, 'key' | 'conversationId'> | null, accounts: readonly AccountId[], author: AccountId): NamedPerson[]
  /** Whether this account is at the limit of conversations. */
  atLimit(accountKey: number): boolean
  /** @param waits those of them who are not told that they are members [B40]. */
  join(place: Place, people: readonly Person[], joinedSeq: number, waits?: readonly AccountId[]): void
  /** Writes the requests of an author, after everything else, and ends those of others that were granted. */
  ask(place: Place, requests: Pick<EntryWrite, 'asks' | 'settles'>, author: AccountId, now: number): void
  leave(place: Place, accountKey: number): void
  /** The member with the lowest joinedSeq, and of several the one with the lowest id, without this account. */
  oldest(conversationKey: number, exceptKey: number): AccountId | null
  /** Number of accounts that may not come back. */
  barred(conversationKey: number): number
  /** @param author who lifts the bars of those who may come back. */
  bar(conversationKey: number, barred: readonly Person[], unbarred: readonly Person[], author: AccountId): void
}

export function prepareMembers(db: DatabaseSync, putItem: PutItem): Members {
  const key = db.prepare('SELECT account_key FROM accounts WHERE account_id = ?')
  const member = db.prepare('SELECT 1 FROM members WHERE conversation_key = ? AND account_key = ?')
  const count = db.prepare('SELECT count(*) AS n FROM members WHERE account_key = ? AND waiting = 0')
  // Whoever wrote the entry by which an account joined put it there.
  const byWhom = db.prepare(`
    SELECT count(*) FILTER (WHERE e.author_key <> m.account_key) AS fromOthers, count(*) FILTER (WHERE e.author_key = ?) AS fromAuthor
    FROM members m JOIN entries e ON e.conversation_key = m.conversation_key AND e.seq = m.joined_seq
    WHERE m.account_key = ? AND m.waiting = 0`)
  const blocks = db.prepare(`SELECT 1 FROM account_items WHERE account_key = ? AND kind = 'block' AND key = ? AND value IS NOT NULL`)
  const insert = db.prepare('INSERT INTO members (conversation_key, account_key, joined_seq, watermark, waiting) VALUES (?, ?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM members WHERE conversation_key = ? AND account_key = ?')
  const isBarred = db.prepare('SELECT 1 FROM barred WHERE conversation_key = ? AND account_key = ?')
  const countBarred = db.prepare('SELECT count(*) AS n FROM barred WHERE conversation_key = ?')
  const bar = db.prepare('INSERT OR IGNORE INTO barred (conversation_key, account_key) VALUES (?, ?)')
  const lift = db.prepare(`
    INSERT OR REPLACE INTO lifted_bars (conversation_key, account_key, lifted_by)
    SELECT conversation_key, account_key, ?3 FROM barred WHERE conversation_key = ?1 AND account_key = ?2 AND by_staff = 1`)
  const unbar = db.prepare('DELETE FROM barred WHERE conversation_key = ? AND account_key = ?')
  const oldest = db.prepare(`
    SELECT a.account_id AS accountId FROM members m INDEXED BY members_by_joining JOIN accounts a ON a.account_key = m.account_key
    WHERE m.conversation_key = ? AND m.account_key <> ? ORDER BY m.joined_seq, a.account_id LIMIT 1`)
  const recount = db.prepare('UPDATE conversations SET member_count = member_count + ? WHERE conversation_key = ?')

  const consents = prepareConsent(db)

  const keyOf = (accountId: AccountId): number | undefined => one<{ account_key: number }>(key, accountId)?.account_key
  const countOf = (accountKey: number): number => one<{ n: number }>(count, accountKey)?.n ?? 0
  const atLimit = (accountKey: number): boolean => countOf(accountKey) >= LIMITS.conversationsPerAccountMax

  /** Most accounts are in few conversations, and then it does not matter who put them there. */
  function placesOf(accountKey: number, author: AccountId): Places {
    const all = countOf(accountKey)
    const few = { fromOthers: 0, fromAuthor: 0 }
    return { all, ...(all < LIMITS.placesFromOneMax ? few : (one<typeof few>(byWhom, keyOf(author) ?? -1, accountKey) ?? few)) }
  }

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
    named: (place, accounts, author) =>
      existing(accounts).map((person) => ({
        accountId: person.accountId,
        isMember: place !== null && member.get(place.key, person.key) !== undefined,
        isAtLimit: hasNoPlace(placesOf(person.key, author)),
        isBarred: place !== null && isBarred.get(place.key, person.key) !== undefined,
        blocksAuthor: blocks.get(person.key, author) !== undefined,
        consent: consents.consent(person.key, author),
        asked: place === null ? 'never' : consents.asked(person.key, place.conversationId),
      })),

    join(place, people, joinedSeq, waits = []) {
      const item = JSON.stringify({ conversationId: place.conversationId, kind: place.kind, joinedSeq })
      for (const person of people) {
        const isWaiting = waits.includes(person.accountId)
        // They are members at the entry that invited them and have not read it: their watermark is just below it [R4].
        insert.run(place.key, person.key, joinedSeq, joinedSeq - 1, isWaiting ? 1 : 0)
        if (!isWaiting) putItem(person.key, 'membership', place.conversationId, item)
      }
      recount.run(people.length, place.key)
    },

    ask(place, { asks, settles }, author, now) {
      const request = asks.length === 0 ? null : consents.requestOf(author, place, now)
      for (const person of existing(asks)) putItem(person.key, 'request', place.conversationId, request)
      for (const person of existing(settles)) putItem(person.key, 'request', place.conversationId, null)
    },

    leave(place, accountKey) {
      remove.run(place.key, accountKey)
      putItem(accountKey, 'membership', place.conversationId, null)
      recount.run(-1, place.key)
    },

    oldest: (conversationKey, exceptKey) => one<{ accountId: AccountId }>(oldest, conversationKey, exceptKey)?.accountId ?? null,
    barred: (conversationKey) => one<{ n: number }>(countBarred, conversationKey)?.n ?? 0,
    bar(conversationKey, barred, unbarred, author) {
      for (const person of barred) bar.run(conversationKey, person.key)
      for (const person of unbarred) {
        lift.run(conversationKey, person.key, keyOf(author) ?? null)
        unbar.run(conversationKey, person.key)
      }
    },
  }
}
