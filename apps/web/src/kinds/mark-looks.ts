import type { Item } from '@bongsu/protocol'
import { done } from './done/done.tsx'
import { edit } from './edit/edit.ts'
import type { MarkLook } from './mark-look.ts'

type Kind = Item['kind']

/** The marks shown as words at the foot of a message. */
const MARK_LOOKS: { readonly [K in Kind]?: MarkLook } = { edit, done }

/** In the order in which they are shown. */
export const LABELLED_MARKS = Object.keys(MARK_LOOKS) as readonly Kind[]
/** Marks with an item in the menu of a message. */
export const TOGGLED_MARKS = LABELLED_MARKS.filter((kind) => MARK_LOOKS[kind]?.toggle !== null)

export function markLook(kind: Kind): MarkLook {
  return MARK_LOOKS[kind] as MarkLook
}
