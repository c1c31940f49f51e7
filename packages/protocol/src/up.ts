import { Type, type Static } from 'typebox'
import { ClientMessageIdSchema, ConversationIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CursorSchema, SendBodySchema, SeqSchema } from './message.ts'
import { ActSchema } from './marks.ts'
import { FeaturesSchema } from './features.ts'

const closed = { additionalProperties: false }

/**
 * First frame of a connection. `epoch` and the cursors are the device's stored values; a new device sends null, 0 and []. `cursors` has the last
 * applied seq of each known conversation; `changes` has the last applied change of its items, where that is not 0. `features`: the device's features
 * beyond version 1 [W3]. A server without features refuses the frame as malformed and stays open; the device then sends hello without these two
 * fields.
 */
export const HelloSchema = Type.Object(
  {
    t: Type.Literal('hello'),
    token: Type.String({ maxLength: 2_048 }),
    epoch: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
    account: CursorSchema,
    cursors: Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { maxItems: LIMITS.conversationsPerAccountMax }),
    features: Type.Optional(FeaturesSchema),
    changes: Type.Optional(Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { maxItems: LIMITS.conversationsPerAccountMax })),
  },
  closed,
)

/** Write an entry. Answered by `accepted` or `refused` with the same id. A repeated id gets the same answer [M2]. */
export const SendSchema = Type.Object(
  { t: Type.Literal('send'), id: ClientMessageIdSchema, conversationId: ConversationIdSchema, body: SendBodySchema },
  closed,
)

const act = { id: ClientMessageIdSchema, conversationId: ConversationIdSchema, seq: SeqSchema, subject: ClientMessageIdSchema, act: ActSchema }

/**
 * Set a mark of an entry, or take it back. `seq` and `subject` are the entry's seq and id, which must belong together [I4]. Answered by
 * `set-accepted` or `refused` with the same id. A repeated id gets the same answer [I2]. Only for servers with the feature `items`.
 */
export const SetSchema = Type.Object({ t: Type.Literal('set'), ...act }, closed)

/** This account has read up to seq. Not answered. It comes back to all devices as the account item `read` [R1-R3]. */
export const ReadSchema = Type.Object({ t: Type.Literal('read'), conversationId: ConversationIdSchema, seq: SeqSchema }, closed)

/** The person is typing. Never stored. Sent to devices that watch the conversation. */
export const TypingSchema = Type.Object({ t: Type.Literal('typing'), conversationId: ConversationIdSchema }, closed)

/**
 * The conversation on the screen and the entries in view. The server answers with their unread numbers, sends them again when they change, and
 * forwards typing. `to` null follows the head. A device watches one conversation at a time; conversationId null stops watching.
 */
export const WatchSchema = Type.Object(
  {
    t: Type.Literal('watch'),
    conversationId: Type.Union([ConversationIdSchema, Type.Null()]),
    from: CursorSchema,
    to: Type.Union([SeqSchema, Type.Null()]),
  },
  closed,
)

/** Ask for the heads of all conversations, after a heartbeat whose total does not match [D6]. Answered by `heads`. */
export const AskHeadsSchema = Type.Object({ t: Type.Literal('ask-heads') }, closed)

/** Ask for a conversation again. Answered by `reset` [D7]. */
export const RefreshSchema = Type.Object({ t: Type.Literal('refresh'), conversationId: ConversationIdSchema }, closed)

/** Check the connection. Answered at once by `pong` with the same n [C4]. */
export const PingSchema = Type.Object({ t: Type.Literal('ping'), n: Type.Integer({ minimum: 0 }) }, closed)

/**
 * Ask for the hash of the entries from..to, at most `auditEntriesMax` entries and none before joinedSeq. Answered by `audit` [A1]. The hash is
 * SHA-256, in lower-case hexadecimal, over each entry's seq (8 bytes, big-endian) and id (its 16 bytes), one after the other.
 */
export const AuditUpSchema = Type.Object({ t: Type.Literal('audit'), conversationId: ConversationIdSchema, from: SeqSchema, to: SeqSchema }, closed)

/** An audit found a difference between this device and the server. It is only counted and does not say what or where [A3]. Not answered. */
export const AuditFaultSchema = Type.Object({ t: Type.Literal('audit-fault') }, closed)

/** All frames a device may send. */
export const UpFrameSchema = Type.Union([
  HelloSchema,
  SendSchema,
  SetSchema,
  ReadSchema,
  TypingSchema,
  WatchSchema,
  AskHeadsSchema,
  RefreshSchema,
  PingSchema,
  AuditUpSchema,
  AuditFaultSchema,
])
export type UpFrame = Static<typeof UpFrameSchema>
export type UpType = UpFrame['t']
