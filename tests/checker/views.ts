import type { AccountId, ConversationId, ConversationKind, Entry } from '@bongsu/protocol'
import type { Violation } from '../../apps/server/src/conformance/checker.ts'

/** What a device shows of one conversation besides its entries. */
export interface ShownRoom {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly title: string
  readonly memberCount: number
  /** By whom a group without a title is named; in any order. */
  readonly people: readonly AccountId[]
  readonly joinedSeq: number
  readonly readSeq: number
  /** The number on its badge. */
  readonly badge: number
}

/** [D5] A device that was there all the time shows what one shows that has just come. */
export function judgeViews(live: readonly ShownRoom[], fresh: readonly ShownRoom[], holder: string): readonly Violation[] {
  const found: Violation[] = []
  const rooms = new Map(live.map((room) => [room.conversationId, room]))
  for (const expected of fresh) {
    const room = rooms.get(expected.conversationId)
    rooms.delete(expected.conversationId)
    if (room === undefined) found.push(differs(holder, expected.conversationId, 'nothing', 'a conversation'))
    else if (plain(room) !== plain(expected)) found.push(differs(holder, expected.conversationId, plain(room), plain(expected)))
  }
  for (const conversationId of rooms.keys()) found.push(differs(holder, conversationId, 'a conversation', 'nothing'))
  return found
}

export interface ShownNumbers {
  readonly holder: string
  readonly conversationId: ConversationId
  /** The entries in view. */
  readonly entries: readonly Entry[]
  /** Members now: since which entry, and how far they have read. */
  readonly members: readonly { readonly account: AccountId; readonly joinedSeq: number; readonly watermark: number }[]
  /** The unread numbers that are shown, by seq. */
  readonly shown: ReadonlyMap<number, number>
}

/** [R4] The number beside each entry is that of the members who were there, did not write it, and have not read it. */
export function judgeNumbers({ holder, conversationId, entries, members, shown }: ShownNumbers): readonly Violation[] {
  return entries.flatMap(({ seq, author }) => {
    const unread = members.filter((member) => member.account !== author && member.joinedSeq <= seq && member.watermark < seq).length
    const number = shown.get(seq) ?? 0
    if (number === unread) return []
    const sentence = `${holder}: the number beside ${conversationId}#${seq} is ${number}, and ${unread} have not read it`
    return [{ promise: 'R4', breach: 'number-wrong', sentence }]
  })
}

function plain(room: ShownRoom): string {
  return JSON.stringify([room.kind, room.title, room.memberCount, room.people.toSorted(), room.joinedSeq, room.readSeq, room.badge])
}

function differs(holder: string, conversationId: ConversationId, shown: string, expected: string): Violation {
  return { promise: 'D5', breach: 'view-differs', sentence: `${holder}: ${conversationId} is shown as ${shown}, a fresh device shows ${expected}` }
}
