import type { AccountId } from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'

/**
 * Leaves a conversation of two [B4]: the membership begins anew after the entry at `seq`, so that nothing before is shown to this account any more
 * [W4]. Entries written meanwhile are above it, and bring the conversation back. Leaving again changes nothing.
 */
export async function leaveDirect(
  parts: Pick<AccountsParts, 'sql' | 'db' | 'rose'>,
  accountId: AccountId,
  otherId: AccountId,
  seq: number,
): Promise<Answer<Done>> {
  const { sql, db } = parts
  const pair = accountId < otherId ? `${accountId}:${otherId}` : `${otherId}:${accountId}`
  const query = db
    .selectFrom('conversations')
    .select(['conversation_key', 'conversation_id', 'head'])
    .where('direct_key', '=', pair)
    .where('kind', '=', 'direct')
  const [room] = await sql.read<{ conversation_key: number; conversation_id: string; head: number }>(statement(query))
  if (room === undefined) return refuse('not-found')
  // A head only rises, so the place is right whatever is written meanwhile.
  const joinedSeq = Math.min(seq, room.head) + 1
  const own = db.selectFrom('accounts').select('account_key').where('account_id', '=', accountId)
  const raise = db
    .updateTable('members')
    .set({ joined_seq: joinedSeq })
    .where('conversation_key', '=', room.conversation_key)
    .where('account_key', '=', own)
    .where('joined_seq', '<', joinedSeq)
    .where('waiting', '=', 0)
  const conversationId = room.conversation_id as never
  const value = { conversationId, kind: 'direct', joinedSeq } as const
  const result = await sql.atomic([step(raise, 1, 'left'), ...writeItem(db, only(accountId), { kind: 'membership', key: conversationId, value })])
  if (result.ok) parts.rose([accountId])
  return answer({})
}
