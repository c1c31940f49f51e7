import type { AccountId, DownFrameOf, Entry } from '@bongsu/protocol'
import { addRange, type Range } from './ranges.ts'
import type { Room } from './state.ts'

/** The seq of the first entry in memory; without any, the one that would come next. */
export function firstInMemory(room: Room): number {
  return room.entries[0]?.seq ?? room.cursor + 1
}

/** Text messages of others above the watermark. */
export function countUnread(entries: readonly Entry[], readSeq: number, me: AccountId | null): number {
  let count = 0
  for (const entry of entries) if (entry.seq > readSeq && entry.body.kind === 'text' && entry.author !== me) count++
  return count
}

/** The room with entries that follow its cursor directly. */
export function extend(room: Room, entries: readonly Entry[]): Room {
  const range = rangeOf(entries)
  return range === null ? room : { ...room, cursor: range.last, entries: [...room.entries, ...entries], ranges: addRange(room.ranges, range) }
}

/** The room with a stretch of older entries, kept at least in its ranges; in memory too when they join up with what is there. */
export function prepend(room: Room, older: readonly Entry[], me: AccountId | null): Room {
  const range = rangeOf(older)
  if (range === null) return room
  const stored = { ...room, ranges: addRange(room.ranges, range) }
  const below = older.filter((entry) => entry.seq < firstInMemory(room))
  if (below.length === 0 || range.last < firstInMemory(room) - 1) return stored
  const atBeginning = (below[0]?.seq ?? 0) <= room.membership.joinedSeq
  const unreadBelow = atBeginning ? 0 : Math.max(0, room.unreadBelow - countUnread(below, room.readSeq, me))
  return { ...stored, entries: [...below, ...room.entries], unreadBelow }
}

/** The room with only its newest `tail` entries in memory. */
export function cutToTail(room: Room, tail: number, me: AccountId | null): Room {
  if (room.entries.length <= tail) return room
  const cut = room.entries.length - tail
  const first = room.entries[cut]?.seq ?? room.cursor + 1
  return {
    ...room,
    entries: room.entries.slice(cut),
    unreadBelow: room.unreadBelow + countUnread(room.entries.slice(0, cut), room.readSeq, me), // [seam: unread-of-cut]
    unread: new Map([...room.unread].filter(([seq]) => seq >= first)),
  }
}

/** The room with nothing of its entries, and so with none to count: a reset brings the newest and history the rest, or a resume all of them. */
export function emptied(room: Room): Room {
  return { ...room, cursor: 0, ranges: [], entries: [], unread: new Map(), unreadBelow: 0 }
}

/**
 * The room with a watermark of at least `seq` [R1]. One that the server tells may lie above the cursor: the entries below it are on their way.
 * Where it comes to stand somewhere below memory, only the server can say how many unread lie above it.
 */
export function raise(room: Room, seq: number): Room {
  const readSeq = Math.max(room.readSeq, seq) // [seam: raise-mark]
  if (readSeq >= firstInMemory(room) - 1) return { ...room, readSeq, unreadBelow: 0 }
  return { ...room, readSeq, inexact: room.inexact || (readSeq > room.readSeq && room.unreadBelow > 0) }
}

/** A room that was not known before. */
export function freshRoom(frame: DownFrameOf<'reset'>, readSeq: number, me: AccountId | null): Room {
  const { conversationId, head, joinedSeq, meta } = frame
  const nothing: Room = {
    conversationId,
    membership: { conversationId, kind: meta.kind, joinedSeq },
    meta,
    cursor: 0,
    ranges: [],
    readSeq,
    readSaid: 0,
    unreadBelow: 0,
    inexact: false,
    entries: [],
    unread: new Map(),
  }
  return head === 0 ? nothing : merge(nothing, frame, me)
}

/** The room with the own watermark raised by the person, who has read no more than there is [R2]. */
export function markRead(room: Room, seq: number, me: AccountId | null): Room {
  const raised = raise(room, Math.min(seq, room.cursor)) // [seam: mark-bound]
  if (raised.readSeq === room.readSeq) return room
  // Whoever reads is one fewer who has not, at once on the own screen; the server's next word says the same.
  const unread = new Map(room.unread)
  for (const entry of room.entries) {
    const told = unread.get(entry.seq) ?? 0
    if (told > 0 && entry.author !== me && entry.seq > room.readSeq && entry.seq <= raised.readSeq) unread.set(entry.seq, told - 1)
  }
  return { ...raised, unread }
}

/**
 * A room made anew from a reset. Where the newest entries join up with what is in memory the two become one; otherwise memory holds
 * the new ones, and the old stay in their ranges with a gap between [D4]. A reset older than what is known changes nothing that is newer.
 */
export function merge(room: Room, frame: DownFrameOf<'reset'>, me: AccountId | null): Room {
  const first = frame.entries[0]?.seq ?? frame.head + 1
  const joins = first <= room.cursor + 1 && firstInMemory(room) <= frame.head + 1
  if (!joins && frame.head < room.cursor) return room
  const kept = joins ? room.entries : []
  const entries = [...kept.filter((entry) => entry.seq < first), ...frame.entries, ...kept.filter((entry) => entry.seq > frame.head)]
  const range = rangeOf(frame.entries)
  const merged: Room = {
    ...room,
    meta: frame.head >= room.cursor ? frame.meta : room.meta,
    cursor: Math.max(room.cursor, frame.head),
    ranges: range === null ? room.ranges : addRange(room.ranges, range), // [seam: ranges-of-reset]
    readSaid: Math.max(room.readSaid, frame.readSeq),
    inexact: room.inexact && frame.head < room.cursor,
    entries,
    // The frame counts up to its own first entry; what memory holds below that is counted there.
    unreadBelow: Math.max(
      0,
      frame.unreadBelow - // [seam: unread-below-reset]
        countUnread(
          entries.filter((entry) => entry.seq < first),
          frame.readSeq,
          me,
        ),
    ),
  }
  // A mark of its own that the server did not know yet may lie above what it counted by.
  return raise({ ...merged, readSeq: frame.readSeq }, room.readSeq)
}

function rangeOf(entries: readonly Entry[]): Range | null {
  const first = entries[0]
  const last = entries.at(-1)
  return first === undefined || last === undefined ? null : { first: first.seq, last: last.seq }
}
