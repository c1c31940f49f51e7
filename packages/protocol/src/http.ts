import { Type, type Static, type TSchema } from 'typebox'
import { DeviceSchema, PersonSchema, ProfileSchema, RoleSchema } from './account.ts'
import { ConversationKindSchema } from './conversation-kind.ts'
import { described, PUBLISHED } from './described.ts'
import { LimitNameSchema, RefusalCodeSchema, RetryAfterMsSchema } from './down.ts'
import { count, FiguresSchema } from './figures.ts'
import { AccountIdSchema, ClientMessageIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { REPORT_ROUTES } from './http-reports.ts'
import { SAFETY_ROUTES } from './http-safety.ts'
import { STAFF_ROUTES, SuspensionSchema } from './http-staff.ts'
import type { RoomRights } from './kinds/right.ts'
import { RIGHTS_SCHEMA } from './kinds/rights.ts'
import { ItemSchema } from './marks.ts'
import { INVITE_FAULTS } from './refusals.ts'
import { CursorSchema, EntrySchema, SeqSchema, TimeSchema } from './message.ts'
import { PATHS } from './paths.ts'
import { HANDLE_PATTERN, ONE_LINE, TITLE_PATTERNS } from './text.ts'
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
  retryAfterMs: Type.Optional(RetryAfterMsSchema),
  why: Type.Optional(
    Type.Union(
      INVITE_FAULTS.map((why) => Type.Literal(why)),
      { description: 'With `invite-invalid`: why the invite is no longer valid. Missing when nobody made it.' },
    ),
  ),
  suspension: Type.Optional(SuspensionSchema),
  limit: Type.Optional(LimitNameSchema),
})

/** Invite codes are 32 random bytes in base64url. They are sent in the fragment of a link and in bodies, never in a path or query. */
const CodeSchema = Type.String({
  minLength: LIMITS.inviteCodeLengthMin,
  maxLength: LIMITS.inviteCodeLengthMax,
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'The code of an invite link: the last part of its fragment.',
})

const NewCodeSchema = Type.String({
  minLength: LIMITS.madeInviteCodeLength,
  maxLength: LIMITS.madeInviteCodeLength,
  pattern: '^[A-Za-z0-9_-]+$',
  description: '32 random bytes in base64url, made by the device before its first request. Without it the server makes them.',
})

/** A text of a form. The door passes on what is not absurdly long, and a rule behind it refuses the rest with a code of its own. */
function formText(doorMax: number, rule: object, description: string) {
  return Type.String({ maxLength: doorMax, [PUBLISHED]: rule, description })
}

/** Longest name or title that the door passes on. */
const NAME_LENGTH_MAX = 400

const HandleSchema = formText(
  LIMITS.typedHandleLengthMax,
  { minLength: LIMITS.handleLengthMin, maxLength: LIMITS.handleLengthMax, pattern: HANDLE_PATTERN },
  'The exact name by which people are found. The server writes it in lower case.',
)

const nameOf = (codePointsMax: number, description: string) =>
  formText(NAME_LENGTH_MAX, { maxLength: codePointsMax, allOf: [{ pattern: ONE_LINE }, { pattern: '\\S' }] }, description)
const DisplayNameSchema = nameOf(LIMITS.displayNameCodePointsMax, 'The name shown to others: one line with a visible character.')
const DeviceNameSchema = nameOf(LIMITS.deviceNameCodePointsMax, 'The name of this device in the list of devices: one line with a visible character.')

const PasswordSchema = formText(
  LIMITS.typedPasswordLengthMax,
  { minLength: LIMITS.passwordCodePointsMin, maxLength: LIMITS.passwordCodePointsMax },
  'A password, of any characters.',
)

/** As typed by a person who signs in. What nobody can have is answered like what nobody has. */
const AnyHandleSchema = Type.String({ maxLength: LIMITS.typedHandleLengthMax, description: 'The handle of an account.' })
const AnyPasswordSchema = Type.String({ maxLength: LIMITS.typedPasswordLengthMax, description: 'The password of the account.' })

const accountsOf = (description: string) =>
  Type.Array(AccountIdSchema, { maxItems: LIMITS.inviteesPerEntryMax, [PUBLISHED]: { uniqueItems: true }, description })

const SignedInSchema = Type.Object({
  token: Type.String({ description: 'The token of this device, for `authorization: Bearer` and for hello. Do not look inside.' }),
  deviceId: DeviceIdSchema,
  profile: ProfileSchema,
})

const OutageSchema = Type.Object(
  {
    id: Type.String({ pattern: UUID_PATTERN, description: 'Made by the device. A repeated id changes nothing.' }),
    agoMs: Type.Integer({ minimum: 0, maximum: LIMITS.outageAgoMsMax, description: 'Time since the end of the outage, by the device’s clock.' }),
    lastedMs: Type.Integer({ minimum: LIMITS.outageMsMin + 1, maximum: LIMITS.outageMsMax, description: 'How long it lasted.' }),
    part: Type.Union([Type.Literal('connection'), Type.Literal('sign-in')], { description: 'What failed.' }),
    unsent: Type.Integer({ minimum: 0, maximum: LIMITS.unsentMax, description: 'Most messages that waited in the outbox.' }),
  },
  { ...closed, description: 'A failure that a device experienced, without any content [F4].' },
)
export type Outage = Static<typeof OutageSchema>

