import { LIMITS, type ConversationId } from '@bongsu/protocol'
import type { Knows } from '../conversation/plain-line.ts'
import type { Progress } from './live-room.ts'
import type { StoredMembership } from './resume-store.ts'

export const NOTHING_UNKNOWN: ReadonlySet<string> = new Set()

/** What the device says it has. */
export interface Cursors {
  readonly account: number
  readonly rooms: ReadonlyMap<ConversationId, number>
  /** Last change of each conversation's items, where that is not 0. Left out by a device without support for items [W3]. */
  readonly changes?: ReadonlyMap<ConversationId, number>
  /** False for a device with items that does not know roles [B14]. */
  readonly knowsRoles?: boolean
  /** Kinds of account items that the device does not know [W3]; none when left out. */
  readonly unknown?: ReadonlySet<string>
}

/** What the device knows, as it says. */
export type Knowing = Pick<Cursors, 'changes' | 'unknown' | 'knowsRoles'>

/** A device without items is one of version 1, whatever else it says. */
export function knownBy({ changes, knowsRoles = true }: Knowing): Knows {
  if (changes === undefined) return 'version 1'
  return knowsRoles ? 'roles' : 'items'
}

/**
 * Where a device continues in a conversation, or null when its cursors cannot be continued: beyond the log, from before the joining, or too old [D7,
 * I3]. The head is that of the moment in which the account was a member, not a later one from a hint: otherwise an account that left right after
 * hello could continue beyond its leaving [W4].
 */
export function resumeFrom({ rooms, changes }: Cursors, { conversationId, joinedSeq, head, change }: StoredMembership): Progress | null {
  const seq = rooms.get(conversationId)
  if (seq === undefined || seq > head || seq < joinedSeq - 1 || head - seq > LIMITS.backfillEntriesMax) return null
  if (changes === undefined) return { seq, change: 0 }
  const from = changes.get(conversationId) ?? 0
  return from > change || change - from > LIMITS.backfillItemsMax ? null : { seq, change: from } // [seam: resume-changes]
}
