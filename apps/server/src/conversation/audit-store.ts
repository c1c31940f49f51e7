import type { AccountId, ConversationId } from '@bongsu/protocol'

export interface AuditHashes {
  /** Hash of the entries; null when not all of them exist. */
  readonly hash: string | null
  /** Hash of their marks, as of `change`; null when they are too many to be compared. */
  readonly marks: string | null
  readonly change: number
}

/** Last seq and last change of each conversation of an account. */
export type RestoredHeads = readonly (readonly [ConversationId, head: number, change: number])[]

/** Lets a device find out whether it holds what the log holds. */
export interface AuditStore {
  /** The hashes of the entries from..to and of their marks, as defined for the frame `audit` [A1]. */
  hash(conversationId: ConversationId, from: number, to: number): Promise<AuditHashes>

  /**
   * Heads of this account's conversations when this history was restored from the history named `epoch` (the lowest, if more than once). Null when
   * this history does not go back to that one [A4].
   */
  restoredHeads(accountId: AccountId, epoch: string): Promise<RestoredHeads | null>
}
