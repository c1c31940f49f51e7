import { Type, type Static, type TSchema } from 'typebox'
import { DeviceSchema, PersonSchema, ProfileSchema, RoleSchema } from './account.ts'
import { ConversationKindSchema } from './conversation-kind.ts'
import { RefusalCodeSchema } from './down.ts'
import { AccountIdSchema, ClientMessageIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { ItemSchema } from './marks.ts'
import { CursorSchema, EntrySchema, SeqSchema, TimeSchema } from './message.ts'
import { PATHS } from './paths.ts'
import { UUID_PATTERN } from './uuid.ts'

/**
 * One HTTP operation. Requests carry `authorization: Bearer <token>` unless `open`; where `key` is set, the key replaces the token. Bodies are JSON.
 * Every refusal has the shape RefusalBody.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  readonly about: string
  /** May be called without a token. */
  readonly open?: true
  /** Not for people: requires this key of the server (BONGSU_SENTINEL_KEY) and accepts no token [F1]. */
  readonly key?: 'sentinel'
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  readonly reply: TSchema
}

const closed = { additionalProperties: false }
const Empty = Type.Object({}, closed)

export const RefusalBodySchema = Type.Object({
  code: RefusalCodeSchema,
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
})

/** Invite codes are 32 random bytes in base64url. They are sent in the fragment of a link and in bodies, never in a path or query. */
const CodeSchema = Type.String({ minLength: 16, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' })

const SignedInSchema = Type.Object({ token: Type.String(), deviceId: DeviceIdSchema, profile: ProfileSchema })

const CountSchema = Type.Integer({ minimum: 0 })

/** A failure that a device experienced, without any content [F4]. Durations are the device's; the server computes times by its own clock. */
const OutageSchema = Type.Object(
  {
    /** Made by the device. A repeated id changes nothing. */
    id: Type.String({ pattern: UUID_PATTERN }),
    /** Time since its end. */
    agoMs: Type.Integer({ minimum: 0, maximum: LIMITS.outageAgoMsMax }),
    lastedMs: Type.Integer({ minimum: LIMITS.outageMsMin + 1, maximum: LIMITS.outageMsMax }),
    part: Type.Union([Type.Literal('connection'), Type.Literal('sign-in')]),
    /** Number of messages that waited in the outbox, at most. */
    unsent: Type.Integer({ minimum: 0, maximum: LIMITS.unsentMax }),
  },
  closed,
)
export type Outage = Static<typeof OutageSchema>

const InviteSchema = Type.Object({
  inviteId: Type.String(),
  role: RoleSchema,
  createdAt: TimeSchema,
  expiresAt: TimeSchema,
  usesLeft: Type.Integer({ minimum: 0 }),
  createdBy: Type.Union([PersonSchema, Type.Null()]),
})

export const ROUTES = {
  server: {
    ...PATHS.server,
    open: true,
    about: 'Public information: the name of this server and how to join.',
    reply: Type.Object({
      name: Type.String(),
      registration: Type.Union([Type.Literal('invite'), Type.Literal('open')]),
      protocolVersion: Type.Integer(),
      /** Address of the sentinel's pages, without a trailing slash. `/status.json` is below it. */
      statusUrl: Type.Optional(Type.String()),
    }),
  },
  checkInvite: {
    ...PATHS.checkInvite,
    open: true,
    about: 'Whether an invite is valid, and who made it.',
    body: Type.Object({ code: CodeSchema }, closed),
    reply: Type.Object({ role: RoleSchema, expiresAt: TimeSchema, from: Type.Union([PersonSchema, Type.Null()]) }),
  },
  signUp: {
    ...PATHS.signUp,
    open: true,
    about: 'Create an account and sign this device in. Without an invite only when registration is open. The inviter becomes a friend.',
    body: Type.Object(
      {
        code: Type.Optional(CodeSchema),
        handle: Type.String({ maxLength: 64 }),
        displayName: Type.String({ maxLength: 400 }),
        password: Type.String({ maxLength: 1_000 }),
        deviceName: Type.String({ maxLength: 400 }),
      },
      closed,
    ),
    reply: SignedInSchema,
  },
  signIn: {
    ...PATHS.signIn,
    open: true,
    about: 'Sign a device in: a new one, or, by its id, a signed-in device of this account, which only gets a new token [F5].',
    body: Type.Object(
      {
        handle: Type.String({ maxLength: 64 }),
        password: Type.String({ maxLength: 1_000 }),
        deviceName: Type.String({ maxLength: 400 }),
        /** The earlier id of this device. When it is unknown, revoked or another account’s, a new device is created. */
        deviceId: Type.Optional(DeviceIdSchema),
      },
      closed,
    ),
    reply: SignedInSchema,
  },
  signOut: { ...PATHS.signOut, about: 'Revoke this device.', reply: Empty },
  revokeDevice: {
    ...PATHS.revokeDevice,
    about: 'Revoke one of one’s own devices. Its live connections are closed at once.',
    params: Type.Object({ deviceId: DeviceIdSchema }, closed),
    reply: Empty,
  },
  listDevices: { ...PATHS.listDevices, about: 'One’s own signed-in devices.', reply: Type.Object({ devices: Type.Array(DeviceSchema) }) },
  changeProfile: {
    ...PATHS.changeProfile,
    about: 'Change one’s display name.',
    body: Type.Object({ displayName: Type.String({ maxLength: 400 }) }, closed),
    reply: ProfileSchema,
  },
  changePassword: {
    ...PATHS.changePassword,
    about: 'Change one’s password. Every other device is revoked.',
    body: Type.Object({ current: Type.String({ maxLength: 1_000 }), next: Type.String({ maxLength: 1_000 }) }, closed),
    reply: Empty,
  },
  lookUpHandle: {
    ...PATHS.lookUpHandle,
    about: 'Find one person by the exact handle.',
    body: Type.Object({ handle: Type.String({ maxLength: 64 }) }, closed),
    reply: PersonSchema,
  },
  lookUpPeople: {
    ...PATHS.lookUpPeople,
    about: 'Names of friends and of people in shared conversations. Others are left out of the answer.',
    body: Type.Object({ accountIds: Type.Array(AccountIdSchema, { maxItems: LIMITS.peoplePerLookupMax }) }, closed),
    reply: Type.Object({ people: Type.Array(PersonSchema) }),
  },
  addFriend: {
    ...PATHS.addFriend,
    about: 'Add a friend. One-sided, as in a phone book.',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: PersonSchema,
  },
  removeFriend: {
    ...PATHS.removeFriend,
    about: 'Remove a friend.',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: Empty,
  },
  openDirect: {
    ...PATHS.openDirect,
    about: 'The conversation of two people; made if there is none. With one’s own id: 나와의 채팅, the conversation with oneself.',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: Type.Object({ conversationId: ConversationIdSchema, kind: ConversationKindSchema }),
  },
  createGroup: {
    ...PATHS.createGroup,
    about: 'Create a group. `id` names its first entry, so that a repeated request gives the same group [M2].',
    body: Type.Object(
      {
        id: ClientMessageIdSchema,
        title: Type.String({ maxLength: 400 }),
        accounts: Type.Array(AccountIdSchema, { maxItems: LIMITS.inviteesPerEntryMax }),
      },
      closed,
    ),
    reply: Type.Object({ conversationId: ConversationIdSchema }),
  },
  readHistory: {
    ...PATHS.readHistory,
    about:
      'Entries before the seq `before` (or the newest), oldest first, without a gap [D10]. None from before the joining. With `marks`, the marks of these entries as of `change`.',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    query: Type.Object(
      {
        before: Type.Optional(SeqSchema),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.entriesPerPageMax })),
        /** Only for servers with the feature `items`. */
        marks: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    reply: Type.Object({
      head: CursorSchema,
      joinedSeq: SeqSchema,
      entries: Type.Array(EntrySchema),
      change: Type.Optional(CursorSchema),
      items: Type.Optional(Type.Array(ItemSchema)),
    }),
  },
  listMembers: {
    ...PATHS.listMembers,
    about:
      'Members of a conversation with their names, in pages: `after` is the last accountId of the previous page. With `readAt` or `unreadAt`, only those who have read the entry at that seq, or have yet to [R7].',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    query: Type.Object(
      {
        after: Type.Optional(AccountIdSchema),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.peoplePerLookupMax })),
        readAt: Type.Optional(SeqSchema),
        unreadAt: Type.Optional(SeqSchema),
      },
      closed,
    ),
    reply: Type.Object({ people: Type.Array(PersonSchema), more: Type.Boolean() }),
  },
  createInvite: {
    ...PATHS.createInvite,
    about: 'Create an invite link. `code` is shown only here; the server stores only its hash.',
    body: Type.Object(
      {
        validMs: Type.Integer({ minimum: 60_000, maximum: 30 * 86_400_000 }),
        uses: Type.Integer({ minimum: 1, maximum: 1_000 }),
      },
      closed,
    ),
    reply: Type.Object({ code: CodeSchema, ...InviteSchema.properties }),
  },
  listInvites: {
    ...PATHS.listInvites,
    about: 'One’s own valid invites; administrators see all.',
    reply: Type.Object({ invites: Type.Array(InviteSchema) }),
  },
  revokeInvite: {
    ...PATHS.revokeInvite,
    about: 'Revoke an invite.',
    params: Type.Object({ inviteId: Type.String({ maxLength: 64 }) }, closed),
    reply: Empty,
  },
  reportOutages: {
    ...PATHS.reportOutages,
    about: 'Report outages that this device experienced. A repeated report changes nothing.',
    body: Type.Object({ outages: Type.Array(OutageSchema, { minItems: 1, maxItems: LIMITS.outagesPerReportMax }) }, closed),
    reply: Empty,
  },
  figures: {
    ...PATHS.figures,
    key: 'sentinel',
    about: 'How many people this process serves, and how many of them it fails to serve now. No names, no ids; canaries are not counted.',
    reply: Type.Object({
      at: TimeSchema,
      /** Name of this process, new at each start. */
      process: Type.String(),
      cell: Type.String(),
      startedAt: TimeSchema,
      /** Accounts with a connection, and accounts that lost theirs within the last 10 minutes without a farewell. */
      activeUsers: CountSchema,
      /** Active accounts that are cut or late. */
      affectedUsers: CountSchema,
      /** Without a connection for more than 5 s. */
      cutUsers: CountSchema,
      /** Connected accounts with data undelivered for more than 5 s, or without an answer for that long. */
      lateUsers: CountSchema,
      connections: CountSchema,
      /** This and the following counts start with the process. */
      signInsTried: CountSchema,
      /** Failures by the server's fault: refused as busy, unavailable or internal, or not answered within 5 s. */
      signInsFailed: CountSchema,
      /** Connections that replaced one lost without a farewell. */
      reconnects: CountSchema,
      /** Messages that were accepted. */
      accepted: CountSchema,
      /** Messages and devices told to come back later. */
      refusedBusy: CountSchema,
    }),
  },
  readReports: {
    ...PATHS.readReports,
    key: 'sentinel',
    about: 'How many accounts reported outages of more than 5 s that overlap a span of time, and how many were active in it.',
    query: Type.Object({ from: TimeSchema, to: TimeSchema }, closed),
    reply: Type.Object({
      activeUsers: CountSchema,
      affectedUsers: CountSchema,
      /** Affected accounts that could not sign in, and those that could not reach the server. An account can be in both. */
      signInUsers: CountSchema,
      connectionUsers: CountSchema,
      /** Messages that waited during the outages. */
      unsent: CountSchema,
    }),
  },
  inviteCanaries: {
    ...PATHS.inviteCanaries,
    key: 'sentinel',
    about: 'Invites for the sentinel’s test accounts. Each is valid for one account, for 10 minutes.',
    body: Type.Object({ count: Type.Integer({ minimum: 1, maximum: LIMITS.canaryInvitesMax }) }, closed),
    reply: Type.Object({ codes: Type.Array(CodeSchema) }),
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES
type Part<N extends RouteName, K extends 'params' | 'query' | 'body'> = (typeof ROUTES)[N] extends { readonly [P in K]: infer S extends TSchema }
  ? Static<S>
  : undefined
export type Params<N extends RouteName> = Part<N, 'params'>
export type Query<N extends RouteName> = Part<N, 'query'>
export type Body<N extends RouteName> = Part<N, 'body'>
export type Reply<N extends RouteName> = Static<(typeof ROUTES)[N]['reply']>
export type SignedIn = Static<typeof SignedInSchema>
export type Invite = Static<typeof InviteSchema>
