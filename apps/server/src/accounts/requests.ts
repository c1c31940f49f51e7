import {
  LIMITS,
  type AccountId,
  type ConversationId,
  type ConversationKind,
  type Person,
  type Reach,
  type Reply,
  type Request,
} from '@bongsu/protocol'
import { only, writeItem, type Audience } from './account-log.ts'
import { adderOf } from './added.ts'
import { statement, step } from './builder.ts'
import { directOf } from './membership.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import type { Step } from './sql-database.ts'

type Parts = Pick<AccountsParts, 'sql' | 'db' | 'rose'>

/** Chooses who reaches the account without being asked [B40]. */
export async function setReach(parts: Parts, accountId: AccountId, from: Reach): Promise<Answer<Done>> {
  const result = await parts.sql.atomic(writeItem(parts.db, only(accountId), { kind: 'reach', key: '', value: { from } }))
  if (!result.ok) throw new Error(`Who reaches an account could not be stored: ${result.failed}`)
  parts.rose([accountId])
  return answer({})
}

/** The invitation that waits for the account's decision [B44]. Null when there is none, or a person of a conversation of two waits. */
export async function invitationOf({ sql, db }: Parts, accountId: AccountId, conversationId: ConversationId): Promise<Request | null> {
  const query = itemsOf({ db }, accountId, conversationId).select('account_items.value')
  const [row] = await sql.read<{ value: string | null }>(statement(query))
  const request = JSON.parse(row?.value ?? 'null') as Request | null
  return request?.kind === 'group' ? request : null
}

/** The person, when a request of theirs waits for this account, or it is told that they have added it [W4]. */
export async function askerOf(parts: Parts, accountId: AccountId, askerId: AccountId): Promise<Person | null> {
  return (await requestsFrom(parts, accountId, askerId))[0]?.from ?? adderOf(parts, accountId, askerId)
}

/** What waits of a person for this account ends, with that person blocked: nobody would see it, and it would count [B42]. */
export async function declineAllOf(parts: Parts, accountId: AccountId, askerId: AccountId): Promise<void> {
  for (const { key } of await requestsFrom(parts, accountId, askerId)) await declineRequest(parts, accountId, key as ConversationId)
}

async function requestsFrom(
  { sql, db }: Parts,
  accountId: AccountId,
  askerId: AccountId,
): Promise<readonly { readonly key: string; readonly from: Person }[]> {
  const query = db
    .selectFrom('account_items')
    .innerJoin('accounts as own', 'own.account_key', 'account_items.account_key')
    .select(['account_items.key', 'account_items.value'])
    .where('own.account_id', '=', accountId)
    .where('account_items.kind', '=', 'request')
    .where('account_items.value', 'is not', null)
  const rows = await sql.read<{ key: string; value: string }>(statement(query))
  return rows.map(({ key, value }) => ({ key, from: (JSON.parse(value) as Request).from })).filter(({ from }) => from.accountId === askerId)
}

/** Lets the person in who waits in a conversation of two [B41]. Of two devices that decide at the same moment, the first one has decided. */
export async function acceptRequest(parts: Parts, accountId: AccountId, conversationId: ConversationId): Promise<Answer<Reply<'acceptRequest'>>> {
  const asked = itemsOf(parts, accountId, conversationId).where('account_items.value', 'is not', null)
  const result = await letIn(parts, accountId, conversationId, [step(asked, 1, 'decided')])
  if (result === 'full') return refuse('limit-reached')
  const kind = result === 'done' ? 'direct' : await kindOfOwn(parts, accountId, conversationId)
  return kind === null ? refuse('not-found') : answer({ conversationId, kind })
}

/** Does not let that person in, or come into the group. They are not told [B41]. */
export async function declineRequest(parts: Parts, accountId: AccountId, conversationId: ConversationId): Promise<Answer<Done>> {
  const asked = itemsOf(parts, accountId, conversationId).where('account_items.value', 'is not', null)
  const result = await parts.sql.atomic([
    lock(parts, accountId),
    step(asked, 1, 'decided'),
    ...writeItem(parts.db, only(accountId), { kind: 'request', key: conversationId, value: null }),
  ])
  if (result.ok) parts.rose([accountId])
  return answer({})
}

