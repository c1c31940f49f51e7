import type { AccountId, ConversationId } from '@bongsu/protocol'
import { statement } from './builder.ts'
import type { AccountsParts } from './parts.ts'

/** The entry by which an account joined a conversation. Null when it is not a member, and then it may see nothing of the conversation [W4]. */
export async function joinedSeqOf(
  { sql, db }: Pick<AccountsParts, 'sql' | 'db'>,
  accountId: AccountId,
  conversationId: ConversationId,
): Promise<number | null> {
  const query = db
    .selectFrom('members')
    .innerJoin('conversations', 'conversations.conversation_key', 'members.conversation_key')
    .innerJoin('accounts', 'accounts.account_key', 'members.account_key')
    .select('members.joined_seq')
    .where('conversations.conversation_id', '=', conversationId)
    .where('accounts.account_id', '=', accountId)
  const [row] = await sql.read<{ joined_seq: number }>(statement(query))
  return row?.joined_seq ?? null
}

/** The direct conversation of two accounts, or the self conversation of one; null when there is none. */
export async function directOf({ sql, db }: Pick<AccountsParts, 'sql' | 'db'>, one: AccountId, other: AccountId): Promise<ConversationId | null> {
  const pair = one < other ? `${one}:${other}` : `${other}:${one}`
  const query = db.selectFrom('conversations').select('conversation_id').where('direct_key', '=', pair)
  const [row] = await sql.read<{ conversation_id: ConversationId }>(statement(query))
  return row?.conversation_id ?? null
}
