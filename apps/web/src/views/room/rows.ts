import { unreadNumber, type Pending, type Room } from '@bongsu/client'
import type { AccountId, ClientMessageId, Entry } from '@bongsu/protocol'

/** [C3] What the screen says of a message; nothing is `sent` before the server accepted it. */
export type MessageState = 'sent' | 'sending' | 'waiting' | 'failed'

export interface MessageRow {
  readonly kind: 'message'
  /** Stays the same from the outbox into the log, so that the bubble does not jump. */
  readonly key: string
  readonly id: ClientMessageId
  readonly seq: number | null
  readonly author: AccountId
  readonly mine: boolean
  readonly text: string
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
  | { readonly kind: 'system'; readonly key: string; readonly entry: Entry }
  | { readonly kind: 'read-line'; readonly key: string }

export interface RowsInput {
  readonly room: Room
  /** Of this room only, oldest first. */
  readonly outbox: readonly Pending[]
  readonly me: AccountId
  readonly live: boolean
  /** Where one had read to when the room was opened; null when nothing was unread. */
  readonly readTo: number | null
}

const minuteMs = 60_000

/** What is written by a device is soon among the newest entries; further back nobody needs to look for it. */
const echoEntries = 200

/** Rows of entries by entry: a room of a hundred thousand is listed anew with every message, and nearly all of it is as it was. */
const drawn = new WeakMap<Entry, MessageRow>()

function entryRow(entry: Entry, text: string, mine: boolean, unread: number, first: boolean, last: boolean): MessageRow {
  const before = drawn.get(entry)
  if (before !== undefined && before.unread === unread && before.first === first && before.last === last && before.mine === mine) return before
  const { seq, id, author, acceptedAt } = entry
  const row: MessageRow = {
    kind: 'message',
    key: `${author}:${id}`,
    id,
    seq,
    author,
    mine,
    text,
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
function together(a: Entry | undefined, b: Entry | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.author === b.author &&
    a.body.kind === 'text' &&
    b.body.kind === 'text' &&
    Math.floor(a.acceptedAt / minuteMs) === Math.floor(b.acceptedAt / minuteMs)
  )
}

/** The room as a flat list: entries in their order, then what waits to be sent, with days and groups marked. */
export function buildRows({ room, outbox, me, live, readTo }: RowsInput): readonly Row[] {
  const rows: Row[] = []
  const { entries } = room
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
    const { body } = entry
    // Above the first entry there is nothing that could have been read.
    if (index === line && rows.length > 0) rows.push({ kind: 'read-line', key: 'read-line' })
    if (body.kind !== 'text') {
      if (body.kind === 'created' && room.meta.kind !== 'group') return
      daySeparator(entry.acceptedAt)
      rows.push({ kind: 'system', key: `${entry.author}:${entry.id}`, entry })
      return
    }
    daySeparator(entry.acceptedAt)
    const first = index === line || !together(entries[index - 1], entry)
    const last = index + 1 === line || !together(entry, entries[index + 1])
    rows.push(entryRow(entry, body.text, entry.author === me, unreadNumber(room, entry), first, last))
  })

  // The log may already hold what the outbox is about to let go of [M2].
  const echoed = new Set(outbox.length === 0 ? [] : entries.slice(-echoEntries).flatMap((entry) => (entry.author === me ? [entry.id] : [])))
  const waiting = outbox.filter((item) => item.body.kind === 'text' && !echoed.has(item.id))
  waiting.forEach((item, index) => {
    if (item.body.kind !== 'text') return
    const near = (other: Pending | undefined): boolean =>
      other !== undefined && Math.floor(other.writtenAt / minuteMs) === Math.floor(item.writtenAt / minuteMs)
    daySeparator(Math.max(item.writtenAt, entries.at(-1)?.acceptedAt ?? 0))
    rows.push({
      kind: 'message',
      key: `${me}:${item.id}`,
      id: item.id,
      seq: null,
      author: me,
      mine: true,
      text: item.body.text,
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
    const seq = row?.kind === 'message' ? row.seq : row?.kind === 'system' ? row.entry.seq : null
    if (seq === null) continue
    first ??= seq
    last = seq
  }
  return first === null || last === null ? null : { from: first, to: last }
}
