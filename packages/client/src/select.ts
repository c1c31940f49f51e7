import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import type { OutboxItem } from './ports.ts'
import type { ReplicaState, Room } from './state.ts'
import { countUnread } from './room.ts'

/** Unread text messages of others in a room: the number on its badge. */
export function unreadCount(room: Room, me: AccountId | null): number {
  return room.unreadBelow + countUnread(room.entries, room.readSeq, me)
}

/** The number on the app's badge. */
export function totalUnread(state: ReplicaState): number {
  let total = 0
  for (const room of state.rooms.values()) total += unreadCount(room, state.accountId)
  return total
}

/** What stands under a room's name in the list: its last text, or, where none is in memory, whatever happened last. */
export function lastEntry(room: Room): Entry | null {
  return room.entries.findLast((entry) => entry.body.kind === 'text') ?? room.entries.at(-1) ?? null
}

/** The number beside an entry: how many have not read it [R4]. 0 until the server has told it: a number that might be wrong is not shown. */
export function unreadNumber(room: Room, entry: Entry): number {
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

/**
 * Rooms for the list, the one where something last happened first; what waits in the outbox counts as happened.
 * A direct conversation in which nobody has said anything yet is not in it.
 */
export function sortedRooms(state: ReplicaState, outbox: readonly OutboxItem[]): readonly Room[] {
  const written = new Map<ConversationId, number>()
  for (const item of outbox) written.set(item.conversationId, Math.max(item.writtenAt, written.get(item.conversationId) ?? 0))
  const listed: { room: Room; at: number }[] = []
  for (const room of state.rooms.values()) {
    const waits = written.get(room.conversationId)
    if (room.meta.kind === 'direct' && room.cursor <= 1 && waits === undefined) continue
    listed.push({ room, at: Math.max(room.entries.at(-1)?.acceptedAt ?? 0, waits ?? 0) })
  }
  // Ids settle equal times, so that the order is the same on every device.
  return listed.toSorted((a, b) => b.at - a.at || (a.room.conversationId < b.room.conversationId ? -1 : 1)).map(({ room }) => room)
}
