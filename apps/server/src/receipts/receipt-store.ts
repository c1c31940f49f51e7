import type { AccountId, ConversationId } from '@bongsu/protocol'

export interface RaiseRequest {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  readonly seq: number
}

/** Who has read how far. */
export interface ReceiptStore {
  /**
   * Raises watermarks, durable before it resolves: each becomes max(itself, min(seq, head)) [R1, R2] and, where it rose, the account item
   * `read` is written in the same commit [R3]. Not a member: nothing happens.
   * @returns for each request, in order, whether the watermark rose.
   */
  raise(batch: readonly RaiseRequest[]): Promise<readonly boolean[]>

  /** Unread numbers of the entries from..to (both included, cut to what exists) [R4]. */
  unread(conversationId: ConversationId, from: number, to: number): Promise<readonly number[]>
}