/** The account itself comes to the other one, and so lets them in, whatever it decided before [B41]. Does nothing when it does not wait. */
export async function comeTo(parts: Parts, accountId: AccountId, otherId: AccountId): Promise<'done' | 'full' | 'nothing'> {
  const conversationId = await directOf(parts, accountId, otherId)
  return conversationId === null || (await kindOfOwn(parts, accountId, conversationId)) !== null
    ? 'nothing'
    : letIn(parts, accountId, conversationId, [])
}

/** @param conditions steps that fail unless it may be done. */
async function letIn(
  parts: Parts,
  accountId: AccountId,
  conversationId: ConversationId,
  conditions: readonly Step[],
): Promise<'done' | 'full' | 'nothing'> {
  const { sql, db } = parts
  const own = db.selectFrom('accounts').select('account_key').where('account_id', '=', accountId)
  const room = db.selectFrom('conversations').select('conversation_key').where('conversation_id', '=', conversationId)
  const join = db
    .updateTable('members')
    .set({ waiting: 0 })
    .where('conversation_key', '=', room)
    .where('account_key', '=', own)
    .where('waiting', '=', 1)
  // After the update, so that requests side by side are counted by the last of them.
  const beyond = db
    .selectFrom('members')
    .select('conversation_key')
    .where('account_key', '=', own)
    .where('waiting', '=', 0)
    .orderBy('conversation_key')
    .offset(LIMITS.conversationsPerAccountMax)
    .limit(1)
  const ifAsked: Audience = (row) =>
    row.and([row('account_id', '=', accountId), row.exists(itemsOf(parts, accountId, conversationId).where('account_items.value', 'is not', null))])
  // Whoever waits has not left, so the membership begins with the first entry.
  const value = { conversationId, kind: 'direct', joinedSeq: 1 } as const
  const result = await sql.atomic([
    lock(parts, accountId),
    ...conditions,
    step(join, 1, 'decided'),
    step(beyond, 0, 'full'),
    ...writeItem(db, ifAsked, { kind: 'request', key: conversationId, value: null }),
    ...writeItem(db, only(accountId), { kind: 'membership', key: conversationId, value }),
  ])
  if (!result.ok) return result.failed === 'full' ? 'full' : 'nothing'
  parts.rose([accountId])
  return 'done'
}

/** Nobody else decides for this account until the transaction is over; what is read after this step is the newest. */
function lock({ db }: Pick<Parts, 'db'>, accountId: AccountId): Step {
  const own = db
    .updateTable('accounts')
    .set((row) => ({ head: row.ref('head') }))
    .where('account_id', '=', accountId)
  return step(own, 1)
}

/** The account's item about a request in this conversation, as a row. */
function itemsOf({ db }: Pick<Parts, 'db'>, accountId: AccountId, conversationId: ConversationId) {
  return db
    .selectFrom('account_items')
    .innerJoin('accounts as own', 'own.account_key', 'account_items.account_key')
    .where('own.account_id', '=', accountId)
    .where('account_items.kind', '=', 'request')
    .where('account_items.key', '=', conversationId)
    .select('account_items.key')
}

/** The kind of a conversation in which the account is a member who does not wait. */
async function kindOfOwn({ sql, db }: Parts, accountId: AccountId, conversationId: ConversationId): Promise<ConversationKind | null> {
  const query = db
    .selectFrom('members')
    .innerJoin('conversations', 'conversations.conversation_key', 'members.conversation_key')
    .innerJoin('accounts', 'accounts.account_key', 'members.account_key')
    .select('conversations.kind')
    .where('conversations.conversation_id', '=', conversationId)
    .where('accounts.account_id', '=', accountId)
    .where('members.waiting', '=', 0)
  const [row] = await sql.read<{ kind: ConversationKind }>(statement(query))
  return row?.kind ?? null
}
