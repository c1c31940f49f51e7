import { itemsBySeq, type LocalChange, type StoredState } from '@bongsu/client'
import { markKind, type ConversationId } from '@bongsu/protocol'
import { shownName } from './last-list.ts'

type Item = NonNullable<LocalChange['items']>[number]['items'][number]

function isRewriting({ kind, value }: Item): boolean {
  return value !== null && markKind(kind)?.rewrite !== undefined
}

/** Entries whose text this change edits, erases or hides, as named in the stored list of chats. */
export function rewrittenBy({ entries = [], items = [], state }: LocalChange, before: StoredState | null): readonly string[] {
  const names: string[] = []
  const note = (conversationId: ConversationId, seq: number): void => void names.push(shownName(conversationId, seq))
  for (const stretch of entries) {
    for (const { seq, body, marks = [] } of stretch.entries) {
      if (body.kind === 'erased' || marks.some(isRewriting)) note(stretch.conversationId, seq)
    }
  }
  for (const { conversationId, items: about } of items) {
    for (const seq of itemsBySeq(about.filter(isRewriting)).keys()) note(conversationId, seq)
  }
  for (const [conversationId, seqs] of state?.hidden ?? []) {
    if (before?.hidden?.get(conversationId) !== seqs) for (const seq of seqs) note(conversationId, seq)
  }
  return names
}
