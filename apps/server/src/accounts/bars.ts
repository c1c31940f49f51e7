import type { AccountId } from '@bongsu/protocol'
import type { Removing } from '../conversation/acts-of-staff.ts'
import { statement, step } from './builder.ts'
import type { AccountsParts } from './parts.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db'>

/** Most lifted bars that one look writes into the journal. The next look writes the others. */
export const LIFTED_AT_ONCE_MAX = 100

/** Keeps an account out of a group, in which it may be no member any more, for staff [B68]. */
export async function keepOut({ sql, db }: Parts, { conversationId, accountId }: Removing): Promise<void> {
  const bar = db
    .insertInto('barred')
    .columns(['conversation_key', 'account_key', 'by_staff'])
    .expression((from) =>
      from
        .selectFrom(['conversations', 'accounts'])
        .where('conversation_id', '=', conversationId)
        .where('account_id', '=', accountId)
        .select((row) => ['conversation_key', 'account_key', row.lit(1).as('by_staff')]),
    )
    .onConflict((conflict) => conflict.columns(['conversation_key', 'account_key']).doUpdateSet({ by_staff: 1 }))
  await sql.atomic([step(bar)])
}

/** Writes into the journal which bars of staff members have lifted, by inviting the account [B69]. Called now and then. */
export async function tellLiftedBars({ sql, db, journal }: Parts & Pick<AccountsParts, 'journal'>): Promise<void> {
  const lifted = db
    .selectFrom('lifted_bars')
    .innerJoin('conversations', 'conversations.conversation_key', 'lifted_bars.conversation_key')
    .innerJoin('accounts', 'accounts.account_key', 'lifted_bars.account_key')
    .innerJoin('accounts as lifter', 'lifter.account_key', 'lifted_bars.lifted_by')
    .select([
      'lifted_bars.conversation_key',
      'lifted_bars.account_key',
      'conversation_id as conversation',
      'accounts.account_id as account',
      'lifter.account_id as actor',
    ])
    .limit(LIFTED_AT_ONCE_MAX)
  for (const { conversation_key, account_key, conversation, account, actor } of await sql.read<LiftedRow>(statement(lifted))) {
    const row = db.deleteFrom('lifted_bars').where('conversation_key', '=', conversation_key).where('account_key', '=', account_key)
    // Another process may have written it.
    await sql.atomic([step(row, 1, 'told'), journal.record({ kind: 'bar-lifted', actor, account, details: { conversation } })])
  }
}

interface LiftedRow {
  readonly conversation_key: number
  readonly account_key: number
  readonly conversation: string
  readonly account: AccountId
  readonly actor: AccountId
}
