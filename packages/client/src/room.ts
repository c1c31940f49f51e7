import { countsAsUnread, type AccountId, type DownFrameOf, type Entry } from '@bongsu/protocol'
import { subjectOf, type HeldItem } from '@bongsu/log'
import { heldItems, marked, newerThan, withItems, type MarkedEntry } from './marked-entry.ts'
import { addRange, cutOut, type Range } from './ranges.ts'
import { NO_ITEMS, type Room, type Viewer } from './state.ts'

/** The seq of the first entry in memory. Without entries, the seq of the next one. */
export function firstInMemory(room: Room): number {
  return room.entries[0]?.seq ?? room.cursor + 1
}

/** The entry in memory, or among the separately loaded ones. */
export function entryAt(room: Room, seq: number): MarkedEntry | undefined {
  return room.entries[seq - firstInMemory(room)] ?? room.apart.get(seq) ?? undefined
}

/** Entries of others above the watermark that count as unread. */
export function countUnread(entries: readonly Entry[], readSeq: number, { accountId, blocked }: Viewer): number {
  let count = 0
  for (const { seq, author, body } of entries) {
    if (seq > readSeq && countsAsUnread(body.kind) && author !== accountId && !blocked.has(author)) count++
  }
  return count
}

/** The room with entries that directly follow its cursor. Items about them may have arrived before them. */
export function extend(room: Room, entries: readonly Entry[]): Room {
  const range = rangeOf(entries)
  if (range === null) return room
  const followed = [...room.entries, ...marked(entries, room.loose)]
  return { ...room, cursor: range.last, entries: followed, ranges: addRange(room.ranges, range), loose: looseAbove(room, range.last) }
}

/** Items of the room that still have no entry when the cursor is there. */
function looseAbove({ loose }: Room, cursor: number): Room['loose'] {
  return loose.filter(({ key }) => (subjectOf(key) ?? Infinity) > cursor)
}

/**
 * The room with a stretch of older entries: at least in its ranges, and in memory when it connects with the present ones.
 * @param isAsOfNow the server has just sent them with their marks: they replace those in memory and are no longer outdated.
 */
export function prepend(room: Room, older: readonly MarkedEntry[], viewer: Viewer, isAsOfNow: boolean): Room {
  const range = rangeOf(older)
  if (range === null) return room
  const stored = isAsOfNow ? renewed(room, older, range) : { ...room, ranges: addRange(room.ranges, range) }
  const below = older.filter((entry) => entry.seq < firstInMemory(room))
  if (below.length === 0 || range.last < firstInMemory(room) - 1) return stored
  const first = below[0]?.seq ?? 0
  const hasAllUnread = first <= room.readSeq + 1 || first <= room.membership.joinedSeq
  const unreadBelow = hasAllUnread ? 0 : Math.max(0, room.unreadBelow - countUnread(below, room.readSeq, viewer))
  return { ...stored, entries: [...below, ...stored.entries], unreadBelow }
}

function renewed(room: Room, entries: readonly MarkedEntry[], range: Range): Room {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]))
  const isInMemory = range.last >= firstInMemory(room)
  return {
    ...room,
    ranges: addRange(room.ranges, range),
    stale: cutOut(room.stale, range),
    entries: isInMemory ? room.entries.map((entry) => bySeq.get(entry.seq) ?? entry) : room.entries,
    apart: new Map([...room.apart].map(([seq, entry]) => [seq, bySeq.get(seq) ?? entry])),
  }
}

/** The room with only its newest `tail` entries in memory. */
export function cutToTail(room: Room, tail: number, viewer: Viewer): Room {
  if (room.entries.length <= tail) return room
  const cut = room.entries.length - tail
  const first = room.entries[cut]?.seq ?? room.cursor + 1
  return {
    ...room,
    entries: room.entries.slice(cut),
    unreadBelow: room.unreadBelow + countUnread(room.entries.slice(0, cut), room.readSeq, viewer), // [seam: unread-of-cut]
    unread: new Map([...room.unread].filter(([seq]) => seq >= first)),
  }
}

/** The room without entries, and so without unread ones: a reset brings the newest and history the rest, or a resume all of them. */
export function emptied(room: Room): Room {
  return { ...room, ...NO_ITEMS, cursor: 0, ranges: [], entries: [], unread: new Map(), unreadBelow: 0 }
}

/**
 * The room with a watermark of at least `seq` [R1]. A watermark from the server may be above the cursor: the entries below it are on their way. When
 * it is somewhere below memory, only the server can say how many unread entries are above it.
 */
export function raise(room: Room, seq: number): Room {
  const readSeq = Math.max(room.readSeq, seq) // [seam: raise-mark]
  if (readSeq >= firstInMemory(room) - 1) return { ...room, readSeq, unreadBelow: 0 }
  return { ...room, readSeq, inexact: room.inexact || (readSeq > room.readSeq && room.unreadBelow > 0) }
}

