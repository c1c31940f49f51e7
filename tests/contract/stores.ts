import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AccountId, AccountItem, ClientMessageId, ConversationId, Person, Profile, SendBody } from '@bongsu/protocol'
import { only, writeItem } from '../../apps/server/src/accounts/account-log.ts'
import { createBuilder, statement, step } from '../../apps/server/src/accounts/builder.ts'
import type { SqlDatabase } from '../../apps/server/src/accounts/sql-database.ts'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import type { AppendRefused, AppendRequest, Appended, AppendResult, LogStore } from '../../apps/server/src/conversation/log-store.ts'
import type { ResumeStore } from '../../apps/server/src/delivery/resume-store.ts'
import type { ReceiptStore } from '../../apps/server/src/receipts/receipt-store.ts'

/** The ports that one database stands behind. */
export interface Stores {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
  readonly audit: AuditStore
  readonly sql: SqlDatabase
  /** Of a store without SQL. */
  readonly item?: (accountId: AccountId, item: AccountItem) => void
}

/** An adapter under test, on a database of its own. */
export interface Subject {
  readonly stores: Stores
  /** Closes everything and opens the same database again. */
  reopen(): Promise<Stores>
  /** Closes and removes it. */
  close(): Promise<void>
}

export type OpenSubject = () => Promise<Subject>

/** Runs `body` on a fresh database, which is closed whatever happens. */
export async function withStores(open: OpenSubject, body: (stores: Stores, subject: Subject) => Promise<void>): Promise<void> {
  const subject = await open()
  try {
    await body(subject.stores, subject)
  } finally {
    await subject.close()
  }
}

export const newConversation = (): ConversationId => randomUUID() as ConversationId
export const newId = (): ClientMessageId => randomUUID() as ClientMessageId
export const newAccount = (): AccountId => randomUUID() as AccountId

let handles = 0

/** Makes accounts; `displayName` is their number in this call. Two processes on one database choose different prefixes. */
export async function makeAccounts({ sql }: Stores, count: number, prefix = 'user'): Promise<AccountId[]> {
  const db = createBuilder(sql.dialect)
  const ids = Array.from({ length: count }, newAccount)
  for (let at = 0; at < count; at += 500) {
    const rows = ids.slice(at, at + 500).map((account_id, index) => ({
      account_id,
      handle: `${prefix}${handles++}`,
      display_name: `${at + index}`,
      password_hash: 'none',
      role: 'member' as const,
      created_at: 1,
      password_changed_at: 1,
    }))
    const made = await sql.atomic([step(db.insertInto('accounts').values(rows), rows.length)])
    assert(made.ok)
  }
  return ids
}

/** Accounts as signing up makes them, with a profile in their log: what `verify` takes for sound. */
export async function makePeople(stores: Stores, count: number, prefix = 'person'): Promise<AccountId[]> {
  const { sql } = stores
  const db = createBuilder(sql.dialect)
  const ids = await makeAccounts(stores, count, prefix)
  for (const accountId of ids) {
    const query = db.selectFrom('accounts').select(['handle', 'display_name as displayName', 'role']).where('account_id', '=', accountId)
    const [row] = await sql.read<Omit<Profile, 'accountId'>>(statement(query))
    assert(row)
    const made = await sql.atomic(writeItem(db, only(accountId), { kind: 'profile', key: '', value: { accountId, ...row } }))
    assert(made.ok)
  }
  return ids
}

/** One account blocks another one, or unblocks it. */
export async function setBlock(stores: Pick<Stores, 'sql' | 'item'>, accountId: AccountId, blocked: AccountId, isBlocked: boolean): Promise<void> {
  await setItem(stores, accountId, { kind: 'block', key: blocked, value: isBlocked ? someone(blocked) : null })
}

export async function setItem({ sql, item: put }: Pick<Stores, 'sql' | 'item'>, accountId: AccountId, item: AccountItem): Promise<void> {
  if (put !== undefined) return put(accountId, item)
  const made = await sql.atomic(writeItem(createBuilder(sql.dialect), only(accountId), item))
  assert(made.ok)
}

const someone = (accountId: AccountId): Person => ({ accountId, handle: 'someone', displayName: '아무개' })

/** The newest items of an account's log, however many. */
export async function itemsOf({ resume }: Pick<Stores, 'resume'>, account: AccountId): Promise<readonly AccountItem[]> {
  const items: AccountItem[] = []
  for (let after = 0; ;) {
    const page = await resume.items(account, after, 1_000)
    items.push(...page.items)
    if (page.items.length < 1_000) return items
    after = page.to
  }
}

/** `friend` becomes a friend of the account. */
export async function makeFriend(stores: Stores, accountId: AccountId, friend: AccountId): Promise<void> {
  await setItem(stores, accountId, { kind: 'friend', key: friend, value: someone(friend) })
  if (stores.item !== undefined) return
  const db = createBuilder(stores.sql.dialect)
  const keyOf = (id: AccountId) => db.selectFrom('accounts').select('account_key').where('account_id', '=', id)
  const row = db.insertInto('friends').values({ account_key: keyOf(accountId), friend_key: keyOf(friend), created_at: 1 })
  assert((await stores.sql.atomic([step(row, 1)])).ok)
}

export async function makeDirect({ log }: Stores, author: AccountId, other: AccountId): Promise<ConversationId> {
  const made = await log.openDirect(newConversation(), newId(), author, other, 1_000)
  assert('conversationId' in made)
  return made.conversationId
}

export async function makeGroup({ log }: Stores, author: AccountId, accounts: readonly AccountId[], title = ''): Promise<ConversationId> {
  const made = await log.createGroup({ conversationId: newConversation(), author, id: newId(), title, accounts }, 1_000)
  assert('conversationId' in made)
  return made.conversationId
}

export function request(conversationId: ConversationId, author: AccountId, body: SendBody, id = newId()): AppendRequest {
  return { conversationId, author, id, body }
}

export function text(conversationId: ConversationId, author: AccountId, words: string, id = newId()): AppendRequest {
  return request(conversationId, author, { kind: 'text', text: words }, id)
}

/** Appends one request that must be accepted. */
export async function accept({ log }: Stores, asked: AppendRequest, now = 2_000): Promise<Appended> {
  const result = await answer(log, asked, now)
  assert(result.ok, `accepted, not ${JSON.stringify(result)}`)
  return result
}

/** Appends one request that must be refused. */
export async function refuse({ log }: Stores, asked: AppendRequest): Promise<AppendRefused['code']> {
  const result = await answer(log, asked, 2_000)
  assert(!result.ok, `refused, not ${JSON.stringify(result)}`)
  return result.code
}

async function answer(log: LogStore, asked: AppendRequest, now: number): Promise<AppendResult> {
  const [result] = await log.append([asked], now)
  assert(result)
  return result
}
