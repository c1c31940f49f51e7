import { LIMITS, type AccountId, type Person } from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { settleAdded } from './added.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import { lookUpPeople } from './people.ts'
import { askerOf, declineAllOf } from './requests.ts'

/**
 * Blocks a person whose name the caller may see [W4]. The item of the account log is the whole of it: the log and the streams read it [B2]. Blocking
 * again writes nothing.
 */
export async function block(parts: AccountsParts, accountId: AccountId, otherId: AccountId): Promise<Answer<Person>> {
  if (accountId === otherId) return refuse('body-invalid')
  const seen = await lookUpPeople(parts, accountId, [otherId])
  const person = (seen.ok ? seen.value.people[0] : undefined) ?? (await askerOf(parts, accountId, otherId))
  if (person === null) return refuse('not-found')
  const held = await blockOf(parts, accountId, otherId)
  if (held !== null) {
    await declineAllOf(parts, accountId, otherId)
    return answer(held)
  }
  const { sql } = parts
  const result = await sql.atomic([
    ...writeItem(parts.db, only(accountId), { kind: 'block', key: otherId, value: person }),
    ...settleAdded(parts, accountId, otherId),
    // After the write, so that requests side by side are counted by the last of them.
    step(beyondBound(parts, accountId), 0, 'full'),
  ])
  if (!result.ok) return refuse('limit-reached')
  parts.rose([accountId])
  await declineAllOf(parts, accountId, otherId)
  return answer(person)
}

export async function unblock(parts: AccountsParts, accountId: AccountId, otherId: AccountId): Promise<Answer<Done>> {
  if ((await blockOf(parts, accountId, otherId)) === null) return answer({})
  const result = await parts.sql.atomic(writeItem(parts.db, only(accountId), { kind: 'block', key: otherId, value: null }))
  if (!result.ok) throw new Error(`A person could not be unblocked: ${result.failed}`)
  parts.rose([accountId])
  return answer({})
}

/** The people whom an account has blocked, as rows. */
function blocksOf({ db }: AccountsParts, accountId: AccountId) {
  return db
    .selectFrom('account_items')
    .innerJoin('accounts', 'accounts.account_key', 'account_items.account_key')
    .where('accounts.account_id', '=', accountId)
    .where('account_items.kind', '=', 'block')
    .where('account_items.value', 'is not', null)
}

async function blockOf(parts: AccountsParts, accountId: AccountId, otherId: AccountId): Promise<Person | null> {
  const query = blocksOf(parts, accountId).where('account_items.key', '=', otherId).select('account_items.value')
  const [row] = await parts.sql.read<{ value: string }>(statement(query))
  return row === undefined ? null : (JSON.parse(row.value) as Person)
}

/** One row when there are more than the bound. */
function beyondBound(parts: AccountsParts, accountId: AccountId) {
  return blocksOf(parts, accountId).select('account_items.key').orderBy('account_items.key').offset(LIMITS.blockedMax).limit(1)
}
