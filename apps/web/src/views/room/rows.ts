import { unreadNumber, type MarkedEntry, type Pending, type Room } from '@bongsu/client'
import type { AccountId, ClientMessageId, Entry, EntryBody } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

/** [C3] The shown state of a message. Nothing is `sent` before the server has accepted it. */
export type MessageState = 'sent' | 'sending' | 'waiting' | 'failed'

export interface MessageRow {
  readonly kind: 'message'
  /** The same in the outbox and in the log, so that the bubble does not jump. */
  readonly key: string
  readonly id: ClientMessageId
  readonly seq: number | null
  /** Null while it waits to be sent. */
  readonly entry: MarkedEntry | null
  readonly author: AccountId
  readonly mine: boolean
  readonly body: EntryBody
  readonly time: number
  readonly state: MessageState
  readonly refused: string | null
  readonly unread: number
  /** First and last of its group: one author, one minute. */
  readonly first: boolean
  readonly last: boolean
}

export type Row =
  | MessageRow
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  /** An event, or an entry that does not show its author. */
  | { readonly kind: 'line'; readonly key: string; readonly entry: Entry }
  | { readonly kind: 'read-line'; readonly key: string }
  /** Messages of blocked people, one after the other, that the reader has not opened [B3]. */
  | { readonly kind: 'blocked'; readonly key: string; readonly seqs: readonly number[] }

export interface RowsInput {
  readonly room: Room
  /** Of this room only, oldest first. */
  readonly outbox: readonly Pending[]
  readonly me: AccountId
  readonly live: boolean
  /** The last read seq when the room was opened; null when nothing was unread. */
  readonly readTo: number | null
  /** Seqs of the entries that the reader has erased for themselves. */
  readonly hidden: ReadonlySet<number>
  /** Whether the author of this entry is blocked, and the reader has not opened the entry. */
  readonly isClosed: (entry: Entry) => boolean
}

const minuteMs = 60_000

/** A device's own message is soon among the newest entries. Older entries need not be searched. */
const echoEntries = 200

/** Cache of rows by entry: a room of a hundred thousand entries is listed again with every message, and nearly all of it is unchanged. */
const drawn = new WeakMap<MarkedEntry, MessageRow>()

function entryRow(entry: MarkedEntry, mine: boolean, unread: number, first: boolean, last: boolean): MessageRow {
  const before = drawn.get(entry)
  if (before !== undefined && before.unread === unread && before.first === first && before.last === last && before.mine === mine) return before
  const { seq, id, author, acceptedAt, body } = entry
  const row: MessageRow = {
    kind: 'message',
    key: `${author}:${id}`,
    id,
    seq,
    entry,
    author,
    mine,
    body,
    time: acceptedAt,
    state: 'sent',
    refused: null,
    unread,
    first,
    last,
  }
  drawn.set(entry, row)
  return row
}

/** One author, one minute: one face and name above, one time below. A new day starts a new minute, so it also separates groups. */
function together(a: Entry, b: Entry): boolean {
  return a.author === b.author && Math.floor(a.acceptedAt / minuteMs) === Math.floor(b.acceptedAt / minuteMs)
}

