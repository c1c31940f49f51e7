import type {
  AccountId,
  Added,
  ConversationId,
  ConversationMeta,
  Device,
  Feature,
  Membership,
  Person,
  Profile,
  Reach,
  Request,
} from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { Range } from './ranges.ts'

/** One conversation as known to this device. */
export interface Room {
  readonly conversationId: ConversationId
  readonly membership: Membership
  /** As of the last applied seq. */
  readonly meta: ConversationMeta
  /** The cursor: last applied seq, the `last` of the newest range. */
  readonly cursor: number
  /** Stored stretches, rising, never touching. Between two of them is a gap that history fills [D4]. */
  readonly ranges: readonly Range[]
  /** Own watermark, as known to this device [R1]. */
  readonly readSeq: number
  /** The last watermark from the server. While it is below `readSeq`, this device has something to tell. */
  readonly readSaid: number
  /** Unread text messages of others below the first entry in memory. */
  readonly unreadBelow: number
  /**
   * Only the server knows the new `unreadBelow` or `meta`: a reset was requested, or will be. Kept until it has arrived, because the connection or
   * the device may end before.
   */
  readonly inexact: boolean
  /**
   * Entries in memory: contiguous, ending at `cursor`, at least the tail. They grow backwards when the person scrolls up, and are cut to the tail
   * when the room is closed.
   */
  readonly entries: readonly MarkedEntry[]
  /** Last unread numbers from the server, by seq [R4]. An entry without one shows none. */
  readonly unread: ReadonlyMap<number, number>
  /** The cursor of the conversation's items: last applied change; 0 before the first [I3]. */
  readonly change: number
  /** Stored stretches whose marks are of an older change. They are requested again when shown [I3]. */
  readonly stale: readonly Range[]
  /** Newest items without an entry here: about entries above the cursor, or about none. */
  readonly loose: readonly HeldItem[]
  /** Entries far from those in memory, loaded for quotes, by seq; null: unavailable. */
  readonly apart: ReadonlyMap<number, MarkedEntry | null>
}

export interface ReplicaState {
  readonly epoch: string | null
  /** The account of the replica; null before the first welcome. */
  readonly accountId: AccountId | null
  /** Cursor in the account log. */
  readonly account: number
  readonly profile: Profile | null
  readonly rooms: ReadonlyMap<ConversationId, Room>
  /** Watermarks of conversations whose room has not arrived yet. */
  readonly reads: ReadonlyMap<ConversationId, number>
  readonly friends: ReadonlyMap<AccountId, Person>
  /** Everybody whose name this device knows, friends included. */
  readonly people: ReadonlyMap<AccountId, Person>
  /** Whom this account has blocked, as they were named then [B1]. */
  readonly blocked: ReadonlyMap<AccountId, Person>
  /** Who has added this account as a friend, and was neither added nor put away yet [B45]. */
  readonly added: ReadonlyMap<AccountId, Added>
  /** People who wait to be let in, by the conversation that they opened [B40]. */
  readonly requests: ReadonlyMap<ConversationId, Request>
  /** Who reaches this account without being asked [B40]. */
  readonly reach: Reach
  readonly devices: ReadonlyMap<string, Device>
  /** Conversations that this account has put aside, and the last entry then [B5]. */
  readonly aside: ReadonlyMap<ConversationId, number>
  /** Warnings of staff that were not put away yet, by their ids [B57]. */
  readonly notices: ReadonlyMap<string, Notice>
  /** Entries that this account has erased for itself, by seq. */
  readonly hidden: ReadonlyMap<ConversationId, ReadonlySet<number>>
  /** Features of the server beyond version 1, as last stated [W3]. */
  readonly features: readonly string[]
  /** The server's last statement of how far its history has come, as it was sent; null before the first [A7]. */
  readonly told: readonly [lineage: string, tide: string] | null
}

export interface Notice {
  /** Epoch ms. */
  readonly at: number
  /** With `report`: words for apps that do not know it. */
  readonly text: string
  /** What became of something that this account reported [B80]. */
  readonly report?: 'acted' | 'none'
}

/** The part of the state that LocalStore keeps; `entries` of a room hold the tail only. Plain data that structured clone can copy. */
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
  blocked: new Map(),
  added: new Map(),
  aside: new Map(),
  notices: new Map(),
  requests: new Map(),
  reach: 'everyone',
  devices: new Map(),
  hidden: new Map(),
  features: [],
  told: null,
}

export function withRoom(state: ReplicaState, room: Room): ReplicaState {
  return { ...state, rooms: new Map(state.rooms).set(room.conversationId, room) }
}

/** A room without knowledge of its items, as stored by older versions. */
export const NO_ITEMS = { change: 0, stale: [], loose: [], apart: new Map() } as const satisfies Partial<Room>

/** The state from a store. A state written by an older version lacks newer fields. */
export function stateOf(stored: Partial<StoredState>): ReplicaState {
  const rooms = [...(stored.rooms ?? [])].map(([id, room]) => [id, { ...NO_ITEMS, ...room }] as const)
  // A version that did not know blocks, what is aside, requests, warnings, or who added it, has passed over them: the account log comes from the beginning.
  const { blocked, aside, requests, notices, added } = stored
  const anew = [blocked, aside, requests, notices, added].includes(undefined) ? { account: 0 } : {}
  return { ...EMPTY_STATE, ...stored, ...anew, rooms: new Map(rooms) }
}

/** For whom something is shown or counted: nothing of one's own counts as unread, and nothing of blocked people is shown or counted [B3]. */
export type Viewer = Pick<ReplicaState, 'accountId' | 'blocked'>

/** Whether the server has this feature [W3]. */
export function serverHas(state: Pick<ReplicaState, 'features'>, feature: Feature): boolean {
  return state.features.includes(feature)
}
