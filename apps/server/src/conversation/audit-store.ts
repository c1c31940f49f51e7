import type { AccountId, ConversationId } from '@bongsu/protocol'

/** What lets a device find out whether it holds what the log holds. */
export interface AuditStore {
  /** The hash of the entries from..to as the frame `audit` describes it [A1]; null when not all of them exist. */
  hash(conversationId: ConversationId, from: number, to: number): Promise<string | null>

  /**
   * Where the conversations of this account stood when this history was restored from one named `epoch` (the lowest, if more than once);
   * null when it does not go back to that one [A4].
   */
  restoredHeads(accountId: AccountId, epoch: string): Promise<[ConversationId, number][] | null>
}
