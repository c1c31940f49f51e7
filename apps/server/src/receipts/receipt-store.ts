import type { AccountId, ConversationId } from '@bongsu/protocol'

export interface RaiseRequest {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  readonly seq: number
}

/** Stores how far each account has read. */
export interface ReceiptStore {
  /**
   * Raises watermarks, durable when it resolves. Each becomes max(itself, min(seq, head)) [R1, R2]. Where it rose, the account item `read` is written
   * in the same commit [R3]. For an account that is not a member nothing happens.
   * @returns for each request, in order, whether the watermark rose.
   */
  raise(batch: readonly RaiseRequest[]): Promise<readonly boolean[]>

  /** Unread numbers of the entries from..to (both included, limited to existing ones) [R4]. */
  unread(conversationId: ConversationId, from: number, to: number): Promise<readonly number[]>
}