const InviteSchema = Type.Object({
  inviteId: Type.String({ description: 'Id of the invite, for revoking it. It is not its code.' }),
  role: described(RoleSchema, 'Role of the accounts that join by it.'),
  createdAt: described(TimeSchema, 'When it was created.'),
  expiresAt: described(TimeSchema, 'When it ends.'),
  usesLeft: count('Number of accounts that can still join by it.'),
  createdBy: Type.Union([PersonSchema, Type.Null()], { description: 'Who created it; null when that was the server.' }),
})

export const ROUTES = {
  server: {
    ...PATHS.server,
    open: true,
    about: 'Public information: the name of this server and how to join.',
    reply: Type.Object({
      name: Type.String({ description: 'Name of this server, chosen by its operator.' }),
      registration: Type.Union([Type.Literal('invite'), Type.Literal('open')], {
        description: 'Who may join: people with an invite link, or everybody.',
      }),
      protocolVersion: Type.Integer({ description: 'Version of the wire. The subprotocol of the WebSocket names it.' }),
      statusUrl: Type.Optional(
        Type.String({ description: 'Address of the status pages, without a trailing slash. `/status.json` is below it [F6].' }),
      ),
    }),
  },
  checkInvite: {
    ...PATHS.checkInvite,
    open: true,
    about: 'Whether an invite is valid, and who made it.',
    body: Type.Object({ code: CodeSchema }, closed),
    reply: Type.Object({
      role: described(RoleSchema, 'Role of the new account.'),
      expiresAt: described(TimeSchema, 'When the invite ends.'),
      from: Type.Union([PersonSchema, Type.Null()], { description: 'Who made the invite; null when that was the server.' }),
    }),
  },
  signUp: {
    ...PATHS.signUp,
    open: true,
    about:
      'Create an account and sign this device in. Without an invite only when registration is open. The inviter becomes a friend. A request repeated with the same `deviceId` and password signs in to the account that the first one made [C7].',
    body: Type.Object(
      {
        code: Type.Optional(CodeSchema),
        handle: HandleSchema,
        displayName: DisplayNameSchema,
        password: PasswordSchema,
        deviceName: DeviceNameSchema,
        deviceId: Type.Optional(DeviceIdSchema),
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
        handle: AnyHandleSchema,
        password: AnyPasswordSchema,
        deviceName: DeviceNameSchema,
        deviceId: Type.Optional(
          described(DeviceIdSchema, 'The earlier id of this device. When it is unknown, revoked or another account’s, a new device is created.'),
        ),
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
  listDevices: {
    ...PATHS.listDevices,
    about: 'One’s own signed-in devices.',
    reply: Type.Object({ devices: Type.Array(DeviceSchema, { description: 'Oldest first.' }) }),
  },
  changeProfile: {
    ...PATHS.changeProfile,
    about: 'Change one’s display name.',
    body: Type.Object({ displayName: DisplayNameSchema }, closed),
    reply: ProfileSchema,
  },
  changePassword: {
    ...PATHS.changePassword,
    about:
      'Change one’s password. Every other device is revoked. With `deviceId`, this device goes on under the new id and token, and its old token ends as well [B70].',
    body: Type.Object(
      {
        current: described(AnyPasswordSchema, 'The present password.'),
        next: described(PasswordSchema, 'The new password.'),
        deviceId: Type.Optional(described(DeviceIdSchema, 'A new id for this device, made by it. Servers before B70 refuse the field.')),
      },
      closed,
    ),
    reply: Type.Object({ token: Type.Optional(Type.String({ description: 'The token of the device under its new id. Left out without one.' })) }),
  },
  lookUpHandle: {
    ...PATHS.lookUpHandle,
    about: 'Find one person by the exact handle.',
    body: Type.Object({ handle: AnyHandleSchema }, closed),
    reply: PersonSchema,
  },
  lookUpPeople: {
    ...PATHS.lookUpPeople,
    about: 'Names of friends and of people in shared conversations. Others are left out of the answer.',
    body: Type.Object(
      { accountIds: Type.Array(AccountIdSchema, { maxItems: LIMITS.peoplePerLookupMax, description: 'Whose names to look up.' }) },
      closed,
    ),
    reply: Type.Object({ people: Type.Array(PersonSchema, { description: 'In no order.' }) }),
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
  ...SAFETY_ROUTES,
  ...REPORT_ROUTES,
  ...STAFF_ROUTES,
  createGroup: {
    ...PATHS.createGroup,
    about: 'Create a group. `id` names its first entry, so that a repeated request gives the same group [M2].',
    body: Type.Object(
      {
        id: ClientMessageIdSchema,
        title: formText(
          NAME_LENGTH_MAX,
          { maxLength: LIMITS.titleCodePointsMax, ...TITLE_PATTERNS },
          'Title in one line; empty when the group is named by its members.',
        ),
        accounts: accountsOf('The first members besides oneself.'),
        rights: Type.Optional(Type.Unsafe<RoomRights>(RIGHTS_SCHEMA)),
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
        before: Type.Optional(described(SeqSchema, 'Entries below this seq; the newest ones when left out.')),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.entriesPerPageMax, description: 'Most entries in the answer.' })),
        marks: Type.Optional(Type.Boolean({ description: 'Also the marks of these entries. Only for servers with the feature `items`.' })),
      },
      closed,
    ),
    reply: Type.Object({
      head: described(CursorSchema, 'Seq of the newest entry.'),
      joinedSeq: described(SeqSchema, 'The entry with which this account joined: the beginning of its history.'),
      entries: Type.Array(EntrySchema, { description: 'Oldest first, without a gap, ending just below `before`.' }),
      change: Type.Optional(described(CursorSchema, 'The change as of which `items` are.')),
      items: Type.Optional(Type.Array(ItemSchema, { description: 'The marks of these entries.' })),
    }),
  },
  listMembers: {
    ...PATHS.listMembers,
    about:
      'Members of a conversation in the order of their names, in pages: `after` is the last accountId of the previous page. With `name`, only those whose name has this part, by letters or by Korean initials [C25]. With `readAt` or `unreadAt`, only those who have read the entry at that seq, or have yet to [R7].',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    query: Type.Object(
      {
        after: Type.Optional(described(AccountIdSchema, 'The last accountId of the previous page.')),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.peoplePerLookupMax, description: 'Most people in the answer.' })),
        name: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: LIMITS.memberSearchLengthMax,
            description: 'Part of a name, or of its Korean initials (초성) [C25].',
          }),
        ),
        readAt: Type.Optional(described(SeqSchema, 'Only members who have read the entry at this seq [R7].')),
        unreadAt: Type.Optional(described(SeqSchema, 'Only members who have yet to read the entry at this seq [R7].')),
      },
      closed,
    ),
    reply: Type.Object({
      people: Type.Array(PersonSchema, { description: 'By name: Korean names first, then the others without regard to case.' }),
      more: Type.Boolean({ description: 'Whether there is another page.' }),
    }),
  },
  createInvite: {
    ...PATHS.createInvite,
    about:
      'Create an invite link. `code` is shown only here; the server stores only its hash. A request repeated with the same `code` gives the same invite [C7].',
    body: Type.Object(
      {
        validMs: Type.Integer({ minimum: LIMITS.inviteValidMsMin, maximum: LIMITS.inviteValidMsMax, description: 'How long the invite is valid.' }),
        uses: Type.Integer({ minimum: 1, maximum: LIMITS.inviteUsesMax, description: 'How many accounts may join by it.' }),
        code: Type.Optional(NewCodeSchema),
      },
      closed,
    ),
    reply: Type.Object({ code: CodeSchema, ...InviteSchema.properties }),
  },
  listInvites: {
    ...PATHS.listInvites,
    about: 'One’s own valid invites; administrators see all.',
    reply: Type.Object({ invites: Type.Array(InviteSchema, { description: 'Oldest first.' }) }),
  },
  revokeInvite: {
    ...PATHS.revokeInvite,
    about: 'Revoke an invite.',
    params: Type.Object({ inviteId: Type.String({ maxLength: LIMITS.inviteIdLengthMax, description: 'Id of the invite.' }) }, closed),
    reply: Empty,
  },
  reportOutages: {
    ...PATHS.reportOutages,
    about: 'Report outages that this device experienced. A repeated report changes nothing.',
    body: Type.Object(
      { outages: Type.Array(OutageSchema, { minItems: 1, maxItems: LIMITS.outagesPerReportMax, description: 'The outages.' }) },
      closed,
    ),
    reply: Empty,
  },
  figures: {
    ...PATHS.figures,
    key: 'sentinel',
    about: 'How many people this process is connected with, from how many it hears nothing, and how many it failed. No names, no ids; no canaries.',
    reply: FiguresSchema,
  },
  readReports: {
    ...PATHS.readReports,
    key: 'sentinel',
    about: 'How many accounts reported outages of more than 5 s that overlap a span of time, and how many were active in it.',
    query: Type.Object(
      { from: described(TimeSchema, 'Begin of the span.'), to: described(TimeSchema, 'End of the span, at most 31 days later.') },
      closed,
    ),
    reply: Type.Object({
      activeUsers: count('Accounts that were active in the span.'),
      affectedUsers: count('Accounts of these that reported an outage.'),
      signInUsers: count('Affected accounts that could not sign in. An account can be in both.'),
      connectionUsers: count('Affected accounts that could not reach the server.'),
      unsent: count('Messages that waited during the outages.'),
    }),
  },
  inviteCanaries: {
    ...PATHS.inviteCanaries,
    key: 'sentinel',
    about: 'Invites for the sentinel’s test accounts. Each is valid for one account, for 10 minutes.',
    body: Type.Object({ count: Type.Integer({ minimum: 1, maximum: LIMITS.canaryInvitesMax, description: 'How many invites.' }) }, closed),
    reply: Type.Object({ codes: Type.Array(CodeSchema, { description: 'Codes of the invites.' }) }),
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
