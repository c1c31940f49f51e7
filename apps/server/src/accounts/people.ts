import { LIMITS, type AccountId, type ConversationId, type Person, type Profile, type Query, faultInName } from '@bongsu/protocol'
import type { Limits } from '../ops/limits.ts'
import { writeItem, only } from './account-log.ts'
import { statement } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'

interface PersonRow {
  readonly account_key: number
  readonly account_id: AccountId
  readonly handle: string
  readonly display_name: string
  readonly role: 'admin' | 'member'
  readonly password_hash: string
  readonly password_changed_at: number
}

export function personOf(row: { account_id: AccountId; handle: string; display_name: string }): Person {
  return { accountId: row.account_id, handle: row.handle, displayName: row.display_name }
}

/** The row of an account, by id or by handle. Null when there is none. */
export async function findAccount({ sql, db }: AccountsParts, by: { accountId: AccountId } | { handle: string }): Promise<PersonRow | null> {
  const all = db
    .selectFrom('accounts')
    .select(['account_key', 'account_id', 'handle', 'display_name', 'role', 'password_hash', 'password_changed_at'])
  const query = 'accountId' in by ? all.where('account_id', '=', by.accountId) : all.where('handle', '=', by.handle.toLowerCase())
  const [row] = await sql.read<PersonRow>(statement(query))
  return row ?? null
}

export async function lookUpHandle(parts: AccountsParts, handle: string): Promise<Answer<Person>> {
  const row = await findAccount(parts, { handle })
  return row === null ? refuse('not-found') : answer(personOf(row))
}

/** Finds only the caller, their friends, and people who are, or were, in a conversation that the caller is in [W4]. */
export async function lookUpPeople(
  { sql, db }: AccountsParts,
  asker: AccountId,
  accountIds: readonly AccountId[],
): Promise<Answer<{ people: Person[] }>> {
  if (accountIds.length === 0) return answer({ people: [] })
  const own = db.selectFrom('accounts as asker').select('asker.account_key').where('asker.account_id', '=', asker)
  const query = db
    .selectFrom('accounts as person')
    .select(['person.account_id', 'person.handle', 'person.display_name'])
    .where('person.account_id', 'in', accountIds)
    .where((row) =>
      row.or([
        row('person.account_id', '=', asker),
        row.exists(
          row.selectFrom('friends').select('friend_key').whereRef('friend_key', '=', 'person.account_key').where('friends.account_key', '=', own),
        ),
        row.exists(
          row
            .selectFrom('members as theirs')
            .innerJoin('members as mine', 'mine.conversation_key', 'theirs.conversation_key')
            .select('theirs.account_key')
            .whereRef('theirs.account_key', '=', 'person.account_key')
            .where('mine.account_key', '=', own),
        ),
        // Messages of people who left stay. Their account log keeps an item for each conversation they were in.
        row.exists(
          row
            .selectFrom('account_items')
            .innerJoin('conversations', 'conversations.conversation_id', 'account_items.key')
            .innerJoin('members as mine', 'mine.conversation_key', 'conversations.conversation_key')
            .select('account_items.key')
            .whereRef('account_items.account_key', '=', 'person.account_key')
            .where('account_items.kind', '=', 'membership')
            .where('mine.account_key', '=', own),
        ),
      ]),
    )
  const rows = await sql.read<{ account_id: AccountId; handle: string; display_name: string }>(statement(query))
  return answer({ people: rows.map(personOf) })
}

