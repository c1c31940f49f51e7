import type { AccountId, AccountItem, ConversationId, ConversationKind, ConversationMeta, DeviceId, Entry, Item } from '@bongsu/protocol'

export interface StoredMembership {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly joinedSeq: number
  readonly head: number
  /** Last change of its items. */
  readonly change: number
}

/** Where an account stands, read in one snapshot. */
export interface AccountPosition {
  /** Head of the account log. */
  readonly head: number
  readonly memberships: readonly StoredMembership[]
}

export interface ItemsPage {
  /** Cursor after these items: the account log is complete up to here. */
  readonly to: number
  readonly items: readonly AccountItem[]
}

/** A conversation as the frame `reset` tells it, without the frame's type. */
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

/** What a device needs to come back. Reads only; each call is one consistent snapshot. */
export interface ResumeStore {
  /**
   * Null when there is no such account, or when this device is none of those signed in to it: a good token is not enough, for a restore brings back
   * what was before a revocation [W4]. With `deviceId` null nobody asks about a device.
   */
  position(accountId: AccountId, deviceId: DeviceId | null): Promise<AccountPosition | null>
  /** Items changed after the cursor, by rising change number. A page shorter than `limit` is the last and its `to` is the account's head. */
  items(accountId: AccountId, after: number, limit: number): Promise<ItemsPage>
  /** The head of the account log of each of these accounts that exists. */
  accountHeads(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>>
  /**
   * Null when the account is not a member. `tail`: how many of the newest entries, none before the account joined; fewer where they have many marks
   * (`LIMITS.itemsPerPageMax`).
   */
  snapshot(conversationId: ConversationId, accountId: AccountId, tail: number): Promise<ConversationSnapshot | null>
}
