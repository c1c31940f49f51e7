import { unreadNumber, type MarkedEntry, type Pending, type Room } from '@bongsu/client'
import type { AccountId, ClientMessageId, Entry, EntryBody } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

/** [C3] What the screen says of a message; nothing is `sent` before the server accepted it. */
export type MessageState = 'sent' | 'sending' | 'waiting' | 'failed'

export interface MessageRow {
  readonly kind: 'message'
  /** Stays the same from the outbox into the log, so that the bubble does not jump. */
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
  /** What happened, and what says nothing of its author. */
  | { readonly kind: 'line'; readonly key: string; readonly entry: Entry }
  | { readonly kind: 'read-line'; readonly key: string }

export interface RowsInput {
  readonly room: Room
  /** Of this room only, oldest first. */
  readonly outbox: readonly Pending[]
  readonly me: AccountId
  readonly live: boolean
  /** Where one had read to when the room was opened; null when nothing was unread. */
  readonly readTo: number | null
  /** Seqs of the entries that the reader has erased for themselves. */
  readonly hidden: ReadonlySet<number>
}

const minuteMs = 60_000

/** What is written by a device is soon among the newest entries; further back nobody needs to look for it. */
const echoEntries = 200

/** Rows of entries by entry: a room of a hundred thousand is listed anew with every message, and nearly all of it is as it was. */
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

/** One author, one minute: one face and name above, one time below. Days begin with a minute, so they part groups too. */
function together(a: Entry, b: Entry): boolean {
  return a.author === b.author && Math.floor(a.acceptedAt / minuteMs) === Math.floor(b.acceptedAt / minuteMs)
}

/** The room as a flat list: entries in their order, then what waits to be sent, with days and groups marked. */
export function buildRows({ room, outbox, me, live, readTo, hidden }: RowsInput): readonly Row[] {
  const rows: Row[] = []
  const entries = hidden.size === 0 ? room.entries : room.entries.filter(({ seq }) => !hidden.has(seq))
  const shapeOf = (body: EntryBody): string => lookOf(body.kind).shape(room.meta.kind)
  const isBubble = (entry: Entry): boolean => shapeOf(entry.body) === 'bubble'
  const line = readTo === null ? -1 : entries.findIndex((entry) => entry.seq > readTo && entry.author !== me)
  let dayEnds = Number.NEGATIVE_INFINITY
  let dayBegins = Number.POSITIVE_INFINITY

  const daySeparator = (time: number): void => {
    if (time >= dayBegins && time < dayEnds) return
    const date = new Date(time)
    dayBegins = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
    dayEnds = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
    // Clocks of servers differ a little, so that a day can come twice; the entry below makes the key its own.
    rows.push({ kind: 'day', key: `day-${dayBegins}-${rows.length === 0 ? 'top' : (rows.at(-1)?.key ?? '')}`, time })
  }

  entries.forEach((entry, index) => {
    // Above the first entry there is nothing that could have been read.
    if (index === line && rows.length > 0) rows.push({ kind: 'read-line', key: 'read-line' })
    const shape = shapeOf(entry.body)
    if (shape === 'none') return
    daySeparator(entry.acceptedAt)
    if (shape === 'line') {
      rows.push({ kind: 'line', key: `${entry.author}:${entry.id}`, entry })
      return
    }
    const [before, after] = [entries[index - 1], entries[index + 1]]
    const first = index === line || before === undefined || !together(before, entry) || !isBubble(before)
    const last = index + 1 === line || after === undefined || !together(entry, after) || !isBubble(after)
    rows.push(entryRow(entry, entry.author === me, unreadNumber(room, entry), first, last))
  })

  // The log may already hold what the outbox is about to let go of [M2].
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

/** Seq of the first and last entry among the rows from..to, for the numbers to watch; null where there is none. */
export function seqRange(rows: readonly Row[], from: number, to: number): { from: number; to: number } | null {
  let first: number | null = null
  let last: number | null = null
  for (let index = Math.max(0, from); index <= Math.min(rows.length - 1, to); index++) {
    const row = rows[index]
    const seq = row?.kind === 'message' ? row.seq : row?.kind === 'line' ? row.entry.seq : null
    if (seq === null) continue
    first ??= seq
    last = seq
  }
  return first === null || last === null ? null : { from: first, to: last }
}
