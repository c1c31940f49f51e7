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

export async function writeKnownTime({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>, known: number): Promise<void> {
  const value = String(Math.floor(known))
  const upsert = db
    .insertInto('meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
  await sql.atomic([statement(upsert)])
}
