import { LIMITS, type AccountId, type Person } from '@bongsu/protocol'
import { lockAccounts, only, raisedBy, writeItem, type Audience } from './account-log.ts'
import { settleAdded, tellAdded } from './added.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import { findAccount, personOf } from './people.ts'
import { comeTo } from './requests.ts'
import type { Step } from './sql-database.ts'

/**
 * The steps that add a friend when there is room; otherwise they change nothing. They fail as 'renamed' when the name has changed since it was read:
 * only accounts that are already friends get the new name, so this account log would keep the old one [D9].
 */
export function befriend({ db, clock }: AccountsParts, accountId: AccountId, friend: Person): readonly Step[] {
  const sameName = db
    .selectFrom('accounts')
    .select('account_key')
    .where('account_id', '=', friend.accountId)
    .where('display_name', '=', friend.displayName)
    .where((account) => {
      const isMember = account.and([account('role', '=', 'member'), account('moderator', '=', 0)])
      return friend.staff === true ? account.not(isMember) : isMember
    })
  const insert = db
    .insertInto('friends')
    .columns(['account_key', 'friend_key', 'created_at'])
    .expression((builder) =>
      builder
        .selectFrom('accounts as own')
        .innerJoin('accounts as other', (join) => join.on('other.account_id', '=', friend.accountId))
        .select((row) => ['own.account_key', 'other.account_key as friend_key', row.val(clock.now()).as('created_at')])
        .where('own.account_id', '=', accountId)
        .where(
          (row) =>
            row
              .selectFrom('friends')
              .select((kept) => kept.fn.countAll<number>().as('n'))
              .whereRef('friends.account_key', '=', 'own.account_key'),
          '<',
          LIMITS.friendsMax,
        ),
    )
    .onConflict((conflict) => conflict.doNothing())
  const ownIfFriends: Audience = (row) =>
    row.and([
      row('account_id', '=', accountId),
      row.exists(friendRow({ db }, friend.accountId).whereRef('friends.account_key', '=', row.ref('accounts.account_key'))),
    ])
  return [step(sameName, 1, 'renamed'), step(insert), ...writeItem(db, ownIfFriends, { kind: 'friend', key: friend.accountId, value: friend })]
}

/** Rows of the accounts that have this account as a friend. */
function friendRow({ db }: Pick<AccountsParts, 'db'>, friendId: AccountId) {
  return db
    .selectFrom('friends')
    .innerJoin('accounts as friend', 'friend.account_key', 'friends.friend_key')
    .select('friends.friend_key')
    .where('friend.account_id', '=', friendId)
}

/**
 * One-sided, as in a phone book. Adding a friend twice changes nothing. @param tells whether the friend may be told [B47]; the answer is the same for
 * all of them.
 */
export async function addFriend(parts: AccountsParts, accountId: AccountId, friendId: AccountId, tells = true): Promise<Answer<Person>> {
  const { sql, clock } = parts
  if (accountId === friendId) return refuse('body-invalid')
  const [own, friend] = await Promise.all([findAccount(parts, { accountId }), findAccount(parts, { accountId: friendId })])
  if (own === null) return refuse('unauthenticated')
  if (friend === null) return refuse('not-found')
  const person = personOf(friend)
  const kept = friendRow(parts, friendId).where('friends.account_key', '=', own.account_key)
  if ((await sql.read(statement(kept))).length > 0) {
    // The connection may have broken between the two, the time before.
    await comeTo(parts, accountId, friendId)
    return answer(person)
  }
  const result = await sql.atomic([
    ...lockAccounts(parts, (row) => row('account_id', 'in', [accountId, friendId])),
    ...befriend(parts, accountId, person),
    step(kept, 1, 'full'),
    ...settleAdded(parts, accountId, friendId),
    ...(tells ? tellAdded(parts, personOf(own), friendId, clock.now()) : []),
  ])
  if (!result.ok && result.failed === 'renamed') return addFriend(parts, accountId, friendId, tells)
  if (!result.ok && result.failed === 'full') return refuse('limit-reached')
  if (!result.ok) throw new Error(`A friend could not be added: ${result.failed}`)
  parts.rose(raisedBy(result.rows))
  await comeTo(parts, accountId, friendId)
  return answer(person)
}

/** The answer tells nobody whether there is such an account [B71]. */
export async function removeFriend(parts: AccountsParts, accountId: AccountId, friendId: AccountId): Promise<Answer<Done>> {
  const { sql, db } = parts
  const [own, friend] = await Promise.all([findAccount(parts, { accountId }), findAccount(parts, { accountId: friendId })])
  if (own === null) return refuse('unauthenticated')
  if (friend === null) return answer({})
  const remove = db.deleteFrom('friends').where('account_key', '=', own.account_key).where('friend_key', '=', friend.account_key)
  const result = await sql.atomic([step(remove, 1, 'absent'), ...writeItem(db, only(accountId), { kind: 'friend', key: friendId, value: null })])
  if (result.ok) parts.rose([accountId])
  return answer({})
}
