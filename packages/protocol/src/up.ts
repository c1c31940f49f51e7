import { Type, type Static } from 'typebox'
import { ClientMessageIdSchema, ConversationIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CursorSchema, SendBodySchema, SeqSchema } from './message.ts'
import { ActSchema } from './marks.ts'
import { FeaturesSchema } from './features.ts'

const closed = { additionalProperties: false }

/**
 * First frame of a connection. `epoch` and the cursors are what the device has stored; a device without any says null, 0 and [].
 * `cursors` holds, for each conversation it knows, the last seq it applied; `changes` the last change of its items, where that is not 0.
 * `features`: what this device knows beyond version 1 [W3]. A server that knows no features refuses the frame as malformed and stays open: the
 * device then says hello without these two fields.
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

/** Write an entry. Answered by `accepted` or `refused` with the same id. The same id again gets the same answer [M2]. */
export const SendSchema = Type.Object(
  { t: Type.Literal('send'), id: ClientMessageIdSchema, conversationId: ConversationIdSchema, body: SendBodySchema },
  closed,
)

const act = { id: ClientMessageIdSchema, conversationId: ConversationIdSchema, seq: SeqSchema, subject: ClientMessageIdSchema, act: ActSchema }

/**
 * Set a mark of an entry, or take it back. `seq` and `subject` are the entry's seq and id, which must belong together [I4]. Answered by `set-accepted` or
 * `refused` with the same id. The same id again gets the same answer [I2]. Only to a server with the feature `items`.
 */
export const SetSchema = Type.Object({ t: Type.Literal('set'), ...act }, closed)

/** This account has read up to seq. Not answered; it comes back to all devices as the account item `read` [R1-R3]. */
export const ReadSchema = Type.Object({ t: Type.Literal('read'), conversationId: ConversationIdSchema, seq: SeqSchema }, closed)

/** The person is writing. Never stored. Reaches the devices that watch the conversation. */
export const TypingSchema = Type.Object({ t: Type.Literal('typing'), conversationId: ConversationIdSchema }, closed)

/**
 * The conversation on the screen and the entries in view: the server answers with their unread numbers and goes on sending them as they
 * change, and passes on who is typing. `to` null follows the head. A device watches one conversation at a time; conversationId null ends it.
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

/** Ask for a conversation anew. Answered by `reset` [D7]. */
export const RefreshSchema = Type.Object({ t: Type.Literal('refresh'), conversationId: ConversationIdSchema }, closed)

/** Is the connection alive? Answered at once by `pong` with the same n [C4]. */
export const PingSchema = Type.Object({ t: Type.Literal('ping'), n: Type.Integer({ minimum: 0 }) }, closed)

/**
 * What is the hash of the entries from..to, at most `auditEntriesMax` of them and none before joinedSeq? Answered by `audit` [A1].
 * The hash is SHA-256, in lower-case hexadecimal, over each entry's seq (8 bytes, big-endian) and id (its 16 bytes), one after the other.
 */
export const AuditUpSchema = Type.Object({ t: Type.Literal('audit'), conversationId: ConversationIdSchema, from: SeqSchema, to: SeqSchema }, closed)

/** An audit has found this device and the server at odds. Only counted; it says nothing of what or where [A3]. Not answered. */
export const AuditFaultSchema = Type.Object({ t: Type.Literal('audit-fault') }, closed)

/** Everything a device may say. */
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
