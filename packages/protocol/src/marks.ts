import { Type, type Static, type TSchema } from 'typebox'
import { described } from './described.ts'
import { MARK_KINDS, type Act, type MarkName, type MarkValue } from './kinds.ts'
import type { MarkKind } from './kinds/kind.ts'
import { CursorSchema } from './message.ts'

const marks = Object.entries(MARK_KINDS) as unknown as readonly (readonly [MarkName, MarkKind<never, never, unknown>])[]

function orNull(schema: TSchema, isRemovable: boolean): TSchema {
  return isRemovable ? Type.Union([schema, Type.Null()]) : schema
}

/** Acts that a device may request: one form for each kind of mark. */
export const ActSchema = Type.Unsafe<Act>(
  Type.Union(
    marks.map(([kind, { askedSchema, removable }]) =>
      Type.Object(
        {
          kind: Type.Literal(kind, { description: 'Kind of the mark.' }),
          value: described(orNull(Type.Unsafe(askedSchema), removable), removable ? 'The value; null takes the mark back.' : 'The value.'),
        },
        { additionalProperties: false },
      ),
    ),
  ),
)

/** A mark of a conversation on the wire: the newest value of (kind, key), numbered by the conversation's change. */
export type Item = {
  readonly [Kind in Exclude<MarkName, 'hidden'>]: {
    readonly kind: Kind
    /** `<seq>` of the entry, or `<seq>:<accountId>` when each member has one. */
    readonly key: string
    /** The conversation's change number of this value. */
    readonly change: number
    /** Null: taken back, or removed with its entry. */
    readonly value: MarkValue<Kind> | null
  }
}[Exclude<MarkName, 'hidden'>]

/** A client keeps items of unknown kinds and does not show them [W3]. */
export const ItemSchema = Type.Unsafe<Item>(
  Type.Union(
    marks
      .filter(([, { owner }]) => owner === 'conversation')
      .map(([kind, { schema, each }]) =>
        Type.Object({
          kind: Type.Literal(kind, { description: 'Kind of the mark.' }),
          key: Type.String({
            pattern: each === 'entry' ? '^[1-9][0-9]{0,15}$' : '^[1-9][0-9]{0,15}:[0-9a-f-]{36}$',
            description: each === 'entry' ? 'Seq of the entry.' : '`<seq>:<accountId>`: the entry, and the member whose mark it is.',
          }),
          change: described(CursorSchema, 'The conversation’s change number of this value. Of two values of one (kind, key) the higher one counts.'),
          value: Type.Union([Type.Unsafe(schema), Type.Null()], { description: 'The value; null when it was taken back or removed with its entry.' }),
        }),
      ),
  ),
)
export type ItemOf<Kind extends Item['kind']> = Extract<Item, { kind: Kind }>
export type ItemFrame = Static<typeof ItemSchema>
