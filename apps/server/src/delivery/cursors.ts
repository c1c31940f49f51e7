import { LIMITS, type ConversationId } from '@bongsu/protocol'
import type { Progress } from './live-room.ts'
import type { StoredMembership } from './resume-store.ts'

/** What the device says it has. */
export interface Cursors {
  readonly account: number
  readonly rooms: ReadonlyMap<ConversationId, number>
  /** Last change of the items of each conversation, where that is not 0. Left out by a device that does not know items [W3]. */
  readonly changes?: ReadonlyMap<ConversationId, number>
}

/**
 * Where a device goes on in a conversation, or null when its cursors cannot be continued: ahead of the log, before it joined, too far back [D7, I3].
 * The head is that of the moment in which the account was a member, not one a hint told since: else whoever left right after hello could go on
 * behind the leaving [W4].
 */
export function resumeFrom({ rooms, changes }: Cursors, { conversationId, joinedSeq, head, change }: StoredMembership): Progress | null {
  const seq = rooms.get(conversationId)
  if (seq === undefined || seq > head || seq < joinedSeq - 1 || head - seq > LIMITS.backfillEntriesMax) return null
  if (changes === undefined) return { seq, change: 0 }
  const from = changes.get(conversationId) ?? 0
  return from > change || change - from > LIMITS.backfillItemsMax ? null : { seq, change: from }
}

/** In how many of the account's conversations this device begins anew. */
export function countResets(memberships: readonly StoredMembership[], cursors: Cursors): number {
  let resets = 0
  for (const membership of memberships) if (resumeFrom(cursors, membership) === null) resets++
  return resets
}
