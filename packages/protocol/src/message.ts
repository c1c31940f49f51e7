import { Type, type Static } from 'typebox'
import { described } from './described.ts'
import { AccountIdSchema, ClientMessageIdSchema } from './ids.ts'
import { ENTRY_KINDS, type EntryBody, type SendBody } from './kinds.ts'
import type { EntryKind } from './kinds/kind.ts'

export const SeqSchema = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Place of an entry in its conversation: starts at 1 and rises by exactly 1 [M3].',
})
export const CursorSchema = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The last seq or change that was applied; 0 before the first.',
})
export const TimeSchema = Type.Integer({ minimum: 0, description: 'Milliseconds since 1970-01-01 UTC by the server’s clock.' })

/** A schema of a union of bodies, from the table of kinds. */
function bodies<Body extends EntryBody>(wanted: (kind: EntryKind<EntryBody>) => boolean) {
  const kinds = Object.values(ENTRY_KINDS) as unknown as EntryKind<EntryBody>[]
  return Type.Unsafe<Body>(Type.Union(kinds.filter(wanted).map(({ schema }) => Type.Unsafe(schema))))
}

/** Bodies that a device may send. The kinds check values; the schema checks shapes. */
export const SendBodySchema = described(
  bodies<SendBody>(({ by }) => by === 'member'),
  'What to write, by `kind`.',
)

/** Bodies of all kinds of entries. */
export const EntryBodySchema = bodies<EntryBody>(() => true)

export const EntrySchema = Type.Object(
  {
    seq: SeqSchema,
    acceptedAt: described(TimeSchema, 'Time at which the entry became durable, by the server’s clock. Only seq defines the order.'),
    author: described(AccountIdSchema, 'The account that wrote the entry.'),
    id: ClientMessageIdSchema,
    body: described(EntryBodySchema, 'What was said or what happened, by `kind`. A client shows an unknown kind as a plain line.'),
  },
  {
    description: 'Something said or something that happened in a conversation. It never changes, except by its author’s edits and erasures [M4, I6].',
  },
)
export type Entry = Static<typeof EntrySchema>
