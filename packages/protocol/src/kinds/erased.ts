import { LIMITS } from '../limits.ts'
import { EVERYWHERE, fields, kindNamed, type EntryKind, type MarkKind } from './kind.ts'

/** The rest of an entry that its author erased for everyone: its place, and the fact that something was said. */
export interface ErasedBody {
  readonly kind: 'erased'
}

/** Counts as unread like the original text, so that an erasure changes no badge. */
export const erasedEntry: EntryKind<ErasedBody> = {
  class: 'said',
  in: EVERYWHERE,
  by: 'server',
  right: null,
  counts: true,
  putsBack: false,
  schema: fields({ kind: kindNamed('erased') }),
  plainLine: () => '삭제된 메시지입니다. (Deleted message)',
  fault: () => null,
  canonical: () => '{"kind":"erased"}',
}

type Nothing = Readonly<Record<string, never>>

/** The author erases an entry for everyone. */
export const erased: MarkKind<{ readonly kind: string }, Nothing, Nothing> = {
  class: 'mark',
  owner: 'conversation',
  each: 'entry',
  by: 'author',
  on: 'said',
  withinMs: LIMITS.eraseMsMax,
  removable: false,
  putsBack: true,
  differentMax: null,
  perAccountMax: null,
  final: true,
  askedSchema: fields({}),
  schema: fields({}),
  fault: () => null,
  stored: () => ({}),
  asked: () => ({}),
  rewrite: () => ({ kind: 'erased' }),
}
