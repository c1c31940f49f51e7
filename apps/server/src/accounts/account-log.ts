import type { AccountId, AccountItem } from '@bongsu/protocol'
import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely'
import { step, type Builder } from './builder.ts'
import type { SqlDatabase, Step } from './sql-database.ts'
import type { Tables } from './tables.ts'

/** The accounts whose logs are written, as a condition on the accounts table. */
export type Audience = (row: ExpressionBuilder<Tables, 'accounts'>) => Expression<SqlBool>

export const only =
  (accountId: AccountId): Audience =>
  (row) =>
    row('account_id', '=', accountId)

/**
 * Writes an item into the logs of an audience [D9]: the head of each log rises by one, and the item takes that number as its change. The first step
 * returns the account ids for the hints.
 */
export function writeItem(db: Builder, audience: Audience, item: AccountItem): readonly [Step, Step] {
  const value = item.value === null ? null : JSON.stringify(item.value)
  const raise = db
    .updateTable('accounts')
    .set({ head: sql`head + 1` })
    .where(audience)
    .returning('account_id')
  const write = db
    .insertInto('account_items')
    .columns(['account_key', 'kind', 'key', 'change', 'value'])
    .expression((builder) =>
      builder
        .selectFrom('accounts')
        .where(audience)
        .select([
          'account_key',
          sql.val<string>(item.kind).as('kind'),
          sql.val<string>(item.key).as('key'),
          'head',
          sql.val<string | null>(value).as('value'),
        ]),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['account_key', 'kind', 'key'])
        .doUpdateSet((row) => ({ change: row.ref('excluded.change'), value: row.ref('excluded.value') })),
    )
  return [step(raise), step(write)]
}

/**
 * The first step of a transaction that writes into the logs of several accounts: they are locked by rising key, as the log locks them, so that no two
 * transactions wait for each other. SQLite writes one at a time.
 */
export function lockAccounts(
  { sql: { dialect }, db }: { readonly sql: Pick<SqlDatabase, 'dialect'>; readonly db: Builder },
  which: Audience,
): readonly Step[] {
  const all = db.selectFrom('accounts').select('account_key').where(which).orderBy('account_key')
  return dialect === 'postgres' ? [step(all.forNoKeyUpdate())] : []
}

/** The accounts whose logs a transaction has raised. @param rows what its steps returned. */
export function raisedBy(rows: readonly (readonly Record<string, unknown>[])[]): readonly AccountId[] {
  return [...new Set(rows.flat().flatMap((changed) => (typeof changed['account_id'] === 'string' ? [changed['account_id'] as AccountId] : [])))]
}
