import { LIMITS, type AccountId, type Person, type Reach } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import { raisedBy, writeItem, type Audience } from './account-log.ts'
import { statement, step } from './builder.ts'
import { answer, type AccountsParts, type Answer, type Done } from './parts.ts'
import type { Step } from './sql-database.ts'

export const ADDED_BOUNDS = {
  /** Most people whom one account adds in the window and who are told. Further ones are added and not told. */
  toldMax: 100,
  windowMs: 86_400_000,
} as const

type Parts = Pick<AccountsParts, 'sql' | 'db' | 'rose'>

/**
 * The steps that tell an account who has added it as a friend [B45]. They change nothing when it keeps that person away, has them as a friend, or was
 * told of them before [B46]. Where more than `LIMITS.addedMax` wait, the oldest gives way [B47].
 */
export function tellAdded({ db }: Pick<Parts, 'db'>, adder: Person, accountId: AccountId, at: number): readonly Step[] {
  const told: Audience = (row) => {
    const items = row.selectFrom('account_items as i').select('i.key').whereRef('i.account_key', '=', 'accounts.account_key')
    const reach = (from: Reach) =>
      row.exists(items.where('i.kind', '=', 'reach').where('i.key', '=', '').where('i.value', '=', JSON.stringify({ from })))
    const acquainted = row
      .selectFrom('members as own')
      .innerJoin('members as theirs', 'theirs.conversation_key', 'own.conversation_key')
      .innerJoin('accounts as adder', 'adder.account_key', 'theirs.account_key')
      .select('own.account_key')
      .whereRef('own.account_key', '=', 'accounts.account_key')
      .where('adder.account_id', '=', adder.accountId)
      .where('own.waiting', '=', 0)
      .where('theirs.waiting', '=', 0)
    const friend = row
      .selectFrom('friends')
      .innerJoin('accounts as adder', 'adder.account_key', 'friends.friend_key')
      .select('friends.friend_key')
      .whereRef('friends.account_key', '=', 'accounts.account_key')
      .where('adder.account_id', '=', adder.accountId)
    return row.and([
      row('accounts.account_id', '=', accountId),
      row.not(row.exists(friend)),
      row.not(row.exists(items.where('i.kind', '=', 'added').where('i.key', '=', adder.accountId))),
      row.not(row.exists(items.where('i.kind', '=', 'block').where('i.key', '=', adder.accountId).where('i.value', 'is not', null))),
      // The rule of consent in packages/log [B40]: staff are strangers to nobody.
      ...(adder.staff === true ? [] : [row.not(reach('friends')), row.or([row.not(reach('acquainted')), row.exists(acquainted)])]),
    ])
  }
  return [...writeItem(db, told, { kind: 'added', key: adder.accountId, value: { from: adder, at } }), ...dropOldest({ db }, accountId)]
}

/** What waits beyond the bound, the oldest. One is written at a time, so one is dropped. */
function dropOldest({ db }: Pick<Parts, 'db'>, accountId: AccountId): readonly Step[] {
  const own = db.selectFrom('accounts').select('account_key').where('account_id', '=', accountId)
  const waiting = db.selectFrom('account_items as w').where('w.account_key', '=', own).where('w.kind', '=', 'added').where('w.value', 'is not', null)
  const count = waiting.select((row) => row.fn.countAll<number>().as('n'))
  const raise = db
    .updateTable('accounts')
    .set({ head: raw`head + 1` })
    .where('account_id', '=', accountId)
    .where(count, '>', LIMITS.addedMax)
    .returning('account_id')
  const drop = db
    .updateTable('account_items')
    .set({ value: null, change: db.selectFrom('accounts').select('head').where('account_id', '=', accountId) })
    .where('account_key', '=', own)
    .where('kind', '=', 'added')
    .where(
      'change',
      '=',
      waiting.select((row) => row.fn.min('w.change').as('oldest')),
    )
    .where(count, '>', LIMITS.addedMax)
  return [step(raise), step(drop)]
}

/** The steps after which nothing of this person waits any more. They change nothing where nothing does. */
export function settleAdded({ db }: Pick<Parts, 'db'>, accountId: AccountId, adderId: AccountId): readonly Step[] {
  const ifWaiting: Audience = (row) =>
    row.and([
      row('accounts.account_id', '=', accountId),
      row.exists(addedRow({ db }, adderId).whereRef('account_items.account_key', '=', row.ref('accounts.account_key'))),
    ])
  return writeItem(db, ifWaiting, { kind: 'added', key: adderId, value: null })
}

function addedRow({ db }: Pick<Parts, 'db'>, adderId: AccountId) {
  return db
    .selectFrom('account_items')
    .select('account_items.key')
    .where('account_items.kind', '=', 'added')
    .where('account_items.key', '=', adderId)
    .where('account_items.value', 'is not', null)
}

/** Nobody is told that it was put away. Of an account that never added this one, nothing is put away either. */
export async function putAwayAdded(parts: Parts, accountId: AccountId, adderId: AccountId): Promise<Answer<Done>> {
  const result = await parts.sql.atomic(settleAdded(parts, accountId, adderId))
  if (!result.ok) throw new Error(`Who has added an account could not be put away: ${result.failed}`)
  parts.rose(raisedBy(result.rows))
  return answer({})
}

/** The person, when this account is told that they have added it [W4]. */
export async function adderOf({ sql, db }: Pick<Parts, 'sql' | 'db'>, accountId: AccountId, adderId: AccountId): Promise<Person | null> {
  const query = addedRow({ db }, adderId)
    .innerJoin('accounts as own', 'own.account_key', 'account_items.account_key')
    .where('own.account_id', '=', accountId)
    .select('account_items.value')
  const [row] = await sql.read<{ value: string }>(statement(query))
  return row === undefined ? null : (JSON.parse(row.value) as { from: Person }).from
}
