import type { AccountId, AccountItem, ConversationId } from '@bongsu/protocol'
import { writeItem, type Audience } from './account-log.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'

/** Puts a conversation aside up to the entry at `seq`, or takes it back [B5]. Only for its members, which also bounds the items. */
export async function setAside(
  parts: AccountsParts,
  accountId: AccountId,
  conversationId: ConversationId,
  value: Extract<AccountItem, { kind: 'aside' }>['value'],
): Promise<Answer<Done>> {
  const { sql, db } = parts
  const member: Audience = (row) =>
    row.and([
      row('account_id', '=', accountId),
      row.exists(
        row
          .selectFrom('members')
          .innerJoin('conversations', 'conversations.conversation_key', 'members.conversation_key')
          .select('members.account_key')
          .whereRef('members.account_key', '=', 'accounts.account_key')
          .where('conversations.conversation_id', '=', conversationId)
          .where('members.waiting', '=', 0),
      ),
    ])
  const [raise, write] = writeItem(db, member, { kind: 'aside', key: conversationId, value })
  const result = await sql.atomic([{ ...raise, rows: 1, otherwise: 'absent' }, write])
  if (!result.ok) return refuse('not-a-member')
  parts.rose([accountId])
  return answer({})
}
