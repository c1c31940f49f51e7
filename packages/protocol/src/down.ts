import { Type, type Static } from 'typebox'
import { AccountItemSchema, ConversationMetaSchema } from './account.ts'
import { AccountIdSchema, ClientMessageIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { FeaturesSchema } from './features.ts'
import { LIMITS } from './limits.ts'
import { ItemSchema } from './marks.ts'
import { CursorSchema, EntrySchema, SeqSchema, TimeSchema } from './message.ts'
import { REFUSALS, type RefusalCode } from './refusals.ts'

/**
 * The answer to hello. A changed `epoch` means that the server has another history: the device forgets its cursors (never its outbox) and is treated
 * as new [D7]. `token`, when present, replaces the device's token. `reconnectSpreadMs`: after a broken connection, wait a random time up to this
 * before the first try. `restored`: only for a device whose epoch this history goes back to by a restore from a backup: the heads of the account's
 * conversations at that time. Everything the device holds above them may be lost on the server; of a conversation that is not named, all of it [A4].
 * `restoredChanges`: likewise the last change of each conversation's items. `features`: the server's features beyond version 1 [W3].
 */
export const WelcomeSchema = Type.Object({
  t: Type.Literal('welcome'),
  epoch: Type.String(),
  accountId: AccountIdSchema,
  deviceId: DeviceIdSchema,
  now: TimeSchema,
  heartbeatMs: Type.Integer({ minimum: 1 }),
  reconnectSpreadMs: Type.Integer({ minimum: 0 }),
  token: Type.Optional(Type.String()),
  restored: Type.Optional(Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { maxItems: LIMITS.conversationsPerAccountMax })),
  restoredChanges: Type.Optional(Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]), { maxItems: LIMITS.conversationsPerAccountMax })),
  features: Type.Optional(FeaturesSchema),
})

/** Items of the account log changed after `from`, complete up to `to`. Apply them when the cursor is at `from`, then move the cursor to `to` [D9]. */
export const AccountSchema = Type.Object({
  t: Type.Literal('account'),
  from: CursorSchema,
  to: CursorSchema,
  items: Type.Array(AccountItemSchema, { maxItems: LIMITS.itemsPerFrameMax }),
})

/** Entries after `after`, in order, without a gap: entries[0].seq = after + 1 [D2]. */
export const EntriesSchema = Type.Object({
  t: Type.Literal('entries'),
  conversationId: ConversationIdSchema,
  after: CursorSchema,
  entries: Type.Array(EntrySchema, { minItems: 1, maxItems: LIMITS.entriesPerPageMax }),
})

/**
 * The state of a conversation, sent openly as a resync: its state as of `head`, its newest entries (up to `head`, contiguous), the account's
 * watermark, and the number of unread texts of others between the watermark and the first sent entry. Older entries on the device stay valid, but do
 * not connect: there is a gap to fetch from history [D4, D7]. For a device with the feature `items`: the marks of these entries as of `change`.
 */
export const ResetSchema = Type.Object({
  t: Type.Literal('reset'),
  conversationId: ConversationIdSchema,
  head: CursorSchema,
  joinedSeq: SeqSchema,
  meta: ConversationMetaSchema,
  entries: Type.Array(EntrySchema, { maxItems: LIMITS.entriesPerPageMax }),
  readSeq: CursorSchema,
  unreadBelow: Type.Integer({ minimum: 0 }),
  change: Type.Optional(CursorSchema),
  items: Type.Optional(Type.Array(ItemSchema)),
})

/** Items of a conversation changed after `from`, complete up to `to` [I3]. A device keeps items of entries that it does not hold. */
export const ItemsSchema = Type.Object({
  t: Type.Literal('items'),
  conversationId: ConversationIdSchema,
  from: CursorSchema,
  to: CursorSchema,
  items: Type.Array(ItemSchema, { maxItems: LIMITS.itemsPerFrameMax }),
})

/** Everything missed has been sent. `total` as in beat. */
export const CaughtUpSchema = Type.Object({ t: Type.Literal('caught-up'), account: CursorSchema, total: CursorSchema })

/**
 * Sent every heartbeatMs. `account` is the head of the account log. `total` is the sum of the heads of all conversations of this account (with the
 * feature `items`: of heads and changes) that the device should have by now; null while the server is still sending. As heads only rise, equal sums
 * mean equal heads [D6]. `reconnectSpreadMs` replaces the value of the welcome, because the number of connections changes.
 */
export const BeatSchema = Type.Object({
  t: Type.Literal('beat'),
  now: TimeSchema,
  account: CursorSchema,
  total: Type.Union([CursorSchema, Type.Null()]),
  reconnectSpreadMs: Type.Optional(Type.Integer({ minimum: 0 })),
})

export const HeadsSchema = Type.Object({
  t: Type.Literal('heads'),
  account: CursorSchema,
  heads: Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema])),
  changes: Type.Optional(Type.Array(Type.Tuple([ConversationIdSchema, CursorSchema]))),
})

/** The entry is durable [M5]. */
export const AcceptedSchema = Type.Object({
  t: Type.Literal('accepted'),
  id: ClientMessageIdSchema,
  conversationId: ConversationIdSchema,
  seq: SeqSchema,
  acceptedAt: TimeSchema,
})

/** The act with this id is durable [I1]. `change`: its number in its owner's log, the conversation's or the account's. */
export const SetAcceptedSchema = Type.Object({
  t: Type.Literal('set-accepted'),
  id: ClientMessageIdSchema,
  conversationId: ConversationIdSchema,
  change: CursorSchema,
})

export const RefusalCodeSchema = Type.Unsafe<RefusalCode>(Type.Union(Object.keys(REFUSALS).map((code) => Type.Literal(code))))

/** A frame was refused. `id` is that of the send or set; `re` is the type of the frame, where it could be read. */
export const RefusedSchema = Type.Object({
  t: Type.Literal('refused'),
  id: Type.Optional(ClientMessageIdSchema),
  re: Type.Optional(Type.String()),
  code: RefusalCodeSchema,
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
})

/** Unread numbers of the entries from, from+1, … in the watched conversation [R4]. */
export const UnreadSchema = Type.Object({
  t: Type.Literal('unread'),
  conversationId: ConversationIdSchema,
  from: SeqSchema,
  counts: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: LIMITS.watchEntriesMax }),
})

export const TypingDownSchema = Type.Object({ t: Type.Literal('typing'), conversationId: ConversationIdSchema, accountId: AccountIdSchema })

export const PongSchema = Type.Object({ t: Type.Literal('pong'), n: Type.Integer({ minimum: 0 }) })

/**
 * The hash of the entries from..to, as asked for by `audit`; null when not all of them exist [A1]. For a device with the feature `items`: `marks` is
 * the hash of their marks as of `change`: SHA-256 over the change number (8 bytes, big-endian) of each mark with a value, in rising order.
 */
export const AuditDownSchema = Type.Object({
  t: Type.Literal('audit'),
  conversationId: ConversationIdSchema,
  from: SeqSchema,
  to: SeqSchema,
  hash: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()]),
  change: Type.Optional(CursorSchema),
  marks: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
})

/** The server will close this connection soon. Connect again after a random time up to spreadMs. */
export const DrainSchema = Type.Object({ t: Type.Literal('drain'), spreadMs: Type.Integer({ minimum: 0 }) })

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
])
export type DownFrame = Static<typeof DownFrameSchema>
export type DownType = DownFrame['t']
export type DownFrameOf<T extends DownType> = Extract<DownFrame, { t: T }>
