import type { Room } from '@bongsu/client'
import type { AccountId, Entry } from '@bongsu/protocol'

export type FakeAct =
  | { readonly kind: 'reaction'; readonly value: { readonly emoji: string } | null }
  | { readonly kind: 'edit'; readonly value: { readonly text: string } }
  | { readonly kind: 'erased' | 'hidden'; readonly value: object }

interface Marks {
  readonly reactions: ReadonlyMap<AccountId, string>
  readonly editedAt: number | null
}

type Marked = Room & { readonly marks?: ReadonlyMap<number, Marks>; readonly hidden?: ReadonlySet<number> }

function rewrite(room: Room, seq: number, body: object): Room {
  return { ...room, entries: room.entries.map((entry) => (entry.seq === seq ? { ...entry, body: body as Entry['body'] } : entry)) }
}

/** The room after an act, as a real device would show it. */
export function actIn(room: Marked, seq: number, who: AccountId, act: FakeAct): Room {
  const before = room.marks?.get(seq) ?? { reactions: new Map(), editedAt: null }
  const marked = (marks: Marks): Marked => ({ ...room, marks: new Map(room.marks).set(seq, marks) })
  switch (act.kind) {
    case 'reaction': {
      const reactions = new Map(before.reactions)
      reactions.delete(who)
      if (act.value !== null) reactions.set(who, act.value.emoji)
      return marked({ ...before, reactions })
    }
    case 'edit':
      return rewrite(marked({ ...before, editedAt: Date.now() }), seq, { kind: 'text', ...act.value })
    case 'erased':
      return rewrite(marked({ reactions: new Map(), editedAt: null }), seq, { kind: 'erased' })
    case 'hidden':
      return { ...room, hidden: new Set(room.hidden).add(seq) } as Room
  }
}
