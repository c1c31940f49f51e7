import { sql as raw } from 'kysely'
import { SERVER_TIME_BOUNDS } from '../ops/server-time.ts'
import { statement } from './builder.ts'
import type { AccountsParts } from './parts.ts'

const KEY = 'server-time'

/** The last time at which a server is known to have run, epoch ms; null on a new database [O8]. */
export async function readKnownTime({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>): Promise<number | null> {
  const [kept] = await sql.read<{ value: string }>(statement(db.selectFrom('meta').select('value').where('key', '=', KEY)))
  if (kept !== undefined) return Number(kept.value)
  // A database of an older version: somebody was connected then.
  const newest = db.selectFrom('account_activity').select((row) => row.fn.max('last_active_at').as('at'))
  const [active] = await sql.read<{ at: number | null }>(statement(newest))
  return active?.at ?? null
}

/**
 * Of several processes, the latest counts. A time that is later by more than an ordinary step of a clock was wrong, and this one corrects it [D12].
 * @param known epoch ms.
 */
export async function writeKnownTime({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>, known: number): Promise<void> {
  const value = Math.floor(known)
  const latest = raw<string>`CASE WHEN CAST(meta.value AS bigint) BETWEEN CAST(${value} AS bigint) AND CAST(${value + SERVER_TIME_BOUNDS.behindMsMax} AS bigint)
    THEN meta.value ELSE excluded.value END`
  const upsert = db
    .insertInto('meta')
    .values({ key: KEY, value: String(value) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: latest }))
  await sql.atomic([statement(upsert)])
}
