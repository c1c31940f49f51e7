import { created, type CreatedBody } from './kinds/created.ts'
import { edit, type EditAsked, type EditValue } from './kinds/edit.ts'
import { erased, erasedEntry, type ErasedBody } from './kinds/erased.ts'
import { hidden } from './kinds/hidden.ts'
import { invited, type InvitedBody } from './kinds/invited.ts'
import type { EntryKind, MarkKind } from './kinds/kind.ts'
import { left, type LeftBody } from './kinds/left.ts'
import { reaction, type ReactionValue } from './kinds/reaction.ts'
import { renamed, type RenamedBody } from './kinds/renamed.ts'
import { text, type TextBody } from './kinds/text.ts'

/** What a device may ask to have written into a conversation. */
export type SendBody = TextBody | InvitedBody | LeftBody | RenamedBody
/** What an entry holds. */
export type EntryBody = SendBody | CreatedBody | ErasedBody

/** Values of the marks: as asked for, and as stored and sent. */
interface MarkValues {
  readonly reaction: { readonly asked: ReactionValue | null; readonly stored: ReactionValue }
  readonly edit: { readonly asked: EditAsked; readonly stored: EditValue }
  readonly erased: { readonly asked: Readonly<Record<string, never>>; readonly stored: Readonly<Record<string, never>> }
  readonly hidden: { readonly asked: Readonly<Record<string, never>>; readonly stored: Readonly<Record<string, never>> }
}
export type MarkName = keyof MarkValues

/** What a device may ask to be so about an entry. A null value takes a mark back. */
export type Act = { readonly [Kind in MarkName]: { readonly kind: Kind; readonly value: MarkValues[Kind]['asked'] } }[MarkName]

/** The stored value of a mark of this kind. */
export type MarkValue<Kind extends MarkName> = MarkValues[Kind]['stored']

/** Every kind of entry. A kind that is missing here, or a trait that a kind lacks, is a type error. */
export const ENTRY_KINDS: { readonly [Kind in EntryBody['kind']]: EntryKind<Extract<EntryBody, { kind: Kind }>> } = {
  text,
  created,
  invited,
  left,
  renamed,
  erased: erasedEntry,
}

/** Every kind of mark. */
export const MARK_KINDS = { reaction, edit, erased, hidden } as const satisfies Record<MarkName, unknown>

/** Traits of the kind of a body. Undefined for a kind that this version does not know. */
export function entryKind(kind: string): EntryKind<EntryBody> | undefined {
  return Object.hasOwn(ENTRY_KINDS, kind) ? (ENTRY_KINDS[kind as EntryBody['kind']] as unknown as EntryKind<EntryBody>) : undefined
}

/** Traits of a kind of mark. Undefined for a kind that this version does not know. */
export function markKind(kind: string): MarkKind<EntryBody, unknown, unknown> | undefined {
  return Object.hasOwn(MARK_KINDS, kind) ? (MARK_KINDS[kind as MarkName] as unknown as MarkKind<EntryBody, unknown, unknown>) : undefined
}

/** Does an entry of this kind count as unread, and move its conversation to the top of the list? A kind that is not known does not. */
export function countsAsUnread(kind: string): boolean {
  return entryKind(kind)?.counts === true
}

/** The one JSON text of a body, by which two bodies are compared [M2]. */
export function canonicalBody(body: EntryBody): string {
  return (ENTRY_KINDS[body.kind] as unknown as EntryKind<EntryBody>).canonical(body)
}

/** What is wrong with the values of a body that is asked for; null when nothing is [W1]. */
export function faultInBody(body: SendBody): ReturnType<EntryKind<EntryBody>['fault']> {
  return (ENTRY_KINDS[body.kind] as unknown as EntryKind<EntryBody>).fault(body)
}

/** What is wrong with the values of an act; null when nothing is [W1]. */
export function faultInAct(act: Act): ReturnType<EntryKind<EntryBody>['fault']> {
  const kind = MARK_KINDS[act.kind] as unknown as MarkKind<EntryBody, unknown, unknown>
  if (act.value === null) return kind.removable ? null : 'body-invalid'
  return kind.fault(act.value)
}
