import type { AccountId, AccountItem, ConversationId, DownFrameOf, Membership, Person } from '@bongsu/protocol'
import { subjectOf } from '@bongsu/log'
import type { Effect } from './effect.ts'
import { heldItems } from './marked-entry.ts'
import { learn, metaAfter } from './meta.ts'
import { knowPeople } from './people.ts'
import { looseItemsMax, withRoomItems } from './room-items.ts'
import { extend, freshRoom, merge, raise } from './room.ts'
import { EMPTY_STATE, serverHas, withRoom, type ReplicaState, type Room } from './state.ts'

export interface Applied {
  readonly state: ReplicaState
  readonly effects: readonly Effect[]
}

export type ReplicaFrame = DownFrameOf<'welcome' | 'account' | 'entries' | 'items' | 'reset' | 'unread' | 'heads'>

/** Most remembered unread numbers of one room. The oldest are dropped first. */
export const unreadNumbersMax = 4_000

/** The state after one more frame. Pure: the same frames give the same state, however often they arrive [D2, D5]. */
export function apply(state: ReplicaState, frame: ReplicaFrame): Applied {
  switch (frame.t) {
    case 'welcome':
      return applyWelcome(state, frame)
    case 'account':
      return applyAccount(state, frame)
    case 'entries':
      return applyEntries(state, frame)
    case 'items':
      return applyItems(state, frame)
    case 'reset':
      return applyReset(state, frame)
    case 'unread':
      return applyUnread(state, frame)
    case 'heads':
      return applyHeads(state, frame)
    default:
      // A caller without types. The frame is unknown, so nothing changes [W3].
      return { state, effects: [] }
  }
}

/** The sum of all cursors, including those of items when the server counts them, for comparison with the `total` of a heartbeat [D6]. */
export function totalOf(state: ReplicaState): number {
  const withChanges = serverHas(state, 'items')
  let total = 0
  for (const { cursor, change } of state.rooms.values()) total += withChanges ? cursor + change : cursor
  return total
}

function applyWelcome(state: ReplicaState, frame: DownFrameOf<'welcome'>): Applied {
  const { features = [] } = frame
  if (state.epoch === frame.epoch && state.accountId === frame.accountId) {
    if (features.join() === state.features.join()) return { state, effects: [] }
    // A server that said no features left the marks out of the account log: from one that does, it comes anew [I10].
    const account = isAccountLogWhole(state) || !features.includes('items') ? state.account : 0 // [seam: account-log-anew]
    return { state: { ...state, features, account }, effects: [] }
  }
  // Another epoch is another history: its numbers are unrelated to the old ones [D7].
  const effects = [...state.rooms.keys()].map((conversationId): Effect => ({ do: 'drop', conversationId }))
  return { state: { ...EMPTY_STATE, epoch: frame.epoch, accountId: frame.accountId, features }, effects }
}

/** Was the account log told with the marks in it [I10]? */
export function isAccountLogWhole(state: Pick<ReplicaState, 'features'>): boolean {
  return serverHas(state, 'items')
}

function applyAccount(state: ReplicaState, frame: DownFrameOf<'account'>): Applied {
  if (frame.from > state.account) return { state, effects: [{ do: 'resume' }] }
  if (frame.to <= state.account) return { state, effects: [] }
  // Items are newest values, so a repeated one does no harm.
  const effects: Effect[] = []
  const items = frame.items.reduce((before, item) => applyItem(before, item, effects), state)
  return { state: { ...items, account: frame.to }, effects }
}

