import { Type, type Static, type TProperties } from 'typebox'
import { described } from './described.ts'
import { ClientMessageIdSchema, ConversationIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CursorSchema, SendBodySchema, SeqSchema } from './message.ts'
import { ActSchema } from './marks.ts'
import { FeaturesSchema } from './features.ts'
import { LineageSchema, TideSchema } from './tide.ts'

/** A frame of a device. The server refuses additional fields [W3]. */
function frame<const T extends string, Fields extends TProperties>(t: T, description: string, fields: Fields) {
  return Type.Object({ t: Type.Literal(t, { description: 'Type of the frame.' }), ...fields }, { additionalProperties: false, description })
}

const cursorsOf = (description: string) =>
  Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { maxItems: LIMITS.conversationsPerAccountMax, description })

export const HelloSchema = frame(
  'hello',
  'First frame of a connection. A new device sends null, 0 and []. A server without features refuses the frame as malformed and stays open; the device then sends hello without `features` and `changes`.',
  {
    token: Type.String({ maxLength: LIMITS.tokenLengthMax, description: 'The token of this device.' }),
    epoch: Type.Union([Type.String({ maxLength: LIMITS.epochLengthMax }), Type.Null()], {
      description: 'The stored epoch; null before the first welcome.',
    }),
    account: described(CursorSchema, 'The stored cursor of the account log.'),
    cursors: cursorsOf('The last applied seq of each conversation that the device holds.'),
    features: Type.Optional(FeaturesSchema),
    changes: Type.Optional(cursorsOf('The last applied change of each conversation, where that is not 0.')),
    tide: Type.Optional(
      Type.Tuple([LineageSchema, TideSchema], {
        description:
          'The lineage of the last welcome and the last tide of any frame, as the server sent them in this epoch. Left out when it has sent none [A7].',
      }),
    ),
  },
)

export const SendSchema = frame(
  'send',
  'Write an entry. Answered by `accepted` or `refused` with the same id. A repeated id gets the same answer [M2].',
  {
    id: ClientMessageIdSchema,
    conversationId: ConversationIdSchema,
    body: SendBodySchema,
  },
)

export const SetSchema = frame(
  'set',
  'Set a mark of an entry, or take it back. Answered by `set-accepted` or `refused` with the same id. A repeated id gets the same answer [I2]. Only for servers with the feature `items`.',
  {
    id: described(ClientMessageIdSchema, 'Id of the act, made by the device before the first try [I2].'),
    conversationId: ConversationIdSchema,
    seq: described(SeqSchema, 'Seq of the entry.'),
    subject: described(ClientMessageIdSchema, 'Id of the entry. It must belong to `seq` [I4].'),
    act: described(ActSchema, 'The mark to set, by `kind`.'),
  },
)

export const ReadSchema = frame(
  'read',
  'This account has read up to an entry. Not answered: it comes back to all devices as the account item `read` [R1-R3].',
  { conversationId: ConversationIdSchema, seq: described(SeqSchema, 'The last entry that was read. Beyond the head it counts as the head.') },
)

export const TypingSchema = frame('typing', 'The person is typing. Never stored. Sent to devices that watch the conversation.', {
  conversationId: ConversationIdSchema,
})

export const WatchSchema = frame(
  'watch',
  'The conversation on the screen and the entries in view. The server answers with their unread numbers, sends them again when they change, and forwards typing. A device watches one conversation at a time.',
  {
    conversationId: Type.Union([ConversationIdSchema, Type.Null()], { description: 'The conversation; null stops watching.' }),
    from: described(CursorSchema, 'Seq of the first entry in view.'),
    to: Type.Union([SeqSchema, Type.Null()], { description: 'Seq of the last entry in view; null follows the head.' }),
  },
)

export const AskHeadsSchema = frame(
  'ask-heads',
  'Ask for the heads of all conversations, after a heartbeat whose total does not match [D6]. Answered by `heads`.',
  {},
)

export const RefreshSchema = frame('refresh', 'Ask for a conversation again. Answered by `reset` [D7].', { conversationId: ConversationIdSchema })

export const PingSchema = frame('ping', 'Check the connection. Answered at once by `pong` with the same n [C4].', {
  n: Type.Integer({ minimum: 0, description: 'Any number. The answer repeats it.' }),
})

export const AuditUpSchema = frame('audit', 'Ask for the hash of a stretch of at most `auditEntriesMax` entries. Answered by `audit` [A1].', {
  conversationId: ConversationIdSchema,
  from: described(SeqSchema, 'First entry of the stretch, not before joinedSeq.'),
  to: described(SeqSchema, 'Last entry of the stretch.'),
})

export const AuditFaultSchema = frame(
  'audit-fault',
  'An audit found a difference between this device and the server. It is only counted and does not say what or where [A3]. Not answered.',
  {},
)

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
