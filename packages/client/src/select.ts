import {
  countsAsUnread,
  entryKind,
  type AccountId,
  type Added,
  type ConversationId,
  type MarkName,
  type MarkValue,
  type Request,
} from '@bongsu/protocol'
import { subjectOf } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { OutboxItem } from './ports.ts'
import type { ReplicaState, Room, Viewer } from './state.ts'
import { countUnread } from './room.ts'

/** Unread entries of others in a room: the number on its badge. */
export function unreadCount(room: Room, viewer: Viewer): number {
  return isShut(room, viewer) ? 0 : room.unreadBelow + countUnread(room.entries, room.readSeq, viewer)
}

/** A conversation of two with a blocked person: in no list, and counted nowhere [B3]. */
export function isShut({ meta }: Room, { blocked }: Viewer): boolean {
  return meta.kind === 'direct' && meta.people.some(({ accountId }) => blocked.has(accountId))
}

/** The number on the app's badge. */
export function totalUnread(state: ReplicaState): number {
  let total = 0
  for (const room of state.rooms.values()) total += unreadCount(room, state)
  return total
}

const NOTHING_HIDDEN: Pick<ReplicaState, 'hidden' | 'blocked'> = { hidden: new Map(), blocked: new Map() }

/**
 * The entry shown under a room's name in the list: the last thing said, or, when nothing said is in memory, the last event. Entries that this account
 * has erased for itself, and those of blocked people, are skipped.
 */
export function lastEntry(room: Room, state: Pick<ReplicaState, 'hidden' | 'blocked'> = NOTHING_HIDDEN): MarkedEntry | null {
  const hidden = state.hidden.get(room.conversationId)
  const { blocked } = state
  const isWhole = hidden === undefined && blocked.size === 0
  const shown = isWhole ? room.entries : room.entries.filter(({ seq, author }) => hidden?.has(seq) !== true && !blocked.has(author))
  return shown.findLast(({ body }) => countsAsUnread(body.kind)) ?? shown.at(-1) ?? null
}

/** Whether this account has erased the entry for itself. */
export function isHidden(state: Pick<ReplicaState, 'hidden'>, conversationId: ConversationId, seq: number): boolean {
  return state.hidden.get(conversationId)?.has(seq) === true
}

/** Whether the author has erased the entry for everyone. */
export function isErased({ body }: MarkedEntry): boolean {
  return body.kind === 'erased'
}

/** Whether an entry can be answered or have marks: it was said, and it still exists. */
export function isSaid(entry: MarkedEntry): boolean {
  return !isErased(entry) && entryKind(entry.body.kind)?.class === 'said'
}

/** The text of an entry after its author's last edit; null for an entry without text. */
export function textOf({ body }: MarkedEntry): string | null {
  return body.kind === 'text' ? body.text : null
}

/** Time of the author's last edit, epoch ms of the server's clock; null for none. */
export function editedAt(entry: MarkedEntry): number | null {
  return markOf(entry, 'edit')?.editedAt ?? null
}

/** Whether the entry has this mark now. */
export function hasMark(entry: MarkedEntry, kind: MarkName): boolean {
  return markOf(entry, kind) !== null
}

function markOf<Kind extends MarkName>({ marks = [] }: MarkedEntry, wanted: Kind): MarkValue<Kind> | null {
  return marks.find(({ kind }) => kind === wanted)?.value ?? null
}

export interface Reactions {
  readonly emoji: string
  /** The accounts with this reaction, in the order in which they reacted. */
  readonly accounts: readonly AccountId[]
  readonly isMine: boolean
}

const NOBODY: Viewer['blocked'] = new Map()

/** Reactions to an entry by emoji, in the order of their first use, without those of blocked people. */
export function reactionsOf({ marks = [] }: MarkedEntry, me: AccountId | null, blocked = NOBODY): readonly Reactions[] {
  const byEmoji = new Map<string, AccountId[]>()
  const inOrder = marks.filter(({ kind, value }) => kind === 'reaction' && value !== null).toSorted((a, b) => a.change - b.change)
  for (const { key, value } of inOrder) {
    const { emoji } = value as MarkValue<'reaction'>
    const accountId = key.slice(`${subjectOf(key)}:`.length) as AccountId
    if (blocked.has(accountId)) continue
    const accounts = byEmoji.get(emoji)
    if (accounts === undefined) byEmoji.set(emoji, [accountId])
    else accounts.push(accountId)
  }
  return [...byEmoji].map(([emoji, accounts]) => ({ emoji, accounts, isMine: me !== null && accounts.includes(me) }))
}