/** Members of a conversation by account id, one page at a time. Refused to anyone who is not a member [W4, R7]. */
export async function listMembers(
  { sql, db }: AccountsParts,
  asker: AccountId,
  conversationId: ConversationId,
  { after = '' as AccountId, limit = LIMITS.peoplePerLookupMax, readAt, unreadAt }: Query<'listMembers'>,
): Promise<Answer<{ people: Person[]; more: boolean }>> {
  const members = db
    .selectFrom('members')
    .innerJoin('conversations', 'conversations.conversation_key', 'members.conversation_key')
    .innerJoin('accounts', 'accounts.account_key', 'members.account_key')
    .where('conversations.conversation_id', '=', conversationId)
  const mine = members.select('members.joined_seq').where('accounts.account_id', '=', asker)
  const [own] = await sql.read<{ joined_seq: number }>(statement(mine))
  if (own === undefined) return refuse('not-a-member')
  /** Members at the entry, without its author. An entry that does not exist has no author, and the comparison finds nobody. */
  const at = (seq: number): typeof members =>
    members
      .innerJoin('entries', (join) => join.onRef('entries.conversation_key', '=', 'members.conversation_key').on('entries.seq', '=', seq))
      .whereRef('entries.author_key', '<>', 'members.account_key')
      .where('members.joined_seq', '<=', seq)
      .where('entries.seq', '>=', own.joined_seq)
  let asked = members
  if (readAt !== undefined) asked = at(readAt).where('members.watermark', '>=', readAt)
  else if (unreadAt !== undefined) asked = at(unreadAt).where('members.watermark', '<', unreadAt)
  const page = asked
    .select(['accounts.account_id', 'accounts.handle', 'accounts.display_name'])
    .where('accounts.account_id', '>', after)
    .orderBy('accounts.account_id')
    .limit(limit + 1)
  const rows = await sql.read<{ account_id: AccountId; handle: string; display_name: string }>(statement(page))
  return answer({ people: rows.slice(0, limit).map(personOf), more: rows.length > limit })
}

/**
 * Most name changes of one account. Each change is written into the account log of everyone who can see the name: thousands, in a town. A person
 * needs two or three tries to find a name.
 */
export const NAME_CHANGES = { max: 10, windowMs: 3_600_000 }

/** Changes the display name, and writes it to the account logs of everyone who can see it [D5, D9]. Setting the same name again writes nothing. */
export async function changeProfile(parts: AccountsParts, limits: Limits, accountId: AccountId, displayName: string): Promise<Answer<Profile>> {
  const fault = faultInName(displayName, LIMITS.displayNameCodePointsMax)
  if (fault !== null) return refuse(fault)
  const { sql, db } = parts
  const row = await findAccount(parts, { accountId })
  if (row === null) return refuse('unauthenticated')
  if (row.display_name === displayName.trim()) return answer({ ...personOf(row), role: row.role })
  const taken = await limits.spend(`name:${accountId}`, NAME_CHANGES.max, NAME_CHANGES.windowMs)
  if (!taken.ok) return refuse('rate-limited', taken.retryAfterMs)
  const person: Person = { accountId, handle: row.handle, displayName: displayName.trim() }
  const profile: Profile = { ...person, role: row.role }
  const holders = db.selectFrom('friends').select('account_key').where('friend_key', '=', row.account_key)
  const neighbours = db
    .selectFrom('members as theirs')
    .innerJoin('members as mine', 'mine.conversation_key', 'theirs.conversation_key')
    .where('mine.account_key', '=', row.account_key)
    .where('theirs.account_key', '<>', row.account_key)
    .select('theirs.account_key')
  const set = db.updateTable('accounts').set({ display_name: person.displayName }).where('account_key', '=', row.account_key)
  const result = await sql.atomic([
    { ...statement(set), rows: 1 },
    ...writeItem(db, only(accountId), { kind: 'profile', key: '', value: profile }),
    ...writeItem(db, (account) => account('account_key', 'in', holders), { kind: 'friend', key: accountId, value: person }),
    ...writeItem(db, (account) => account('account_key', 'in', neighbours), { kind: 'person', key: accountId, value: person }),
  ])
  if (!result.ok) throw new Error(`A profile could not be changed: ${result.failed}`)
  const touched = new Set(
    result.rows.flat().flatMap((changed) => (typeof changed['account_id'] === 'string' ? [changed['account_id'] as AccountId] : [])),
  )
  parts.rose([...touched])
  return answer(profile)
}
