import { HANDLE_PATTERN, LIMITS, type AccountId, type Person, type Profile, type StaffRole, faultInName } from '@bongsu/protocol'
import type { Limits } from '../ops/limits.ts'
import { only, raisedBy, writeItem } from './account-log.ts'
import { statement, step, type Builder } from './builder.ts'
import { isReserved } from './likeness.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import type { Step } from './sql-database.ts'

export interface PersonRow {
  readonly account_key: number
  readonly account_id: AccountId
  readonly handle: string
  readonly display_name: string
  readonly role: 'admin' | 'member'
  /** 1: a moderator. */
  readonly moderator: number
  readonly password_hash: string
  readonly password_changed_at: number
  /** 1: an account of the sentinel. */
  readonly canary: number
}

/** The columns of an account that make a person. */
export const PERSON = ['account_id', 'handle', 'display_name', 'role', 'moderator'] as const

export function personOf(row: Pick<PersonRow, (typeof PERSON)[number]>): Person {
  const person = { accountId: row.account_id, handle: row.handle, displayName: row.display_name }
  return isStaff(row) ? { ...person, staff: true } : person // [B32]
}

/** The role of an account. A moderator is stored as a member, for programs that do not know moderators [B53, W3]. */
export function staffRole({ role, moderator }: Pick<PersonRow, 'role' | 'moderator'>): StaffRole {
  return role === 'admin' ? 'admin' : moderator === 1 ? 'moderator' : 'member'
}

export const isStaff = (row: Pick<PersonRow, 'role' | 'moderator'>): boolean => staffRole(row) !== 'member'

export function profileOf(row: Pick<PersonRow, (typeof PERSON)[number]>): Profile {
  return { ...personOf(row), role: row.role, ...(staffRole(row) === 'moderator' ? { moderator: true as const } : {}) }
}

const HANDLE = new RegExp(HANDLE_PATTERN)

/** The row of an account, by id or by handle. Null when there is none. */
export async function findAccount(
  { sql, db }: Pick<AccountsParts, 'sql' | 'db'>,
  by: { accountId: AccountId } | { handle: string },
): Promise<PersonRow | null> {
  const all = db.selectFrom('accounts').select(['account_key', ...PERSON, 'password_hash', 'password_changed_at', 'canary'])
  // PostgreSQL refuses some texts altogether.
  if ('handle' in by && !HANDLE.test(by.handle)) return null
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
    .select(PERSON.map((column) => `person.${column}` as const))
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
  if (row.display_name === displayName) return answer(profileOf(row))
  if (!isStaff(row) && isReserved(displayName)) return refuse('forbidden') // [B30]
  const taken = await limits.spend(`name:${accountId}`, NAME_CHANGES.max, NAME_CHANGES.windowMs)
  if (!taken.ok) return refuse('rate-limited', taken.retryAfterMs)
  const renamed = { ...row, display_name: displayName }
  const told = await tellPerson(parts, row, renamed)
  // Renamed elsewhere, or given another role: it is read again.
  return told.ok ? answer(profileOf(renamed)) : changeProfile(parts, limits, accountId, given)
}

/**
 * Writes a person with another name or role, and tells everyone who can see them [D5, D9].
 * @param was as read. @param first further steps of the same transaction, which come before.
 * @returns the name of the step that failed, if any: `changed` when the person is not as read any more.
 */
export async function tellPerson(
  parts: Pick<AccountsParts, 'sql' | 'db' | 'rose'>,
  was: PersonRow,
  row: PersonRow,
  first: readonly Step[] = [],
): Promise<{ readonly ok: true } | { readonly ok: false; readonly failed: string }> {
  const { sql, db } = parts
  const { account_id: accountId } = row
  const person = personOf(row)
  const holders = db.selectFrom('friends').select('account_key').where('friend_key', '=', row.account_key)
  const neighbours = db
    .selectFrom('members as theirs')
    .innerJoin('members as mine', 'mine.conversation_key', 'theirs.conversation_key')
    .where('mine.account_key', '=', row.account_key)
    .where('theirs.account_key', '<>', row.account_key)
    // Nothing of a stranger reaches who has not let them in [B40].
    .where('theirs.waiting', '=', 0)
    .select('theirs.account_key')
  const self = db.selectFrom('accounts').select('account_key').where('account_key', '=', row.account_key)
  const touched = db.selectFrom('accounts').select('account_key').where('account_key', 'in', holders.union(neighbours).union(self))
  const set = db
    .updateTable('accounts')
    .set({ display_name: person.displayName, role: row.role, moderator: row.moderator })
    .where('account_key', '=', row.account_key)
    .where('display_name', '=', was.display_name)
    .where('role', '=', was.role)
    .where('moderator', '=', was.moderator)
  const result = await sql.atomic([
    ...(sql.dialect === 'postgres' ? lockSteps(db, row.account_key, step(touched.orderBy('account_key').forNoKeyUpdate())) : []),
    ...first,
    step(set, 1, 'changed'),
    ...writeItem(db, only(accountId), { kind: 'profile', key: '', value: profileOf(row) }),
    ...writeItem(db, (account) => account('account_key', 'in', holders), { kind: 'friend', key: accountId, value: person }),
    ...writeItem(db, (account) => account('account_key', 'in', neighbours), { kind: 'person', key: accountId, value: person }),
  ])
  if (!result.ok) return result
  parts.rose(raisedBy(result.rows))
  return { ok: true }
}

/** Staff of whom devices do not know it yet, because an older program wrote them down, are told of again [B32]. */
export async function tellStaff(parts: AccountsParts): Promise<void> {
  const untold = parts.db
    .selectFrom('accounts')
    .innerJoin('account_items', 'account_items.account_key', 'accounts.account_key')
    .select('accounts.account_id')
    .where((account) => account.or([account('accounts.role', '<>', 'member'), account('accounts.moderator', '=', 1)]))
    .where('account_items.kind', '=', 'profile')
    .where('account_items.value', 'not like', '%"staff":true%')
  for (const { account_id: accountId } of await parts.sql.read<{ account_id: AccountId }>(statement(untold))) {
    const row = await findAccount(parts, { accountId })
    if (row !== null) await tellPerson(parts, row, row)
  }
}

/** Whether an account may have a room called this [B30]. */
export async function mayTitle(parts: AccountsParts, accountId: AccountId, title: string): Promise<boolean> {
  if (!isReserved(title, 'title')) return true
  const row = await findAccount(parts, { accountId })
  return row !== null && isStaff(row)
}
