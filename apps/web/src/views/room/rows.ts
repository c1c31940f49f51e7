import { unreadNumber, type Pending, type Room } from '@bongsu/client'
import type { AccountId, ClientMessageId, Entry } from '@bongsu/protocol'
import { dayKey } from '../../text/time-labels.ts'

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

/** The room as a flat list: entries in their order, then what waits to be sent, with days and groups marked. */
export function buildRows({ room, outbox, me, live, readTo }: RowsInput): readonly Row[] {
  const rows: Row[] = []
  let day: number | null = null
  let lineDrawn = readTo === null

  const daySeparator = (time: number): void => {
    const key = dayKey(time)
    if (key === day) return
    day = key
    rows.push({ kind: 'day', key: `day-${key}-${rows.length === 0 ? 'top' : ''}`, time })
  }

  for (const entry of room.entries) {
    if (!lineDrawn && readTo !== null && entry.seq > readTo && entry.author !== me) {
      lineDrawn = true
      // Above the first entry there is nothing that could have been read.
      if (rows.length > 0) rows.push({ kind: 'read-line', key: 'read-line' })
    }
    if (entry.body.kind !== 'text') {
      if (entry.body.kind === 'created' && room.meta.kind !== 'group') continue
      daySeparator(entry.acceptedAt)
      rows.push({ kind: 'system', key: `${entry.author}:${entry.id}`, entry })
      continue
    }
    daySeparator(entry.acceptedAt)
    rows.push({
      kind: 'message',
      key: `${entry.author}:${entry.id}`,
      id: entry.id,
      seq: entry.seq,
      author: entry.author,
      mine: entry.author === me,
      text: entry.body.text,
      time: entry.acceptedAt,
      state: 'sent',
      refused: null,
      unread: unreadNumber(room, entry),
      first: true,
      last: true,
    })
  }

  // The log may already hold what the outbox is about to let go of [M2].
  const echoed = new Set(outbox.length === 0 ? [] : room.entries.slice(-echoEntries).flatMap((entry) => (entry.author === me ? [entry.id] : [])))
  for (const item of outbox) {
    if (item.body.kind !== 'text' || echoed.has(item.id)) continue
    daySeparator(Math.max(item.writtenAt, room.entries.at(-1)?.acceptedAt ?? 0))
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
      first: true,
      last: true,
    })
  }
  return grouped(rows)
}

function stateOf({ progress }: Pending, live: boolean): MessageState {
  if (progress === 'refused') return 'failed'
  if (progress === 'sent') return 'sent'
  return live ? 'sending' : 'waiting'
}

/** Neighbours of one author in one minute belong together: one face and name above, one time below. */
function grouped(rows: Row[]): Row[] {
  for (let index = 1; index < rows.length; index++) {
    const [before, after] = [rows[index - 1], rows[index]]
    if (before?.kind !== 'message' || after?.kind !== 'message' || before.author !== after.author) continue
    if (Math.floor(before.time / minuteMs) !== Math.floor(after.time / minuteMs) || (before.state === 'sent') !== (after.state === 'sent')) continue
    rows[index - 1] = { ...before, last: false }
    rows[index] = { ...after, first: false }
  }
  return rows
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