function applyItem(state: ReplicaState, item: AccountItem, effects: Effect[]): ReplicaState {
  switch (item.kind) {
    case 'profile':
      return knowPeople({ ...state, profile: item.value }, [item.value])
    case 'membership':
      return applyMembership(state, item.key, item.value, effects)
    case 'read':
      return applyRead(state, item.key, item.value.seq, effects)
    case 'friend': {
      const friends = new Map(state.friends)
      if (item.value === null) friends.delete(item.key)
      else friends.set(item.key, item.value)
      return item.value === null ? { ...state, friends } : knowPeople({ ...state, friends }, [item.value])
    }
    case 'added': {
      const added = new Map(state.added)
      if (item.value === null) added.delete(item.key)
      else added.set(item.key, item.value)
      return { ...state, added }
    }
    case 'aside': {
      const aside = new Map(state.aside)
      if (item.value === null) aside.delete(item.key)
      else aside.set(item.key, item.value.seq)
      return { ...state, aside }
    }
    case 'notice': {
      const notices = new Map(state.notices)
      if (item.value === null) notices.delete(item.key)
      else notices.set(item.key, item.value)
      return { ...state, notices }
    }
    case 'request': {
      const requests = new Map(state.requests)
      if (item.value === null) requests.delete(item.key)
      else requests.set(item.key, item.value)
      return { ...state, requests }
    }
    case 'reach':
      return { ...state, reach: item.value.from }
    case 'block':
      return applyBlock(state, item.key, item.value, effects)
    case 'person':
      return knowPeople(state, [item.value])
    case 'device': {
      const devices = new Map(state.devices)
      if (item.value === null) devices.delete(item.key)
      else devices.set(item.key, item.value)
      return { ...state, devices }
    }
    case 'hidden':
      return applyHidden(state, item.key)
    default:
      // A kind unknown to this version [W3].
      return state
  }
}

function applyHidden(state: ReplicaState, key: string): ReplicaState {
  const colon = key.lastIndexOf(':')
  const conversationId = key.slice(0, colon) as ConversationId
  const seq = subjectOf(key.slice(colon + 1))
  if (seq === null) return state
  const seqs = new Set(state.hidden.get(conversationId)).add(seq)
  return { ...state, hidden: new Map(state.hidden).set(conversationId, seqs) }
}

/** Only the server knows how many unread entries below those in memory are of this person. */
function applyBlock(state: ReplicaState, accountId: AccountId, person: Person | null, effects: Effect[]): ReplicaState {
  if (person === null && !state.blocked.has(accountId)) return state
  const blocked = new Map(state.blocked)
  if (person === null) blocked.delete(accountId)
  else blocked.set(accountId, person)
  const rooms = new Map<ConversationId, Room>()
  for (const [conversationId, room] of state.rooms) {
    const isInexact = room.unreadBelow > 0
    if (isInexact) effects.push({ do: 'refresh', conversationId })
    // A new object each: what was computed from a room counted with the blocks of then.
    rooms.set(conversationId, { ...room, inexact: room.inexact || isInexact })
  }
  return { ...state, blocked, rooms }
}

function applyMembership(state: ReplicaState, conversationId: ConversationId, membership: Membership | null, effects: Effect[]): ReplicaState {
  if (membership === null) {
    const reads = new Map(state.reads)
    reads.delete(conversationId)
    return dropRoom({ ...state, reads }, conversationId, effects)
  }
  const room = state.rooms.get(conversationId)
  // A new room is shown only after its `reset`. A membership older than the room's is an echo.
  if (room === undefined || membership.joinedSeq <= room.membership.joinedSeq) return state
  // Left and joined again: earlier entries must not be shown to the new membership.
  const dropped = dropRoom(state, conversationId, effects)
  effects.push({ do: 'refresh', conversationId })
  return dropped
}

function applyRead(state: ReplicaState, conversationId: ConversationId, seq: number, effects: Effect[]): ReplicaState {
  const room = state.rooms.get(conversationId)
  if (room === undefined) {
    if (seq <= (state.reads.get(conversationId) ?? 0)) return state
    return { ...state, reads: new Map(state.reads).set(conversationId, seq) }
  }
  if (seq <= room.readSaid) return state
  const raised = raise({ ...room, readSaid: seq }, seq)
  if (raised.inexact) effects.push({ do: 'refresh', conversationId })
  return withRoom(state, raised)
}

function dropRoom(state: ReplicaState, conversationId: ConversationId, effects: Effect[]): ReplicaState {
  if (!state.rooms.has(conversationId)) return state
  effects.push({ do: 'drop', conversationId })
  const rooms = new Map(state.rooms)
  rooms.delete(conversationId)
  return { ...state, rooms }
}

