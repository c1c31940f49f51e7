import { Type, type Static } from 'typebox'
import { AccountIdSchema, ClientMessageIdSchema } from './ids.ts'
import { ENTRY_KINDS, type EntryBody, type SendBody } from './kinds.ts'
import type { EntryKind } from './kinds/kind.ts'

/** Sequence number of an entry in its conversation: starts at 1 and rises by exactly 1 [M3]. */
export const SeqSchema = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** A cursor: the last seq applied, 0 before the first. */
export const CursorSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Milliseconds since 1970-01-01 UTC by the server's clock. */
export const TimeSchema = Type.Integer({ minimum: 0 })

/** A schema of a union of bodies, from the table of kinds. */
function bodies<Body extends EntryBody>(wanted: (kind: EntryKind<EntryBody>) => boolean) {
  const kinds = Object.values(ENTRY_KINDS) as unknown as EntryKind<EntryBody>[]
  return Type.Unsafe<Body>(Type.Union(kinds.filter(wanted).map(({ schema }) => Type.Unsafe(schema))))
}

/** Bodies that a device may send. The kinds check values; the schema checks shapes. */
export const SendBodySchema = bodies<SendBody>(({ by }) => by === 'member')

/** Bodies of all kinds of entries. */
export const EntryBodySchema = bodies<EntryBody>(() => true)

/** Something said or something that happened in a conversation. It never changes, except by its author's edits and erasures [M4, I6]. */
export const EntrySchema = Type.Object({
  seq: SeqSchema,
  /** Time at which it became durable, server clock. Only seq defines the order. */
  acceptedAt: TimeSchema,
  author: AccountIdSchema,
  id: ClientMessageIdSchema,
  body: EntryBodySchema,
})
export type Entry = Static<typeof EntrySchema>
