import type { AccountId, ConversationId } from '@bongsu/protocol'

export interface AuditHashes {
  /** Of the entries; null when not all of them exist. */
  readonly hash: string | null
  /** Of their marks, as of `change`. */
  readonly marks: string
  readonly change: number
}

/** Last seq and last change of each conversation of an account. */
export type RestoredHeads = readonly (readonly [ConversationId, head: number, change: number])[]

/** What lets a device find out whether it holds what the log holds. */
export interface AuditStore {
  /** The hashes of the entries from..to, and of their marks, as the frame `audit` describes them [A1]. */
  hash(conversationId: ConversationId, from: number, to: number): Promise<AuditHashes>

  /**
   * Where the conversations of this account stood when this history was restored from one named `epoch` (the lowest, if more than once);
   * null when it does not go back to that one [A4].
   */
  restoredHeads(accountId: AccountId, epoch: string): Promise<RestoredHeads | null>
}
