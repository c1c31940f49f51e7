import { Type, type Static } from 'typebox'
import { AccountIdSchema, ClientMessageIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

/** Sequence number of an entry in its conversation: from 1, rising by exactly 1 [M3]. */
export const SeqSchema = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** A cursor: the last seq applied, 0 before the first. */
export const CursorSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Milliseconds since 1970-01-01 UTC by the server's clock. */
export const TimeSchema = Type.Integer({ minimum: 0 })

const Text = Type.Object({ kind: Type.Literal('text'), text: Type.String() }, { additionalProperties: false })
const Renamed = Type.Object({ kind: Type.Literal('renamed'), title: Type.String() }, { additionalProperties: false })
const Left = Type.Object({ kind: Type.Literal('left') }, { additionalProperties: false })
const Invited = Type.Object(
  { kind: Type.Literal('invited'), accounts: Type.Array(AccountIdSchema, { minItems: 1, maxItems: LIMITS.inviteesPerEntryMax }) },
  { additionalProperties: false },
)
const Created = Type.Object(
  { kind: Type.Literal('created'), title: Type.String(), accounts: Type.Array(AccountIdSchema, { maxItems: LIMITS.inviteesPerEntryMax }) },
  { additionalProperties: false },
)

/** What a device may ask to have written into a conversation. Lengths are checked by the conversation module, which gives exact refusals. */
export const SendBodySchema = Type.Union([Text, Renamed, Invited, Left])
export type SendBody = Static<typeof SendBodySchema>

/**
 * What an entry holds. `created` is always seq 1 and names the first members besides its author; `invited` names those who came in by
 * this entry; `left` means its author went; `renamed` sets the group's title ('' means: named by its members).
 */
export const EntryBodySchema = Type.Union([Text, Created, Invited, Left, Renamed])
export type EntryBody = Static<typeof EntryBodySchema>

/** Anything that happened in a conversation. It never changes [M4]. */
export const EntrySchema = Type.Object({
  seq: SeqSchema,
  /** When it became durable, server clock. Order comes from seq alone. */
  acceptedAt: TimeSchema,
  author: AccountIdSchema,
  id: ClientMessageIdSchema,
  body: EntryBodySchema,
})
export type Entry = Static<typeof EntrySchema>
