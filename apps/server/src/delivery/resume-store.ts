import type { AccountId, AccountItem, ConversationId, ConversationMeta, DeviceId, Entry, Item } from '@bongsu/protocol'

export interface StoredMembership {
  readonly conversationId: ConversationId
  readonly joinedSeq: number
  readonly head: number
  /** Last change of its items. */
  readonly change: number
}

/** The position of an account, read in one snapshot. */
export interface AccountPosition {
  /** Head of the account log. */
  readonly head: number
  readonly memberships: readonly StoredMembership[]
  /** Whom the account has blocked [B2]. */
  readonly blocked: readonly AccountId[]
}

export interface ItemsPage {
  /** Cursor after these items: the account log is complete up to here. */
  readonly to: number
  readonly items: readonly AccountItem[]
}

/** A conversation as in the frame `reset`, without the frame's type. */
export interface ConversationSnapshot {
  readonly conversationId: ConversationId
  readonly head: number
  readonly joinedSeq: number
  readonly meta: ConversationMeta
  readonly entries: readonly Entry[]
  /** Marks of these entries, as of `change`. */
  readonly items: readonly Item[]
  readonly change: number
  readonly readSeq: number
  readonly unreadBelow: number
}

/** Everything a device needs to resume. Reads only; each call is one consistent snapshot. */
export interface ResumeStore {
  /**
   * Null when the account does not exist, or when this device is not signed in to it: a valid token is not enough, because a restore undoes
   * revocations [W4]. With `deviceId` null no device is checked.
   */
  position(accountId: AccountId, deviceId: DeviceId | null): Promise<AccountPosition | null>
  /** Items changed after the cursor, by rising change number. A page shorter than `limit` is the last one and its `to` is the account's head. */
  items(accountId: AccountId, after: number, limit: number): Promise<ItemsPage>
  /** The head of the account log of each existing account. */
  accountHeads(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>>
  /**
   * Null when the account is not a member. `tail`: number of newest entries, none before the account joined; fewer when they have many marks
   * (`LIMITS.itemsPerPageMax`).
   */
  snapshot(conversationId: ConversationId, accountId: AccountId, tail: number): Promise<ConversationSnapshot | null>
}
