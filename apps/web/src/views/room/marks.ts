import type { Room, View } from '@bongsu/client'
import type { AccountId } from '@bongsu/protocol'

export interface Reaction {
  readonly emoji: string
  readonly who: readonly AccountId[]
}

/** What is so about one entry. */
export interface Marks {
  /** The first emoji that was given comes first. */
  readonly reactions: readonly Reaction[]
  readonly editedAt: number | null
}

const none: Marks = { reactions: [], editedAt: null }

interface StoredMarks {
  readonly reactions: ReadonlyMap<AccountId, string>
  readonly editedAt: number | null
}

/** Marks by what they were made of: a reaction to one entry leaves the marks of all others as they were. */
const made = new WeakMap<StoredMarks, Marks>()

export function marksOf(room: Room, seq: number | null): Marks {
  const stored = seq === null ? undefined : (room as unknown as { marks?: ReadonlyMap<number, StoredMarks> }).marks?.get(seq)
  if (stored === undefined) return none
  const before = made.get(stored)
  if (before !== undefined) return before
  const byEmoji = new Map<string, AccountId[]>()
  for (const [who, emoji] of stored.reactions) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), who])
  const marks = { reactions: [...byEmoji].map(([emoji, who]) => ({ emoji, who })), editedAt: stored.editedAt }
  made.set(stored, marks)
  return marks
}

export function myReaction({ reactions }: Marks, me: AccountId): string | null {
  return reactions.find(({ who }) => who.includes(me))?.emoji ?? null
}

const noneHidden: ReadonlySet<number> = new Set()

/** Seqs of the entries of this room that the reader has erased for themselves. */
export function hiddenIn(room: Room): ReadonlySet<number> {
  return (room as unknown as { hidden?: ReadonlySet<number> }).hidden ?? noneHidden
}

/** What the server knows. */
export function featuresOf(view: View): ReadonlySet<string> {
  return (view as unknown as { features?: ReadonlySet<string> }).features ?? new Set()
}
