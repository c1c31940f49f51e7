import { editedAt, entryAt, hasMark, reactionsOf, type MarkedEntry, type Reactions, type ReplicaState, type Room } from '@bongsu/client'
import type { AccountId, Item } from '@bongsu/protocol'
import { LABELLED_MARKS } from '../../kinds/mark-looks.ts'

/** What is so about one entry, as it is drawn. */
export interface Marks {
  /** The emoji that was given first comes first. */
  readonly reactions: readonly Reactions[]
  /** Epoch ms, server clock; null: never. */
  readonly editedAt: number | null
  /** Marks that it has and that stand as words at its foot. */
  readonly labelled: readonly Item['kind'][]
}

const none: Marks = { reactions: [], editedAt: null, labelled: [] }

/** Marks by their entry, which is another object whenever one of its marks has changed: all other entries keep theirs. */
const made = new WeakMap<MarkedEntry, Marks>()

export function marksOf(entry: MarkedEntry | null, me: AccountId): Marks {
  if (entry?.marks === undefined) return none
  const before = made.get(entry)
  if (before !== undefined) return before
  const marks = { reactions: reactionsOf(entry, me), editedAt: editedAt(entry), labelled: LABELLED_MARKS.filter((kind) => hasMark(entry, kind)) }
  made.set(entry, marks)
  return marks
}

/** Marks of the entry at `seq` as they are now; none for a message that is not sent yet. */
export function marksAt(room: Room, seq: number | null, me: AccountId): Marks {
  return marksOf((seq === null ? null : entryAt(room, seq)) ?? null, me)
}

/** The emoji that the reader gave; null: none. */
export function myReaction({ reactions }: Marks): string | null {
  return reactions.find(({ isMine }) => isMine)?.emoji ?? null
}

const noneHidden: ReadonlySet<number> = new Set()

/** Seqs of the entries of this room that the reader has erased for themselves. */
export function hiddenIn({ hidden }: ReplicaState, { conversationId }: Room): ReadonlySet<number> {
  return hidden.get(conversationId) ?? noneHidden
}