/**
 * The unread number beside an entry: how many have not read it [R4]. 0 until the server has sent it, because a possibly wrong number is not shown.
 */
export function unreadNumber(room: Room, entry: Pick<MarkedEntry, 'seq'>): number {
  return room.unread.get(entry.seq) ?? 0
}

/** A room's name; null for the conversation with oneself, which the screen names in its own language. '' when nobody else is in a group. Blocked people name no group. */
export function roomTitle(room: Room, { accountId: me, blocked }: Viewer): string | null {
  if (room.meta.kind === 'self') return null
  if (room.meta.kind === 'group' && room.meta.title !== '') return room.meta.title
  return room.meta.people
    .filter(({ accountId, displayName }) => accountId !== me && displayName !== '' && (room.meta.kind === 'direct' || !blocked.has(accountId)))
    .map((person) => person.displayName)
    .join(', ')
}

/** People who wait to be let in, the newest first [B40]. Blocked people do not. */
export function waitingRequests({ requests, blocked }: Pick<ReplicaState, 'requests' | 'blocked'>): readonly (Request & {
  readonly conversationId: ConversationId
})[] {
  return [...requests]
    .filter(([, { from }]) => !blocked.has(from.accountId))
    .map(([conversationId, request]) => ({ ...request, conversationId }))
    .toSorted((a, b) => b.at - a.at || (a.conversationId < b.conversationId ? -1 : 1))
}

/** Who has added this account as a friend, the newest first [B45]. Blocked people are not shown. */
export function addedBy({ added, blocked }: Pick<ReplicaState, 'added' | 'blocked'>): readonly Added[] {
  return [...added.values()].filter(({ from }) => !blocked.has(from.accountId)).toSorted((a, b) => b.at - a.at)
}

/** A direct conversation in which nothing was said yet, or since this account left it [B4]. */
function isUnsaid({ meta, membership, cursor }: Room): boolean {
  return meta.kind === 'direct' && cursor < Math.max(2, membership.joinedSeq)
}

/** Whether the room was put aside, and nothing that counts has come since [B5]. */
export function isAside(room: Room, { aside, blocked }: Pick<ReplicaState, 'aside' | 'blocked'>): boolean {
  const seq = aside.get(room.conversationId)
  if (seq === undefined || room.cursor > seq + room.entries.length) return false
  return !room.entries.some((entry) => entry.seq > seq && countsAsUnread(entry.body.kind) && !blocked.has(entry.author))
}

/** Rooms for the list, latest activity first. Waiting outbox entries count as activity. Left out are direct conversations in which nothing was said, and, unless they are searched for too, rooms that were put aside. */
export function sortedRooms(
  state: ReplicaState,
  outbox: readonly Pick<OutboxItem, 'conversationId' | 'writtenAt'>[],
  withAside = false,
): readonly Room[] {
  const written = new Map<ConversationId, number>()
  for (const item of outbox) written.set(item.conversationId, Math.max(item.writtenAt, written.get(item.conversationId) ?? 0))
  const listed: { room: Room; at: number }[] = []
  for (const room of state.rooms.values()) {
    const waits = written.get(room.conversationId)
    if (isShut(room, state) || (waits === undefined && ((!withAside && isAside(room, state)) || isUnsaid(room)))) continue
    const last = room.entries.findLast(({ author }) => !state.blocked.has(author)) ?? room.entries[0]
    listed.push({ room, at: Math.max(last?.acceptedAt ?? 0, waits ?? 0) })
  }
  // Ids decide equal times, so that the order is the same on every device.
  return listed.toSorted((a, b) => b.at - a.at || (a.room.conversationId < b.room.conversationId ? -1 : 1)).map(({ room }) => room)
}
