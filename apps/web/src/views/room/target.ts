import { entryAt, type Room } from '@bongsu/client'
import type { AccountId } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'
import { unreadNumber } from '@bongsu/client'
import type { MessageRow, Row } from './rows.ts'

/** The message of an act. */
export type Target = Pick<MessageRow, 'key' | 'id' | 'seq' | 'author' | 'mine' | 'body' | 'time' | 'unread'>

/** The message of a row; null for days, lines in the log, and rows without acts. */
export function targetOf(row: Row | undefined, room: Room, me: AccountId): Target | null {
  if (row?.kind === 'message') return row
  if (row?.kind !== 'line' || lookOf(row.entry.body.kind).acts.length === 0) return null
  const { id, seq, author, body, acceptedAt } = row.entry
  return { key: row.key, id, seq, author, mine: author === me, body, time: acceptedAt, unread: unreadNumber(room, row.entry) }
}

/** The target with its text as it is now; null when its author has erased it since [I6]. */
export function targetNow<T extends Pick<Target, 'id' | 'seq' | 'body'>>(target: T, room: Room): T | null {
  const entry = target.seq === null ? undefined : entryAt(room, target.seq)
  if (entry?.id !== target.id || entry.body === target.body) return target
  return entry.body.kind === 'erased' && target.body.kind !== 'erased' ? null : { ...target, body: entry.body }
}

/** Position of a menu: a point on the screen. */
export interface Place {
  readonly x: number
  readonly y: number
  /** The menu was opened by a key: its first act has the focus. */
  readonly byKey?: boolean
  /** The finger that asked for the menu still rests on the screen. */
  readonly held?: boolean
}

/** The lower left corner of an element, for menus opened by a key. */
export function placeBelow(element: Element): Place {
  const { left, bottom } = element.getBoundingClientRect()
  return { x: left, y: bottom }
}