function applyEntries(state: ReplicaState, frame: DownFrameOf<'entries'>): Applied {
  const { conversationId } = frame
  const room = state.rooms.get(conversationId)
  // [D4] Entries between the cursor and this frame are fetched, never skipped.
  if (room === undefined || frame.after > room.cursor) return { state, effects: [{ do: 'refresh', conversationId }] } // [seam: gap-in-entries]
  // [D2] The part already applied is dropped.
  const entries = frame.entries.slice(room.cursor - frame.after) // [seam: skip-applied]
  if (entries.length === 0) return { state, effects: [] }
  const change = metaAfter(room.meta, entries, state)
  const longer = extend(room, entries)
  const effects: Effect[] = [{ do: 'store', conversationId, entries: longer.entries.slice(-entries.length) }, ...learn(state, entries)]
  if (!change.exact) effects.push({ do: 'refresh', conversationId })
  return { state: withRoom(state, { ...longer, meta: change.meta, inexact: room.inexact || !change.exact }), effects }
}

/** [I3] Items change entries in memory or in the store. The cursor moves only over complete items. */
function applyItems(state: ReplicaState, frame: DownFrameOf<'items'>): Applied {
  const { conversationId, from, to } = frame
  const room = state.rooms.get(conversationId)
  if (room === undefined || from > room.change) return { state, effects: [{ do: 'refresh', conversationId }] } // [seam: gap-in-items]
  if (to <= room.change) return { state, effects: [] }
  const { room: after, changed, elsewhere } = withRoomItems(room, heldItems(frame.items))
  const effects: Effect[] = []
  if (changed.length > 0) effects.push({ do: 'store', conversationId, entries: changed })
  if (elsewhere.length > 0) effects.push({ do: 'mark', conversationId, items: elsewhere })
  if (after.loose.length > looseItemsMax) effects.push({ do: 'refresh', conversationId })
  return { state: withRoom(state, { ...after, change: to, loose: after.loose.slice(-looseItemsMax) }), effects }
}

function applyReset(before: ReplicaState, frame: DownFrameOf<'reset'>): Applied {
  const { conversationId } = frame
  const effects: Effect[] = []
  const known = before.rooms.get(conversationId)
  if (known !== undefined && frame.joinedSeq < known.membership.joinedSeq) return { state: before, effects }
  const rejoined = known !== undefined && frame.joinedSeq > known.membership.joinedSeq
  const state = rejoined ? dropRoom(before, conversationId, effects) : before
  const room = state.rooms.get(conversationId)
  const merged = room === undefined ? freshRoom(frame, state.reads.get(conversationId) ?? 0, state) : merge(room, frame, state)
  if (merged === room) return { state, effects }
  const [first, last] = [frame.entries[0]?.seq ?? Infinity, frame.head]
  const brought = merged.entries.filter(({ seq }) => first <= seq && seq <= last)
  if (brought.length > 0) effects.push({ do: 'store', conversationId, entries: brought })
  const reads = new Map(state.reads)
  reads.delete(conversationId)
  const next = knowPeople({ ...state, reads, rooms: new Map(state.rooms).set(conversationId, merged) }, frame.meta.people)
  return { state: next, effects: [...effects, ...learn(next, frame.entries)] }
}

function applyUnread(state: ReplicaState, frame: DownFrameOf<'unread'>): Applied {
  const room = state.rooms.get(frame.conversationId)
  if (room === undefined) return { state, effects: [] }
  const unread = new Map(room.unread)
  frame.counts.forEach((count, index) => {
    unread.delete(frame.from + index)
    unread.set(frame.from + index, count)
  })
  for (const seq of unread.keys()) {
    if (unread.size <= unreadNumbersMax) break
    unread.delete(seq)
  }
  return { state: withRoom(state, { ...room, unread }), effects: [] }
}

function applyHeads(state: ReplicaState, frame: DownFrameOf<'heads'>): Applied {
  const heads = new Map(frame.heads)
  const effects: Effect[] = []
  if (frame.account > state.account) effects.push({ do: 'expect', account: frame.account })
  const changes = new Map(frame.changes)
  for (const [conversationId, head] of heads) {
    const room = state.rooms.get(conversationId)
    const isBehind = room?.cursor !== head || (changes.get(conversationId) ?? 0) > room.change
    if (isBehind) effects.push({ do: 'refresh', conversationId })
  }
  // With equal account heads both sides have the same memberships, so a room without a head was left.
  const gone = frame.account === state.account ? [...state.rooms.keys()].filter((conversationId) => !heads.has(conversationId)) : []
  return { state: gone.reduce((before, conversationId) => dropRoom(before, conversationId, effects), state), effects }
}
