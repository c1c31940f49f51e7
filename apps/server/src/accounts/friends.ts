import { LIMITS, type AccountId, type Person } from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import { findAccount, personOf } from './people.ts'

/** One-sided, as a phone book is. Again is the same. */
export async function addFriend(parts: AccountsParts, accountId: AccountId, friendId: AccountId): Promise<Answer<Person>> {
  const { sql, db, clock } = parts
  if (accountId === friendId) return refuse('body-invalid')
  const [own, friend] = await Promise.all([findAccount(parts, { accountId }), findAccount(parts, { accountId: friendId })])
  if (own === null) return refuse('unauthenticated')
  if (friend === null) return refuse('not-found')
  const person = personOf(friend)
  const kept = await sql.read<{ friend_key: number }>(
    statement(db.selectFrom('friends').select('friend_key').where('account_key', '=', own.account_key)),
  )
  if (kept.some((row) => row.friend_key === friend.account_key)) return answer(person)
  if (kept.length >= LIMITS.friendsMax) return refuse('limit-reached')
  const insert = db
    .insertInto('friends')
    .values({ account_key: own.account_key, friend_key: friend.account_key, created_at: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
  const result = await sql.atomic([step(insert), ...writeItem(db, only(accountId), { kind: 'friend', key: friendId, value: person })])
  if (!result.ok) throw new Error(`A friend could not be added: ${result.failed}`)
  parts.rose([accountId])
  return answer(person)
}

export async function removeFriend(parts: AccountsParts, accountId: AccountId, friendId: AccountId): Promise<Answer<Done>> {
  const { sql, db } = parts
  const [own, friend] = await Promise.all([findAccount(parts, { accountId }), findAccount(parts, { accountId: friendId })])
  if (own === null) return refuse('unauthenticated')
  if (friend === null) return refuse('not-found')
  const remove = db.deleteFrom('friends').where('account_key', '=', own.account_key).where('friend_key', '=', friend.account_key)
  const result = await sql.atomic([step(remove, 1, 'absent'), ...writeItem(db, only(accountId), { kind: 'friend', key: friendId, value: null })])
  if (result.ok) parts.rose([accountId])
  return answer({})
}
