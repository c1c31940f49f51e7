import type { AccountId, DeviceId, Person, Reach, Refusal, RefusalCode, Reply } from '@bongsu/protocol'
import type { Clock, Random } from '../ops/clock.ts'
import type { Builder } from './builder.ts'
import type { Passwords } from './passwords.ts'
import type { SqlDatabase } from './sql-database.ts'
import type { Tokens } from './tokens.ts'

export interface AccountsParts {
  readonly sql: SqlDatabase
  readonly db: Builder
  readonly clock: Clock
  readonly random: Random
  readonly tokens: Tokens
  readonly passwords: Passwords
  /** Who reaches a new account without being asked, until it chooses [B40]. */
  readonly reach: Reach
  /** The heads of these account logs rose. */
  readonly rose: (accountIds: readonly AccountId[]) => void
  /** These devices may do nothing from now on. */
  readonly revoked: (deviceIds: readonly DeviceId[]) => void
  /** A canary account was created. */
  readonly canaryJoined: (person: Person) => void
}

/** Result of an operation: a value, or a refusal as a value. */
export type Answer<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Refusal)

/** Result of an operation without a value: an empty object on the wire. */
export type Done = Reply<'signOut'>

export const refuse = (code: RefusalCode, retryAfterMs?: number): Exclude<Answer<never>, { ok: true }> => ({
  ok: false,
  code,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
export const answer = <T>(value: T): Answer<T> => ({ ok: true, value })

/** The account and device of a request, read from a checked token. */
export interface Caller {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}
