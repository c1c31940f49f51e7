import type { AccountId, ConversationId, ConversationMeta, Device, Feature, Membership, Person, Profile } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { Range } from './ranges.ts'

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
  /** Own watermark, as this device knows it [R1]. */
  readonly readSeq: number
  /** The watermark the server last spoke of. While it is below `readSeq`, this device has something to tell. */
  readonly readSaid: number
  /** Unread text messages of others below the first entry in memory. */
  readonly unreadBelow: number
  /**
   * Only the server can say what `unreadBelow` or `meta` has become: a reset was asked for, or will be. Kept until it has come, for the connection
   * or the device may end before.
   */
  readonly inexact: boolean
  /**
   * Entries in memory: contiguous, ending at `cursor`, at least the tail. Grows backwards as the person scrolls up, and is cut back to the tail
   * when the room is closed.
   */
  readonly entries: readonly MarkedEntry[]
  /** Unread numbers last told by the server, by seq [R4]. None is shown for an entry without one. */
  readonly unread: ReadonlyMap<number, number>
  /** The cursor of the conversation's items: last change applied; 0 before the first [I3]. */
  readonly change: number
  /** Of the stored stretches, those whose marks are as of an older change: they are asked for anew when they are shown [I3]. */
  readonly stale: readonly Range[]
  /** Newest items that no entry here can carry: about entries above the cursor, or about none. */
  readonly loose: readonly HeldItem[]
  /** Entries far from those in memory, as quotes show them, by seq; null: not to be had. */
  readonly apart: ReadonlyMap<number, MarkedEntry | null>
}

export interface ReplicaState {
  readonly epoch: string | null
  /** Whose replica this is; null before the first welcome. */
  readonly accountId: AccountId | null
  /** Cursor in the account log. */
  readonly account: number
  readonly profile: Profile | null
  readonly rooms: ReadonlyMap<ConversationId, Room>
  /** Watermarks of conversations whose room has not come yet. */
  readonly reads: ReadonlyMap<ConversationId, number>
  readonly friends: ReadonlyMap<AccountId, Person>
  /** Everybody whose name this device has learnt, friends included. */
  readonly people: ReadonlyMap<AccountId, Person>
  readonly devices: ReadonlyMap<string, Device>
  /** Entries that this account has erased for itself, by seq. */
  readonly hidden: ReadonlyMap<ConversationId, ReadonlySet<number>>
  /** What the server knows beyond version 1, as it said last [W3]. */
  readonly features: readonly string[]
}

/** The part of the state that LocalStore keeps; `entries` of a room hold the tail only. Plain data, made of what structured clone can copy. */
export type StoredState = ReplicaState

export const EMPTY_STATE: ReplicaState = {
  epoch: null,
  accountId: null,
  account: 0,
  profile: null,
  rooms: new Map(),
  reads: new Map(),
  friends: new Map(),
  people: new Map(),
  devices: new Map(),
  hidden: new Map(),
  features: [],
}

export function withRoom(state: ReplicaState, room: Room): ReplicaState {
  return { ...state, rooms: new Map(state.rooms).set(room.conversationId, room) }
}

/** A room of whose items nothing is known, as stores of older versions hold them. */
export const NO_ITEMS = { change: 0, stale: [], loose: [], apart: new Map() } as const satisfies Partial<Room>

/** The state as a store holds it; one written by an older version lacks the fields that came later. */
export function stateOf(stored: Partial<StoredState>): ReplicaState {
  const rooms = [...(stored.rooms ?? [])].map(([id, room]) => [id, { ...NO_ITEMS, ...room }] as const)
  return { ...EMPTY_STATE, ...stored, rooms: new Map(rooms) }
}

/** Does the server know this feature [W3]? */
export function serverHas(state: Pick<ReplicaState, 'features'>, feature: Feature): boolean {
  return state.features.includes(feature)
}
