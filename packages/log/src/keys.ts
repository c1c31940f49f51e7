import { markKind, type AccountId, type ConversationId } from '@bongsu/protocol'

/** Key of a mark in the log of its owner: `<seq>`, `<seq>:<accountId>`, or, in an account's log, `<conversationId>:<seq>`. */
export function keyOf(kind: string, conversationId: ConversationId, seq: number, author: AccountId): string {
  const traits = markKind(kind)
  if (traits?.owner === 'account') return `${conversationId}:${seq}`
  return traits?.each === 'member' ? `${seq}:${author}` : String(seq)
}

/** Seq of the entry that a conversation's item is about; null where the key contains none. */
export function subjectOf(key: string): number | null {
  const seq = Number.parseInt(key, 10)
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null
}