/** A room that was not known before. */
export function freshRoom(frame: DownFrameOf<'reset'>, readSeq: number, viewer: Viewer): Room {
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
    ...NO_ITEMS,
  }
  return head === 0 ? { ...nothing, change: frame.change ?? 0 } : merge(nothing, frame, viewer)
}

/** The room with the own watermark raised by the person, at most up to the last entry [R2]. */
export function markRead(room: Room, seq: number, me: AccountId | null): Room {
  const raised = raise(room, Math.min(seq, room.cursor)) // [seam: mark-bound]
  if (raised.readSeq === room.readSeq) return room
  // Reading reduces the shown numbers by one at once. The server's next numbers say the same.
  const unread = new Map(room.unread)
  for (const entry of room.entries) {
    const told = unread.get(entry.seq) ?? 0
    if (told > 0 && entry.author !== me && entry.seq > room.readSeq && entry.seq <= raised.readSeq) unread.set(entry.seq, told - 1)
  }
  return { ...raised, unread }
}

/**
 * A room rebuilt from a reset. When its newest entries connect with those in memory, both become one stretch. Otherwise memory holds the new ones,
 * and the old ones stay in their ranges with a gap between [D4]. A reset older than the room changes nothing that is newer.
 */
export function merge(room: Room, frame: DownFrameOf<'reset'>, viewer: Viewer): Room {
  const first = frame.entries[0]?.seq ?? frame.head + 1
  const joins = first <= room.cursor + 1 && firstInMemory(room) <= frame.head + 1
  if (!joins && frame.head < room.cursor) return room
  const kept = joins ? room.entries : []
  const brought = marked(frame.entries, heldItems(frame.items)).map((entry) => withItems(entry, newerHere(room, entry, frame.change)))
  const entries = [...kept.filter((entry) => entry.seq < first), ...brought, ...kept.filter((entry) => entry.seq > frame.head)]
  const range = rangeOf(frame.entries)
  const merged: Room = {
    ...room,
    meta: frame.head >= room.cursor ? frame.meta : room.meta,
    cursor: Math.max(room.cursor, frame.head),
    ranges: range === null ? room.ranges : addRange(room.ranges, range), // [seam: ranges-of-reset]
    readSaid: Math.max(room.readSaid, frame.readSeq),
    inexact: room.inexact && frame.head < room.cursor,
    change: Math.max(room.change, frame.change ?? 0),
    stale: staleAfter(room, frame, range),
    apart: isBehind(room, frame) ? new Map() : room.apart,
    loose: looseAbove(room, Math.max(room.cursor, frame.head)),
    entries,
    // The frame counts up to its own first entry. Entries in memory below that are counted there.
    unreadBelow: Math.max(
      0,
      frame.unreadBelow - // [seam: unread-below-reset]
        countUnread(
          entries.filter((entry) => entry.seq < first),
          frame.readSeq,
          viewer,
        ),
    ),
  }
  // An own watermark that the server did not know yet may be above the one it counted with.
  return raise({ ...merged, readSeq: frame.readSeq }, room.readSeq)
}

/** The room's items about the entry that are newer than those of the reset; all of them when the reset had none. */
function newerHere(room: Room, { seq, id }: Entry, change: number | undefined): readonly HeldItem[] {
  const held = room.entries[seq - firstInMemory(room)]
  const items = held?.id === id ? (held.marks ?? []) : room.loose.filter(({ key }) => subjectOf(key) === seq)
  return newerThan(items, change ?? 0)
}

/** A reset newer than the local items says nothing about changes in other stretches. */
function staleAfter(room: Room, frame: DownFrameOf<'reset'>, brought: Range | null): readonly Range[] {
  if (frame.change === undefined) return withUnmarked(room, frame.entries).stale
  const before = isBehind(room, frame) ? room.ranges : room.stale // [seam: stale-after-reset]
  return brought === null ? before : cutOut(before, brought)
}

/** Whether the room has missed items. Quoted entries are then loaded again, as stale ones [I3]. */
function isBehind(room: Room, { change = 0 }: DownFrameOf<'reset'>): boolean {
  return change > room.change
}

/**
 * The room after a server without items has sent these entries. Their marks up to the change cursor never come by themselves, so the stretch is
 * stale [I10]. At change 0 all marks still come.
 */
export function withUnmarked(room: Room, entries: readonly Entry[]): Room {
  const range = rangeOf(entries)
  return range === null || room.change === 0 ? room : { ...room, stale: addRange(room.stale, range) }
}

function rangeOf(entries: readonly Entry[]): Range | null {
  const first = entries[0]
  const last = entries.at(-1)
  return first === undefined || last === undefined ? null : { first: first.seq, last: last.seq }
}
