import { LIMITS, type AccountId, type Person, type Profile, faultInName } from '@bongsu/protocol'
import type { Limits } from '../ops/limits.ts'
import { writeItem, only } from './account-log.ts'
import { statement, step, type Builder } from './builder.ts'
import { isReserved } from './likeness.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import type { Step } from './sql-database.ts'

interface PersonRow {
  readonly account_key: number
  readonly account_id: AccountId
  readonly handle: string
  readonly display_name: string
  readonly role: 'admin' | 'member'
  readonly password_hash: string
  readonly password_changed_at: number
}

/** The columns of an account that make a person. */
export const PERSON = ['account_id', 'handle', 'display_name', 'role'] as const

export function personOf(row: Pick<PersonRow, (typeof PERSON)[number]>): Person {
  const person = { accountId: row.account_id, handle: row.handle, displayName: row.display_name }
  return row.role === 'member' ? person : { ...person, staff: true } // [B32]
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
    .select(['person.account_id', 'person.handle', 'person.display_name', 'person.role'])
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
  const rows = await sql.read<PersonRow>(statement(query))
  return answer({ people: rows.map(personOf) })
}

/**
 * Most name changes of one account. Each change is written into the account log of everyone who can see the name: thousands, in a town. A person
 * needs two or three tries to find a name.
 */
export const NAME_CHANGES = { max: 10, windowMs: 3_600_000 }

/** A display name as it is stored: in NFC, so that it sorts and is found alike whatever it was typed with. */
export const storedName = (displayName: string): string => displayName.normalize('NFC').trim()

/**
 * Nobody joins or leaves the conversations of an account, by any process, until its name is changed [D9, D12]. Locks are taken as the log takes them:
 * conversations before accounts, by rising key. The account may have joined another conversation before its own row was locked, hence the second look.
 */
function lockSteps(db: Builder, accountKey: number, lockAccounts: Step): readonly Step[] {
  const own = db.selectFrom('members').select('conversation_key').where('account_key', '=', accountKey)
  const rooms = db.selectFrom('conversations').select('conversation_key').where('conversation_key', 'in', own)
  const lockRooms = step(rooms.orderBy('conversation_key').forNoKeyUpdate())
  return [lockRooms, lockAccounts, lockRooms]
}

/** Changes the display name, and writes it to the account logs of everyone who can see it [D5, D9]. Setting the same name again writes nothing. */
export async function changeProfile(parts: AccountsParts, limits: Limits, accountId: AccountId, given: string): Promise<Answer<Profile>> {
  const fault = faultInName(given, LIMITS.displayNameCodePointsMax)
  if (fault !== null) return refuse(fault)
  const displayName = storedName(given)
  const row = await findAccount(parts, { accountId })
  if (row === null) return refuse('unauthenticated')
  if (row.display_name === displayName) return answer({ ...personOf(row), role: row.role })
  if (row.role === 'member' && isReserved(displayName)) return refuse('forbidden') // [B30]
  const taken = await limits.spend(`name:${accountId}`, NAME_CHANGES.max, NAME_CHANGES.windowMs)
  if (!taken.ok) return refuse('rate-limited', taken.retryAfterMs)
  return answer(await tellPerson(parts, { ...row, display_name: displayName }))
}

/** Writes a person as they are now, and tells everyone who can see them [D5, D9]. */
async function tellPerson(parts: AccountsParts, row: PersonRow): Promise<Profile> {
  const { sql, db } = parts
  const { account_id: accountId } = row
  const person = personOf(row)
  const profile: Profile = { ...person, role: row.role }
  const holders = db.selectFrom('friends').select('account_key').where('friend_key', '=', row.account_key)
  const neighbours = db
    .selectFrom('members as theirs')
    .innerJoin('members as mine', 'mine.conversation_key', 'theirs.conversation_key')
    .where('mine.account_key', '=', row.account_key)
    .where('theirs.account_key', '<>', row.account_key)
    .select('theirs.account_key')
  const self = db.selectFrom('accounts').select('account_key').where('account_key', '=', row.account_key)
  const touched = db.selectFrom('accounts').select('account_key').where('account_key', 'in', holders.union(neighbours).union(self))
  const set = db.updateTable('accounts').set({ display_name: person.displayName }).where('account_key', '=', row.account_key)
  const result = await sql.atomic([
    ...(sql.dialect === 'postgres' ? lockSteps(db, row.account_key, step(touched.orderBy('account_key').forNoKeyUpdate())) : []),
    { ...statement(set), rows: 1 },
    ...writeItem(db, only(accountId), { kind: 'profile', key: '', value: profile }),
    ...writeItem(db, (account) => account('account_key', 'in', holders), { kind: 'friend', key: accountId, value: person }),
    ...writeItem(db, (account) => account('account_key', 'in', neighbours), { kind: 'person', key: accountId, value: person }),
  ])
  if (!result.ok) throw new Error(`A profile could not be changed: ${result.failed}`)
  const rose = new Set(
    result.rows.flat().flatMap((changed) => (typeof changed['account_id'] === 'string' ? [changed['account_id'] as AccountId] : [])),
  )
  parts.rose([...rose])
  return profile
}

/** Staff of whom devices do not know it yet, because an older program wrote them down, are told of again [B32]. */
export async function tellStaff(parts: AccountsParts): Promise<void> {
  const untold = parts.db
    .selectFrom('accounts')
    .innerJoin('account_items', 'account_items.account_key', 'accounts.account_key')
    .select('accounts.account_id')
    .where('accounts.role', '<>', 'member')
    .where('account_items.kind', '=', 'profile')
    .where('account_items.value', 'not like', '%"staff":true%')
  for (const { account_id: accountId } of await parts.sql.read<{ account_id: AccountId }>(statement(untold))) {
    const row = await findAccount(parts, { accountId })
    if (row !== null) await tellPerson(parts, row)
  }
}

/** Whether an account may have a room called this [B30]. */
export async function mayTitle(parts: AccountsParts, accountId: AccountId, title: string): Promise<boolean> {
  return !isReserved(title, 'title') || ((await findAccount(parts, { accountId }))?.role ?? 'member') !== 'member'
}
