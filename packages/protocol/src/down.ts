import { Type, type Static, type TProperties } from 'typebox'
import { AccountItemSchema, ConversationMetaSchema } from './account.ts'
import { described } from './described.ts'
import { AccountIdSchema, ClientMessageIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { FeaturesSchema } from './features.ts'
import { LineageSchema, TideSchema } from './tide.ts'
import { LIMITS } from './limits.ts'
import { ItemSchema } from './marks.ts'
import { CursorSchema, EntrySchema, SeqSchema, TimeSchema } from './message.ts'
import { REFUSALS, type RefusalCode } from './refusals.ts'

/** A frame of a server. A device ignores additional fields [W3]. */
function frame<const T extends string, Fields extends TProperties>(t: T, description: string, fields: Fields) {
  return Type.Object({ t: Type.Literal(t, { description: 'Type of the frame.' }), ...fields }, { description })
}

const cursorsOf = (description: string, bounds: { readonly maxItems?: number } = {}) =>
  Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { ...bounds, description })
const ofEach = { maxItems: LIMITS.conversationsPerAccountMax }

const spread = (description: string) => Type.Integer({ minimum: 0, description })
const hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })

export const WelcomeSchema = frame('welcome', 'The answer to hello.', {
  epoch: Type.String({
    description:
      'Name of the server’s history. A changed epoch means another history: the device forgets its cursors (never its outbox) and is treated as new [D7].',
  }),
  accountId: AccountIdSchema,
  deviceId: DeviceIdSchema,
  now: TimeSchema,
  heartbeatMs: Type.Integer({ minimum: 1, description: 'Time between two beats. Silence of 1.5 heartbeats means that the connection is dead [C4].' }),
  reconnectSpreadMs: spread('After a broken connection, wait a random time up to this before the first try [O3].'),
  token: Type.Optional(Type.String({ description: 'A new token that replaces the device’s own. Store it before going on.' })),
  restored: Type.Optional(
    cursorsOf(
      'Only for a device whose epoch this history goes back to by a restore: the heads of the account’s conversations at that time. Everything above may be lost on the server; of a conversation that is not named, all of it [A4].',
      ofEach,
    ),
  ),
  restoredChanges: Type.Optional(cursorsOf('Likewise the last change of each conversation’s items [A4].', ofEach)),
  features: Type.Optional(FeaturesSchema),
  lineage: Type.Optional(LineageSchema),
  tide: Type.Optional(TideSchema),
})

export const AccountSchema = frame(
  'account',
  'Items of the account log. Apply them when the cursor is at `from`, then move the cursor to `to` [D9].',
  {
    from: described(CursorSchema, 'All items changed after this …'),
    to: described(CursorSchema, '… up to this are in the frame.'),
    items: Type.Array(AccountItemSchema, { maxItems: LIMITS.itemsPerFrameMax, description: 'The newest value of each changed (kind, key).' }),
    tide: Type.Optional(TideSchema),
  },
)

export const EntriesSchema = frame('entries', 'Entries of a conversation, in order, without a gap [D2].', {
  conversationId: ConversationIdSchema,
  after: described(CursorSchema, 'The first entry of the frame is the one after this.'),
  entries: Type.Array(EntrySchema, { minItems: 1, maxItems: LIMITS.entriesPerPageMax, description: 'Entries `after`+1, `after`+2 …' }),
  tide: Type.Optional(TideSchema),
})

export const ResetSchema = frame(
  'reset',
  'The state of a conversation, sent openly as a resync. Older entries on the device stay valid, but do not connect: there may be a gap to fetch from history [D4, D7].',
  {
    conversationId: ConversationIdSchema,
    head: described(CursorSchema, 'Seq of the newest entry. The device’s cursor becomes this.'),
    joinedSeq: described(SeqSchema, 'The entry with which this account joined.'),
    meta: ConversationMetaSchema,
    entries: Type.Array(EntrySchema, { maxItems: LIMITS.entriesPerPageMax, description: 'The newest entries, without a gap, ending at `head`.' }),
    readSeq: described(CursorSchema, 'How far this account has read.'),
    unreadBelow: Type.Integer({
      minimum: 0,
      description: 'Number of unread entries of others, of a counting kind, between `readSeq` and the first entry of the frame.',
    }),
    change: Type.Optional(
      described(CursorSchema, 'The conversation’s last change. The device’s change cursor becomes this. With the feature `items`.'),
    ),
    items: Type.Optional(Type.Array(ItemSchema, { description: 'The marks of these entries as of `change`. With the feature `items`.' })),
    tide: Type.Optional(TideSchema),
  },
)

export const ItemsSchema = frame('items', 'Items of a conversation. A device keeps items of entries that it does not hold [I3].', {
  conversationId: ConversationIdSchema,
  from: described(CursorSchema, 'All items changed after this …'),
  to: described(CursorSchema, '… up to this are in the frame.'),
  items: Type.Array(ItemSchema, { maxItems: LIMITS.itemsPerFrameMax, description: 'The newest value of each changed (kind, key).' }),
  tide: Type.Optional(TideSchema),
})

export const CaughtUpSchema = frame('caught-up', 'Everything missed has been sent. Once for each connection.', {
  account: described(CursorSchema, 'Head of the account log.'),
  total: described(CursorSchema, 'As in `beat`.'),
  tide: Type.Optional(TideSchema),
})