/** The room as a flat list: entries in order, then waiting messages, with days and groups marked. */
export function buildRows({ room, outbox, me, live, readTo, hidden, isClosed }: RowsInput): readonly Row[] {
  const rows: Row[] = []
  const entries = hidden.size === 0 ? room.entries : room.entries.filter(({ seq }) => !hidden.has(seq))
  const shapeOf = (body: EntryBody): string => lookOf(body.kind).shape(room.meta.kind)
  const isBubble = (entry: Entry): boolean => shapeOf(entry.body) === 'bubble'
  const line = readTo === null ? -1 : entries.findIndex((entry) => entry.seq > readTo && entry.author !== me && !isClosed(entry))
  let dayEnds = Number.NEGATIVE_INFINITY
  let dayBegins = Number.POSITIVE_INFINITY

  const daySeparator = (time: number): void => {
    if (time >= dayBegins && time < dayEnds) return
    const date = new Date(time)
    dayBegins = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
    dayEnds = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
    // Clocks of servers differ a little, so a day can occur twice. The entry below makes the key unique.
    rows.push({ kind: 'day', key: `day-${dayBegins}-${rows.length === 0 ? 'top' : (rows.at(-1)?.key ?? '')}`, time })
  }

  entries.forEach((entry, index) => {
    // Nothing above the first entry could have been read.
    if (index === line && rows.length > 0) rows.push({ kind: 'read-line', key: 'read-line' })
    const shape = shapeOf(entry.body)
    if (shape === 'none') return
    daySeparator(entry.acceptedAt)
    if (shape === 'line') {
      rows.push({ kind: 'line', key: `${entry.author}:${entry.id}`, entry })
      return
    }
    if (isClosed(entry)) {
      const above = rows.at(-1)
      if (above?.kind === 'blocked') rows[rows.length - 1] = { ...above, seqs: [...above.seqs, entry.seq] }
      else rows.push({ kind: 'blocked', key: `blocked-${entry.seq}`, seqs: [entry.seq] })
      return
    }
    const [before, after] = [entries[index - 1], entries[index + 1]]
    const first = index === line || before === undefined || !together(before, entry) || !isBubble(before) || isClosed(before)
    const last = index + 1 === line || after === undefined || !together(entry, after) || !isBubble(after) || isClosed(after)
    rows.push(entryRow(entry, entry.author === me, unreadNumber(room, entry), first, last))
  })

  // The log may already hold a message that the outbox is about to remove [M2].
  const echoed = new Set(outbox.length === 0 ? [] : entries.slice(-echoEntries).flatMap((entry) => (entry.author === me ? [entry.id] : [])))
  const waiting = outbox.filter((item) => shapeOf(item.body) === 'bubble' && !echoed.has(item.id))
  waiting.forEach((item, index) => {
    const near = (other: Pending | undefined): boolean =>
      other !== undefined && Math.floor(other.writtenAt / minuteMs) === Math.floor(item.writtenAt / minuteMs)
    daySeparator(Math.max(item.writtenAt, entries.at(-1)?.acceptedAt ?? 0))
    rows.push({
      kind: 'message',
      key: `${me}:${item.id}`,
      id: item.id,
      seq: null,
      entry: null,
      author: me,
      mine: true,
      body: item.body,
      time: item.writtenAt,
      state: stateOf(item, live),
      refused: item.refused,
      unread: 0,
      first: !near(waiting[index - 1]),
      last: !near(waiting[index + 1]),
    })
  })
  return rows
}

function stateOf({ progress }: Pending, live: boolean): MessageState {
  if (progress === 'refused') return 'failed'
  if (progress === 'sent') return 'sent'
  return live ? 'sending' : 'waiting'
}

/** Seq of the row's entry, or of its last one; null for a row without one. */
export function seqOf(row: Row | undefined): number | null {
  if (row?.kind === 'blocked') return row.seqs.at(-1) ?? null
  return row?.kind === 'message' ? row.seq : row?.kind === 'line' ? row.entry.seq : null
}

/** Index of the first row of the entry at `seq` or after it; -1 for none. */
export function rowAt(rows: readonly Row[], seq: number): number {
  return rows.findIndex((row) => (seqOf(row) ?? -1) >= seq)
}

/** Index of the first unread entry of somebody else, with the lines above it that belong to it; -1 without one. */
export function firstUnreadRow(rows: readonly Row[], readSeq: number, me: AccountId): number {
  let first = -1
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index]
    const seq = seqOf(row)
    if (row === undefined || seq === null) continue
    if (seq <= readSeq) break
    if ((row.kind === 'message' ? row.author : row.kind === 'line' ? row.entry.author : me) !== me) first = index
  }
  while (first > 0 && seqOf(rows[first - 1]) === null) first--
  return first
}

/** The watermark when `last` is the last entry in view: entries without a row directly below it hold nothing to be seen. */
export function seenTo(rows: readonly Row[], last: number, cursor: number): number {
  for (let index = rows.length - 1, after = cursor + 1; index >= 0; index--) {
    const seq = seqOf(rows[index])
    if (seq === null) continue
    if (seq <= last) return after - 1
    after = seq
  }
  return last
}

/** Seq of the first and last entry among the rows from..to, for watching numbers; null without entries. */
export function seqRange(rows: readonly Row[], from: number, to: number): { from: number; to: number } | null {
  let first: number | null = null
  let last: number | null = null
  for (let index = Math.max(0, from); index <= Math.min(rows.length - 1, to); index++) {
    const seq = seqOf(rows[index])
    if (seq === null) continue
    first ??= seq
    last = seq
  }
  return first === null || last === null ? null : { from: first, to: last }
}
