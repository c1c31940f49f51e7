import { LIMITS, type AccountId, type Body, type Outage, type Query, type Reply } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import { statement, step } from '../accounts/builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from '../accounts/parts.ts'
import { findAccount } from '../accounts/people.ts'
import { FIGURES_BOUNDS } from './bounds.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db' | 'clock'>

/** Stores a device's reports about outages, once for each id [F4]. Times are by this server's clock, computed from the stated ages. */
export async function storeReports(parts: AccountsParts, accountId: AccountId, { outages }: Body<'reportOutages'>): Promise<Answer<Done>> {
  const own = await findAccount(parts, { accountId })
  if (own === null) return refuse('unauthenticated')
  const { db } = parts
  const now = parts.clock.now()
  const rows = outages.map((outage) => rowOf(own.account_key, outage, now))
  const insert = db
    .insertInto('outage_reports')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['account_key', 'report_id']).doNothing())
  const newest = db
    .selectFrom('outage_reports')
    .select('report_id')
    .where('account_key', '=', own.account_key)
    .orderBy('ended_at', 'desc')
    .orderBy('report_id')
    .limit(FIGURES_BOUNDS.reportsPerAccountMax)
  const cut = db.deleteFrom('outage_reports').where('account_key', '=', own.account_key).where('report_id', 'not in', newest)
  const result = await parts.sql.atomic([step(insert), step(cut)])
  if (!result.ok) throw new Error(`Reports could not be written: ${result.failed}`)
  return answer({})
}

function rowOf(accountKey: number, { id, agoMs, lastedMs, part, unsent }: Outage, now: number) {
  const endedAt = Math.max(0, now - agoMs)
  return { account_key: accountKey, report_id: id, part, began_at: Math.max(0, endedAt - lastedMs), ended_at: endedAt, unsent }
}

/** Deletes reports that are too old to be read. Called now and then. */
export async function forgetOldReports({ sql, db, clock }: Parts): Promise<void> {
  await sql.atomic([statement(db.deleteFrom('outage_reports').where('ended_at', '<', clock.now() - FIGURES_BOUNDS.reportsKeptMs))])
}

interface Counts {
  readonly active: number
  readonly affected: number
  readonly sign_in: number
  readonly connection: number
  readonly unsent: number
}

/**
 * How many accounts reported outages that overlap a span, of the accounts that were connected in it. Connected accounts are known from their recorded
 * activity and from the reports themselves. Canaries are not counted.
 */
export async function readReports({ sql, db }: Parts, { from, to }: Query<'readReports'>): Promise<Answer<Reply<'readReports'>>> {
  if (from > to || to - from > LIMITS.reportsSpanMsMax) return refuse('body-invalid')
  const reported = db
    .selectFrom('outage_reports')
    .innerJoin('accounts', 'accounts.account_key', 'outage_reports.account_key')
    .where('accounts.canary', '=', 0)
    .where('outage_reports.ended_at', '>=', from)
    .where('outage_reports.began_at', '<=', to)
    .where(raw<boolean>`outage_reports.ended_at - outage_reports.began_at > ${LIMITS.outageMsMin}`)
  const present = db
    .selectFrom('account_activity')
    .innerJoin('accounts', 'accounts.account_key', 'account_activity.account_key')
    .select('account_activity.account_key')
    .where('accounts.canary', '=', 0)
    .where('account_activity.last_active_at', '>=', from)
    .where('account_activity.active_since', '<=', to)
  const affected = (part?: 'sign-in' | 'connection') => {
    const counted = reported.select((row) => row.fn.count<number>('outage_reports.account_key').distinct().as('n'))
    return part === undefined ? counted : counted.where('outage_reports.part', '=', part)
  }
  // Each account counts once, also in the sum: whoever reports by the thousand has no more weight than others.
  const unsentOf = reported.groupBy('outage_reports.account_key').select((row) => {
    const sum = row.fn.sum<number>('outage_reports.unsent')
    return row.case().when(sum, '>', LIMITS.unsentMax).then(row.val(LIMITS.unsentMax)).else(sum).end().as('unsent')
  })
  const query = db.selectNoFrom([
    db
      .selectFrom(present.union(reported.select('outage_reports.account_key')).as('there'))
      .select((row) => row.fn.countAll<number>().as('n'))
      .as('active'),
    affected().as('affected'),
    affected('sign-in').as('sign_in'),
    affected('connection').as('connection'),
    db
      .selectFrom(unsentOf.as('each'))
      .select((row) => row.fn.coalesce(row.fn.sum<number>('each.unsent'), row.val(0)).as('n'))
      .as('unsent'),
  ])
  const [counts] = await sql.read<Counts>(statement(query))
  if (counts === undefined) throw new Error('A count came back without a row.')
  return answer({
    activeUsers: counts.active,
    affectedUsers: counts.affected,
    signInUsers: counts.sign_in,
    connectionUsers: counts.connection,
    unsent: counts.unsent,
  })
}
