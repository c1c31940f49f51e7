import { consentOf, type ConsentFacts } from '@bongsu/log'
import type { AccountId, Consent, Person } from '@bongsu/protocol'
import type { Prepared } from './connection.ts'

/** Of an account that lets in only some people, and somebody who wants to come to it. */
export const CONSENTS: Prepared = {
  name: 'consents',
  text: `SELECT a.account_id AS "accountId", o.account_id AS author, o.handle, o.display_name AS "displayName", i.value::json ->> 'from' AS reach,
     o.role <> 'member' OR o.moderator = 1 OR EXISTS (SELECT 1 FROM friends f WHERE f.account_key = a.account_key AND f.friend_key = o.account_key) AS "isFriend",
     EXISTS (SELECT 1 FROM members m CROSS JOIN LATERAL
       (SELECT FROM members WHERE conversation_key = m.conversation_key AND account_key = o.account_key AND waiting = 0 OFFSET 0) n
       WHERE m.account_key = a.account_key AND m.waiting = 0) AS "isAcquainted",
     (SELECT coalesce(json_agg(w.value::json -> 'from' ->> 'accountId'), '[]') FROM account_items w
       WHERE w.account_key = a.account_key AND w.kind = 'request' AND w.value IS NOT NULL) AS waiting
   FROM unnest($1::text[], $2::text[]) AS r (a, o) JOIN accounts a ON a.account_id = r.a JOIN accounts o ON o.account_id = r.o
   JOIN account_items i ON i.account_key = a.account_key AND i.kind = 'reach' AND i.key = ''`,
}
export interface ConsentRow extends ConsentFacts {
  readonly accountId: AccountId
  readonly author: AccountId
  readonly handle: string
  readonly displayName: string
}

/** Who wants to come to whom in one transaction, and what waits for the one who is asked. */
export class Askings {
  readonly #rows = new Map<string, ConsentRow>()
  /** Who made each of the requests that wait for an account. */
  readonly #waiting = new Map<AccountId, readonly AccountId[]>()

  add(row: ConsentRow): void {
    this.#rows.set(`${row.accountId} ${row.author}`, row)
    this.#waiting.set(row.accountId, row.waiting)
  }

  consent(accountId: AccountId, author: AccountId): Consent {
    const row = this.#rows.get(`${accountId} ${author}`)
    return consentOf(row === undefined ? null : { ...row, waiting: this.#waiting.get(accountId) ?? [] }, author)
  }

  /** One more request waits. @returns who makes it; null for an account that asks nobody to wait. */
  ask(accountId: AccountId, author: AccountId): Person | null {
    const row = this.#rows.get(`${accountId} ${author}`)
    if (row === undefined) return null
    this.#waiting.set(accountId, [...(this.#waiting.get(accountId) ?? []), author])
    // Staff ask nobody, so the person has no badge.
    return { accountId: author, handle: row.handle, displayName: row.displayName }
  }
}
