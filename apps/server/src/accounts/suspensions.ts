import type { AccountId, Suspension } from '@bongsu/protocol'
import { statement, step } from './builder.ts'
import { refuse, type AccountsParts, type Answer } from './parts.ts'
import type { Step } from './sql-database.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db' | 'knownNow'>

/** Most suspensions that one look ends. The next look ends the others. */
export const ENDED_AT_ONCE_MAX = 100

/** The suspensions that have not ended, as rows. */
function present({ db, knownNow }: Pick<Parts, 'db' | 'knownNow'>) {
  const now = knownNow()
  return db
    .selectFrom('suspensions')
    .innerJoin('accounts', 'accounts.account_key', 'suspensions.account_key')
    .where((row) => row.or([row('suspensions.until_at', 'is', null), row('suspensions.until_at', '>', now)]))
}

/** The keys of the accounts that are suspended now. */
export function suspendedKeys(parts: Pick<Parts, 'db' | 'knownNow'>) {
  return present(parts).select('suspensions.account_key')
}

/** The step that fails as 'suspended' when the account is [B55]. */
export function notSuspended(parts: Pick<Parts, 'db' | 'knownNow'>, accountKey: number): Step {
  return step(suspendedKeys(parts).where('suspensions.account_key', '=', accountKey), 0, 'suspended')
}

/** The present suspension of an account; null when there is none. */
export async function suspensionOf(parts: Parts, accountId: AccountId): Promise<Suspension | null> {
  const query = present(parts).select(['suspension_id', 'began_at', 'until_at', 'reason', 'appeal']).where('accounts.account_id', '=', accountId)
  const [row] = await parts.sql.read<{ suspension_id: string; began_at: number; until_at: number | null; reason: string; appeal: string }>(
    statement(query),
  )
  if (row === undefined) return null
  return { suspensionId: row.suspension_id, at: row.began_at, until: row.until_at, reason: row.reason, appeal: row.appeal }
}

/** The refusal of a suspended account, which says why and until when. */
export async function refuseSuspended(parts: Parts, accountId: AccountId): Promise<Exclude<Answer<never>, { ok: true }>> {
  const suspension = await suspensionOf(parts, accountId)
  // It ended at this moment: the same request succeeds.
  if (suspension === null) return refuse('busy', 1_000)
  const wait = suspension.until === null ? {} : { retryAfterMs: Math.max(1_000, suspension.until - parts.knownNow()) }
  return { ...refuse('suspended'), ...wait, suspension }
}

/** Until when each suspended account is; null: for good. */
export async function readSuspended(parts: Parts): Promise<ReadonlyMap<AccountId, number | null>> {
  const query = present(parts).select(['accounts.account_id', 'suspensions.until_at'])
  const rows = await parts.sql.read<{ account_id: AccountId; until_at: number | null }>(statement(query))
  return new Map(rows.map(({ account_id, until_at }) => [account_id, until_at]))
}

/** Removes the suspensions whose time is over, each with its row in the journal [B56]. */
export async function endSuspensions({ sql, db, knownNow, journal }: Parts & Pick<AccountsParts, 'journal'>): Promise<void> {
  const over = db
    .selectFrom('suspensions')
    .innerJoin('accounts', 'accounts.account_key', 'suspensions.account_key')
    .select(['accounts.account_id', 'suspensions.suspension_id'])
    .where('suspensions.until_at', '<=', knownNow())
    .limit(ENDED_AT_ONCE_MAX)
  for (const { account_id: account, suspension_id: suspension } of await sql.read<{ account_id: AccountId; suspension_id: string }>(
    statement(over),
  )) {
    // Another process may have ended it.
    await sql.atomic([
      step(db.deleteFrom('suspensions').where('suspension_id', '=', suspension), 1, 'ended'),
      journal.record({ kind: 'suspension-ended', actor: 'system', account, details: { suspension } }),
    ])
  }
}
