import { countsAsUnread, entryKind, type AccountId, type ConversationId, type MarkName, type MarkValue } from '@bongsu/protocol'
import { subjectOf } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'
import type { OutboxItem } from './ports.ts'
import type { ReplicaState, Room } from './state.ts'
import { countUnread } from './room.ts'

/** Unread entries of others in a room: the number on its badge. */
export function unreadCount(room: Room, me: AccountId | null): number {
  return room.unreadBelow + countUnread(room.entries, room.readSeq, me)
}

/** The number on the app's badge. */
export function totalUnread(state: ReplicaState): number {
  let total = 0
  for (const room of state.rooms.values()) total += unreadCount(room, state.accountId)
  return total
}

const NOTHING_HIDDEN: Pick<ReplicaState, 'hidden'> = { hidden: new Map() }

/**
 * The entry shown under a room's name in the list: the last thing said, or, when nothing said is in memory, the last event. Entries that this account
 * has erased for itself are skipped.
 */
export function lastEntry(room: Room, state: Pick<ReplicaState, 'hidden'> = NOTHING_HIDDEN): MarkedEntry | null {
  const hidden = state.hidden.get(room.conversationId)
  const shown = hidden === undefined ? room.entries : room.entries.filter(({ seq }) => !hidden.has(seq))
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
  return (marks.find(({ kind }) => kind === wanted)?.value ?? null) as MarkValue<Kind> | null
}

export interface Reactions {
  readonly emoji: string
  /** The accounts with this reaction, in the order in which they reacted. */
  readonly accounts: readonly AccountId[]
  readonly isMine: boolean
}

/** Reactions to an entry by emoji, in the order of their first use. */
export function reactionsOf({ marks = [] }: MarkedEntry, me: AccountId | null): readonly Reactions[] {
  const byEmoji = new Map<string, AccountId[]>()
  const inOrder = marks.filter(({ kind, value }) => kind === 'reaction' && value !== null).toSorted((a, b) => a.change - b.change)
  for (const { key, value } of inOrder) {
    const { emoji } = value as MarkValue<'reaction'>
    const accountId = key.slice(`${subjectOf(key)}:`.length) as AccountId
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

/** A room's name; null for the conversation with oneself, which the screen names in its own language. '' when nobody else is in a group. */
export function roomTitle(room: Room, me: AccountId | null): string | null {
  if (room.meta.kind === 'self') return null
  if (room.meta.kind === 'group' && room.meta.title !== '') return room.meta.title
  return room.meta.people
    .filter((person) => person.accountId !== me && person.displayName !== '')
    .map((person) => person.displayName)
    .join(', ')
}

/** Rooms for the list, latest activity first. Waiting outbox entries count as activity. A direct conversation without any message is left out. */
export function sortedRooms(state: ReplicaState, outbox: readonly Pick<OutboxItem, 'conversationId' | 'writtenAt'>[]): readonly Room[] {
  const written = new Map<ConversationId, number>()
  for (const item of outbox) written.set(item.conversationId, Math.max(item.writtenAt, written.get(item.conversationId) ?? 0))
  const listed: { room: Room; at: number }[] = []
  for (const room of state.rooms.values()) {
    const waits = written.get(room.conversationId)
    if (room.meta.kind === 'direct' && room.cursor <= 1 && waits === undefined) continue
    listed.push({ room, at: Math.max(room.entries.at(-1)?.acceptedAt ?? 0, waits ?? 0) })
  }
  // Ids decide equal times, so that the order is the same on every device.
  return listed.toSorted((a, b) => b.at - a.at || (a.room.conversationId < b.room.conversationId ? -1 : 1)).map(({ room }) => room)
}
