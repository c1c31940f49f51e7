import type { AccountId, DeviceId, Person, Reach, Refusal, RefusalCode, Reply } from '@bongsu/protocol'
import type { Clock, Random } from '../ops/clock.ts'
import type { Builder } from './builder.ts'
import type { Journal } from './journal.ts'
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
  readonly journal: Journal
  /** The known time, epoch ms, by which suspensions end: a wrong clock of the server ends none [O8]. */
  readonly knownNow: () => number
  /** Who reaches a new account without being asked, until it chooses [B40]. */
  readonly reach: Reach
  /** The heads of these account logs rose. */
  readonly rose: (accountIds: readonly AccountId[]) => void
  /** These devices may do nothing from now on. */
  readonly revoked: (deviceIds: readonly DeviceId[]) => void
  /** A suspension of the account of these devices began or was lifted. Resolves when this process knows it. */
  readonly suspended: (accountId: AccountId, deviceIds: readonly DeviceId[]) => Promise<void>
  /** A canary account was created. */
  readonly canaryJoined: (person: Person) => void
}

/** What acts of staff need, by the app or by the command line. */
export type StaffParts = Pick<AccountsParts, 'sql' | 'db' | 'clock' | 'journal' | 'knownNow' | 'rose' | 'suspended'>

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
