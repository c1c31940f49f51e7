import { created, type CreatedBody } from './kinds/created.ts'
import { done, type DoneValue } from './kinds/done.ts'
import { edit, type EditAsked, type EditValue } from './kinds/edit.ts'
import { erased, erasedEntry, type ErasedBody, type ErasedValue } from './kinds/erased.ts'
import { hidden } from './kinds/hidden.ts'
import { invited, type InvitedBody } from './kinds/invited.ts'
import type { EntryKind, MarkKind } from './kinds/kind.ts'
import { left, type LeftBody } from './kinds/left.ts'
import { place, type PlaceBody } from './kinds/place.ts'
import { reaction, type ReactionValue } from './kinds/reaction.ts'
import { removed, type RemovedBody } from './kinds/removed.ts'
import { renamed, type RenamedBody } from './kinds/renamed.ts'
import { rights, type RightsBody } from './kinds/rights.ts'
import { role, type RoleBody } from './kinds/role.ts'
import { text, type TextBody } from './kinds/text.ts'

/** Bodies that a device may send. */
export type SendBody = TextBody | PlaceBody | InvitedBody | LeftBody | RenamedBody | RemovedBody | RoleBody | RightsBody
/** Bodies of stored entries. */
export type EntryBody = SendBody | CreatedBody | ErasedBody

/** Values of the marks: as requested, and as stored and sent. */
interface MarkValues {
  readonly reaction: { readonly asked: ReactionValue | null; readonly stored: ReactionValue }
  readonly edit: { readonly asked: EditAsked; readonly stored: EditValue }
  readonly done: { readonly asked: Readonly<Record<string, never>> | null; readonly stored: DoneValue }
  readonly erased: { readonly asked: Readonly<Record<string, never>>; readonly stored: ErasedValue }
  readonly hidden: { readonly asked: Readonly<Record<string, never>>; readonly stored: Readonly<Record<string, never>> }
}
export type MarkName = keyof MarkValues

/** A mark that a device may set on an entry. A null value takes a mark back. */
export type Act = { readonly [Kind in MarkName]: { readonly kind: Kind; readonly value: MarkValues[Kind]['asked'] } }[MarkName]

/** The stored value of a mark of this kind. */
export type MarkValue<Kind extends MarkName> = MarkValues[Kind]['stored']

/** All kinds of entries. A missing kind or a missing trait is a type error. */
export const ENTRY_KINDS: { readonly [Kind in EntryBody['kind']]: EntryKind<Extract<EntryBody, { kind: Kind }>> } = {
  text,
  place,
  created,
  invited,
  left,
  renamed,
  removed,
  role,
  rights,
  erased: erasedEntry,
}

/** All kinds of marks. */
export const MARK_KINDS = { reaction, edit, done, erased, hidden } as const satisfies Record<MarkName, unknown>

/** Traits of a kind of entry. Undefined for a kind unknown to this version. */
export function entryKind(kind: string): EntryKind<EntryBody> | undefined {
  return Object.hasOwn(ENTRY_KINDS, kind) ? (ENTRY_KINDS[kind as EntryBody['kind']] as unknown as EntryKind<EntryBody>) : undefined
}

/** Traits of a kind of mark. Undefined for a kind unknown to this version. */
export function markKind(kind: string): MarkKind<EntryBody, unknown, unknown> | undefined {
  return Object.hasOwn(MARK_KINDS, kind) ? (MARK_KINDS[kind as MarkName] as unknown as MarkKind<EntryBody, unknown, unknown>) : undefined
}

/** Whether an entry of this kind counts as unread and moves its conversation to the top of the list. An unknown kind does not. */
export function countsAsUnread(kind: string): boolean {
  return entryKind(kind)?.counts === true
}

/** The canonical JSON text of a body, with which bodies are compared [M2]. */
export function canonicalBody(body: EntryBody): string {
  return (ENTRY_KINDS[body.kind] as unknown as EntryKind<EntryBody>).canonical(body)
}

/** What is wrong with the values of a requested body; null when nothing is [W1]. */
export function faultInBody(body: SendBody): ReturnType<EntryKind<EntryBody>['fault']> {
  return (ENTRY_KINDS[body.kind] as unknown as EntryKind<EntryBody>).fault(body)
}

/** What is wrong with the values of an act; null when nothing is [W1]. */
export function faultInAct(act: Act): ReturnType<EntryKind<EntryBody>['fault']> {
  const kind = MARK_KINDS[act.kind] as unknown as MarkKind<EntryBody, unknown, unknown>
  if (act.value === null) return kind.removable ? null : 'body-invalid'
  return kind.fault(act.value)
}
