import type { AccountId, ConversationId, ConversationMeta, Device, Entry, Membership, Person, Profile } from '@bongsu/protocol'

/** Entries first..last are all stored on this device. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** One conversation as this device knows it. */
export interface Room {
  readonly conversationId: ConversationId
  readonly membership: Membership
  /** As of the last seq applied. */
  readonly meta: ConversationMeta
  /** The cursor: last seq applied, the `last` of the newest range. */
  readonly cursor: number
  /** Stored stretches, rising, never touching: between two of them is a gap that history fills [D4]. */
  readonly ranges: readonly Range[]
  /** Own watermark [R1]. */
  readonly readSeq: number
  /** Unread text messages of others below the first entry of the newest range. */
  readonly unreadBelow: number
  /**
   * Entries in memory: contiguous, ending at `cursor`, at least the tail. Grows backwards as the person scrolls up, and is cut back to the tail
   * when the room is closed.
   */
  readonly entries: readonly Entry[]
  /** Unread numbers last told by the server, by seq [R4]. An entry without one is newer than the last word: memberCount - 1. */
  readonly unread: ReadonlyMap<number, number>
}

export interface ReplicaState {
  readonly epoch: string | null
  /** Cursor in the account log. */
  readonly account: number
  readonly profile: Profile | null
  readonly rooms: ReadonlyMap<ConversationId, Room>
  readonly friends: ReadonlyMap<AccountId, Person>
  /** Everybody whose name this device has learnt, friends included. */
  readonly people: ReadonlyMap<AccountId, Person>
  readonly devices: ReadonlyMap<string, Device>
}

/** The part of the state that LocalStore keeps; `entries` of a room hold the tail only. Plain data, made of what structured clone can copy. */
export type StoredState = ReplicaState
