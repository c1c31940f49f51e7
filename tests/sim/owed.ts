import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { Disk } from './disk.ts'

/** Of an account: the head of its log, and of each conversation that it is in. */
export interface Owed {
  readonly account: number
  readonly rooms: readonly { readonly conversationId: ConversationId; readonly joinedSeq: number | null; readonly head: number }[]
}

/** What is durable now. */
export function owedTo({ disk, accountId }: { readonly disk: Disk; readonly accountId: AccountId }): Owed {
  const rooms = disk.rooms.map((conversationId) => ({
    conversationId,
    joinedSeq: disk.joinedSeq(conversationId, accountId),
    head: disk.truth.entries(conversationId).length,
  }))
  return { account: disk.truth.accountHead(accountId), rooms: rooms.filter(({ joinedSeq }) => joinedSeq !== null) }
}
