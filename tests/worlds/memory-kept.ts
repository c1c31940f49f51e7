import { consentOf, ownedBy, type AppendFacts, type EntryWrite, type KnownAct, type RoomState } from '@bongsu/log'
import type { AccountId, AccountItem, Consent, ConversationId, ConversationKind, DeviceId, Entry, Person } from '@bongsu/protocol'
import type { Heads } from '../../apps/server/src/conversation/log-store.ts'
import type { Start } from '../../apps/server/src/delivery/history-store.ts'

export interface Account {
  person: Person
  head: number
  /** The newest value of each (kind, key), in the order of their last change. */
  readonly items: Map<string, { readonly change: number; readonly item: AccountItem }>
}

export interface Member {
  readonly joinedSeq: number
  watermark: number
  /** Has not let in the person who opened it [B40]. */
  readonly waiting: boolean
}

export interface Conversation {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  title: string
  /** Who owns it; null: nothing was chosen. */
  state: RoomState | null
  /** Last change of the items. */
  change: number
  readonly entries: Entry[]
  readonly members: Map<AccountId, Member>
  /** Removed, and may not come back. */
  readonly barred: Set<AccountId>
  /** The newest value of each, by kind and key. */
  readonly items: Map<string, StoredItem>
}

export interface Known {
  readonly conversationId: ConversationId
  readonly seq: number
  /** Canonical text of what was asked for; null once the entry was rewritten. */
  readonly asked: string | null
}

export interface StoredItem {
  readonly kind: string
  readonly key: string
  readonly change: number
  /** JSON, or null: taken back. */
  readonly value: string | null
}

/** The starts of servers on this store, and where conversations stood when one wrote to them for the first time [A7]. */
interface KeptStarts {
  /** The newest first. */
  list: Start[]
  readonly heads: Map<ConversationId, Map<number, Heads>>
}

/** Plain data, so that a copy is a copy. */
export interface Kept {
  readonly accounts: Map<AccountId, Account>
  readonly rooms: Map<ConversationId, Conversation>
  readonly direct: Map<string, ConversationId>
  readonly known: Map<string, Known>
  readonly acts: Map<string, KnownAct>
  readonly forgotten: Set<DeviceId>
  /** The histories this one goes back to by a restore, and where each conversation stood then; the lowest, if more than once [A4]. */
  readonly restoredFrom: Set<string>
  readonly restoredHeads: Map<ConversationId, Heads>
  readonly starts: KeptStarts
}

export function nothingKept(): Kept {
  return {
    accounts: new Map(),
    rooms: new Map(),
    direct: new Map(),
    known: new Map(),
    acts: new Map(),
    forgotten: new Set(),
    restoredFrom: new Set(),
    restoredHeads: new Map(),
    starts: { list: [{ start: 1, id: 'start001', written: 0 }], heads: new Map() },
  }
}

/** Whom an account has blocked. */
export function blockedBy({ accounts }: Kept, accountId: AccountId): ReadonlySet<AccountId> {
  const items = [...(accounts.get(accountId)?.items.values() ?? [])].map(({ item }) => item)
  return new Set(items.flatMap(({ kind, key, value }) => (kind === 'block' && value !== null ? [key] : [])))
}

/** The member, unless they wait to let the other one in. */
export function memberOf(room: Conversation | undefined, accountId: AccountId): Member | undefined {
  const member = room?.members.get(accountId)
  return member?.waiting === true ? undefined : member
}

/** Whether an account lets the other one in [B40]. */
export function consentIn({ accounts, rooms }: Kept, accountId: AccountId, author: AccountId): Consent {
  const items = [...(accounts.get(accountId)?.items.values() ?? [])].map(({ item }) => item)
  const reach = items.find((item) => item.kind === 'reach')
  if (reach === undefined) return 'free'
  return consentOf(
    {
      reach: reach.value.from,
      isFriend:
        accounts.get(author)?.person.staff === true || items.some(({ kind, key, value }) => kind === 'friend' && key === author && value !== null),
      isAcquainted: [...rooms.values()].some((room) => memberOf(room, accountId) !== undefined && memberOf(room, author) !== undefined),
      waiting: items.flatMap((item) => (item.kind === 'request' && item.value !== null ? [item.value.from.accountId] : [])),
    },
    author,
  )
}

/** What became of a request for the account to come into a room. */
export function askedIn({ accounts }: Kept, accountId: AccountId, room: Conversation | null): 'never' | 'waits' | 'decided' {
  const held = accounts.get(accountId)?.items.get(`request:${room?.conversationId}`)
  return held === undefined ? 'never' : held.item.value === null ? 'decided' : 'waits'
}

export function currentOf(
  held: { readonly change: number; readonly item: AccountItem } | undefined,
): { readonly value: string | null; readonly change: number } | null {
  return held === undefined ? null : { value: held.item.value === null ? null : JSON.stringify(held.item.value), change: held.change }
}

/** Who owns a group. */
export function ownersOf({ kind, entries, members, state }: Conversation): ReturnType<typeof ownedBy> {
  const host = state?.host ?? entries[0]?.author
  return kind === 'group' ? ownedBy(state, host !== undefined && members.has(host) ? host : null) : {}
}

/** The member with the lowest joinedSeq, and of several the one with the lowest id, without this account. */
function oldestBut({ members }: Conversation, except: AccountId): AccountId | null {
  const others = [...members].filter(([accountId]) => accountId !== except)
  return others.toSorted(([a, one], [b, other]) => one.joinedSeq - other.joinedSeq || (a < b ? -1 : 1))[0]?.[0] ?? null
}

export function newRoom(conversationId: ConversationId, kind: ConversationKind, title: string): Conversation {
  return { conversationId, kind, title, state: null, change: 0, entries: [], members: new Map(), barred: new Set(), items: new Map() }
}

/** What the rules need to know of who owns a room. */
export function ownFacts(room: Conversation | undefined, author: AccountId): Pick<AppendFacts, 'maker' | 'oldest' | 'barred'> {
  if (room === undefined) return { maker: null, oldest: null, barred: 0 }
  return { maker: room.entries[0]?.author ?? null, oldest: oldestBut(room, author), barred: room.barred.size }
}

/** Who owns the room after an entry, and who may not come back. */
export function obey(room: Conversation, { state, bars, unbars }: EntryWrite): void {
  if (state !== null) room.state = state // [seam: memory-room-state]
  for (const accountId of bars) room.barred.add(accountId)
  for (const accountId of unbars) room.barred.delete(accountId)
}
