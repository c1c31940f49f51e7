import { LIMITS } from '../limits.ts'
import { EVERYWHERE, fields, kindNamed, type EntryKind, type MarkKind } from './kind.ts'

/** Staff hid the entry [B66]. Left out where its author erased it. */
interface ByStaff {
  readonly by?: 'staff'
}

const BY = { 'by?': { const: 'staff', description: 'Staff hid the entry. Left out where its author erased it.' } }

/** The rest of an entry that was erased for everyone: its place, and the fact that something was said. */
export interface ErasedBody extends ByStaff {
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
  schema: fields({ kind: kindNamed('erased'), ...BY }),
  plainLine: () => '삭제된 메시지입니다. (Deleted message)',
  fault: () => null,
  canonical: ({ by }) => JSON.stringify({ kind: 'erased', by }),
}

type Nothing = Readonly<Record<string, never>>

export type ErasedValue = ByStaff

/** The author erases an entry for everyone, or staff hide it. */
export const erased: MarkKind<{ readonly kind: string }, Nothing, ErasedValue> = {
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
  schema: fields(BY),
  fault: () => null,
  stored: () => ({}),
  asked: () => ({}),
  rewrite: (_body, { by }) => ({ kind: 'erased', ...(by === undefined ? {} : { by }) }),
}
