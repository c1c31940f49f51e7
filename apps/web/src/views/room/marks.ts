import { editedAt, entryAt, hasMark, reactionsOf, type MarkedEntry, type Reactions, type ReplicaState, type Room } from '@bongsu/client'
import type { AccountId, Item } from '@bongsu/protocol'
import { LABELLED_MARKS } from '../../kinds/mark-looks.ts'

/** The marks of one entry, as they are drawn. */
export interface Marks {
  /** In the order in which the emoji were first given. */
  readonly reactions: readonly Reactions[]
  /** Epoch ms, server clock; null for never. */
  readonly editedAt: number | null
  /** Its marks that are shown as words at its foot. */
  readonly labelled: readonly Item['kind'][]
}

const none: Marks = { reactions: [], editedAt: null, labelled: [] }

/** Cache of marks by entry. A change of a mark makes a new entry object; all other entries keep theirs. */
const made = new WeakMap<MarkedEntry, { readonly blocked: Blocked; readonly marks: Marks }>()

type Blocked = ReplicaState['blocked']

export function marksOf(entry: MarkedEntry | null, me: AccountId, blocked: Blocked): Marks {
  if (entry?.marks === undefined) return none
  const before = made.get(entry)
  if (before?.blocked === blocked) return before.marks
  const marks = {
    reactions: reactionsOf(entry, me, blocked),
    editedAt: editedAt(entry),
    labelled: LABELLED_MARKS.filter((kind) => hasMark(entry, kind)),
  }
  made.set(entry, { blocked, marks })
  return marks
}

/** The present marks of the entry at `seq`; none for an unsent message. */
export function marksAt(room: Room, seq: number | null, me: AccountId, blocked: Blocked): Marks {
  return marksOf((seq === null ? null : entryAt(room, seq)) ?? null, me, blocked)
}

/** The reader's emoji; null for none. */
export function myReaction({ reactions }: Marks): string | null {
  return reactions.find(({ isMine }) => isMine)?.emoji ?? null
}

const noneHidden: ReadonlySet<number> = new Set()

/** Seqs of the entries of this room that the reader has erased for themselves. */
export function hiddenIn({ hidden }: ReplicaState, { conversationId }: Room): ReadonlySet<number> {
  return hidden.get(conversationId) ?? noneHidden
}