export const BeatSchema = frame('beat', 'Sent every heartbeatMs [D6].', {
  now: TimeSchema,
  account: described(CursorSchema, 'Head of the account log.'),
  total: Type.Union([CursorSchema, Type.Null()], {
    description:
      'Sum of the heads of all conversations of this account (with the feature `items`: of heads and changes) that the device should have by now; null while the server is still sending. As heads only rise, equal sums mean equal heads.',
  }),
  reconnectSpreadMs: Type.Optional(spread('Replaces the value of the welcome.')),
  tide: Type.Optional(TideSchema),
})

export const HeadsSchema = frame('heads', 'The answer to `ask-heads` [D6].', {
  account: described(CursorSchema, 'Head of the account log.'),
  heads: cursorsOf('The head of each conversation.'),
  changes: Type.Optional(cursorsOf('The last change of each conversation, where that is not 0. With the feature `items`.')),
})

export const AcceptedSchema = frame('accepted', 'The entry is durable [M5].', {
  id: described(ClientMessageIdSchema, 'Id of the send.'),
  conversationId: ConversationIdSchema,
  seq: SeqSchema,
  acceptedAt: described(TimeSchema, 'Time at which the entry became durable, by the server’s clock.'),
  tide: Type.Optional(TideSchema),
})

export const SetAcceptedSchema = frame('set-accepted', 'The act with this id is durable [I1].', {
  id: described(ClientMessageIdSchema, 'Id of the act.'),
  conversationId: ConversationIdSchema,
  change: described(CursorSchema, 'Number of the act in its owner’s log: the conversation’s, or the account’s for `hidden`.'),
  tide: Type.Optional(TideSchema),
})

export const RefusalCodeSchema = Type.Unsafe<RefusalCode>(
  Type.Union(
    Object.keys(REFUSALS).map((code) => Type.Literal(code)),
    { description: 'What is wrong. An unknown code counts as one with `later` [C2].' },
  ),
)

export const RetryAfterMsSchema = Type.Integer({ minimum: 0, description: 'Time to wait before the same request is sent again.' })

export const LimitNameSchema = Type.String({ maxLength: 64, description: 'Name of the bound that was reached, as in the served limits.' })

export const RefusedSchema = frame('refused', 'A frame was refused.', {
  id: Type.Optional(described(ClientMessageIdSchema, 'Id of the send or set, where it could be read.')),
  re: Type.Optional(Type.String({ description: 'Type of the refused frame, where it could be read.' })),
  code: RefusalCodeSchema,
  retryAfterMs: Type.Optional(RetryAfterMsSchema),
  limit: Type.Optional(LimitNameSchema),
})

export const UnreadSchema = frame('unread', 'Unread numbers of the entries in view: how many have yet to read each [R4].', {
  conversationId: ConversationIdSchema,
  from: described(SeqSchema, 'The entry of the first number.'),
  counts: Type.Array(Type.Integer({ minimum: 0 }), {
    maxItems: LIMITS.watchEntriesMax,
    description: 'Numbers of the entries `from`, `from`+1 …',
  }),
})

export const TypingDownSchema = frame('typing', 'Somebody is typing in the watched conversation.', {
  conversationId: ConversationIdSchema,
  accountId: AccountIdSchema,
})

export const PongSchema = frame('pong', 'The answer to `ping` [C4].', { n: Type.Integer({ minimum: 0, description: 'The number of the ping.' }) })

export const AuditDownSchema = frame('audit', 'The hash of a stretch of entries [A1].', {
  conversationId: ConversationIdSchema,
  from: described(SeqSchema, 'As asked.'),
  to: described(SeqSchema, 'As asked.'),
  hash: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()], {
    description:
      'SHA-256, in lower-case hexadecimal, over each entry’s seq (8 bytes, big-endian) and id (its 16 bytes), one after the other; null when not all of them exist.',
  }),
  change: Type.Optional(described(CursorSchema, 'The change of which `marks` is the hash. With the feature `items`.')),
  marks: Type.Optional(
    hash(
      'SHA-256 over the change number (8 bytes, big-endian) of each mark with a value, in rising order. With the feature `items`; left out when there are very many.',
    ),
  ),
})

export const DrainSchema = frame('drain', 'The server will close this connection soon [O5].', {
  spreadMs: spread('After the close, connect again after a random time up to this.'),
})

export const TurnSchema = frame(
  'turn',
  'The server keeps this connection and answers the hello at its turn: many are connecting [O3]. Only for a device with the feature `turns`.',
  { inMs: Type.Integer({ minimum: 0, description: 'The turn comes after about this time. When it comes late, the frame is sent again.' }) },
)

/** All frames a server may send. A client ignores unknown types [W3]. */
export const DownFrameSchema = Type.Union([
  WelcomeSchema,
  AccountSchema,
  EntriesSchema,
  ResetSchema,
  ItemsSchema,
  CaughtUpSchema,
  BeatSchema,
  HeadsSchema,
  AcceptedSchema,
  SetAcceptedSchema,
  RefusedSchema,
  UnreadSchema,
  TypingDownSchema,
  PongSchema,
  DrainSchema,
  AuditDownSchema,
  TurnSchema,
])
export type DownFrame = Static<typeof DownFrameSchema>
export type DownType = DownFrame['t']
export type DownFrameOf<T extends DownType> = Extract<DownFrame, { t: T }>
