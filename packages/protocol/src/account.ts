import { Type, type Static, type TSchema } from 'typebox'
import { ConversationKindSchema } from './conversation-kind.ts'
import { described } from './described.ts'
import { AccountIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { MARK_KINDS, type MarkValue } from './kinds.ts'
import type { RoomRights } from './kinds/right.ts'
import { RIGHTS_SCHEMA } from './kinds/rights.ts'
import { LIMITS } from './limits.ts'
import { CursorSchema, SeqSchema, TimeSchema } from './message.ts'
import { UUID_PATTERN } from './uuid.ts'

export const PersonSchema = Type.Object(
  {
    accountId: AccountIdSchema,
    handle: Type.String({ description: 'The exact name by which the person is found.' }),
    displayName: Type.String({ description: 'The name shown to others.' }),
    staff: Type.Optional(
      Type.Literal(true, {
        description: 'The person works for this server. Left out for everybody else. A client draws a badge from it, never from a text [B32].',
      }),
    ),
  },
  { description: 'A person as others see them.' },
)
export type Person = Static<typeof PersonSchema>

export const RoleSchema = Type.Union([Type.Literal('admin'), Type.Literal('member')], {
  description: 'admin: runs this server, and sees all invites. member: everybody else.',
})
export type Role = Static<typeof RoleSchema>

export const ProfileSchema = Type.Object(
  {
    ...PersonSchema.properties,
    role: RoleSchema,
    moderator: Type.Optional(
      Type.Literal(true, { description: 'This account moderates [B53]. Its `role` is member, for programs that do not know moderators.' }),
    ),
  },
  { description: 'One’s own account.' },
)
export type Profile = Static<typeof ProfileSchema>

export const DeviceSchema = Type.Object(
  {
    deviceId: DeviceIdSchema,
    name: Type.String({ description: 'The name that the device gave itself when it signed in.' }),
    createdAt: described(TimeSchema, 'When the device signed in for the first time.'),
  },
  { description: 'A signed-in device of this account.' },
)
export type Device = Static<typeof DeviceSchema>

export const MembershipSchema = Type.Object(
  {
    conversationId: ConversationIdSchema,
    kind: ConversationKindSchema,
    joinedSeq: described(SeqSchema, 'The entry with which this account joined. Earlier entries are not shown to it [W4].'),
  },
  { description: 'Membership of this account in a conversation.' },
)
export type Membership = Static<typeof MembershipSchema>

export const ConversationMetaSchema = Type.Object(
  {
    kind: ConversationKindSchema,
    title: Type.String({ description: 'Title of a group; empty when the group is named by its members, and in other conversations.' }),
    memberCount: Type.Integer({ minimum: 0, description: 'Number of members, oneself included.' }),
    people: Type.Array(PersonSchema, {
      maxItems: 8,
      description: 'The other person of a direct conversation, or some of the first members of a group, for naming and faces. Never oneself.',
    }),
    host: Type.Optional(
      Type.Union([AccountIdSchema, Type.Null()], {
        description: 'The host, while a member [B10]. Null when there is none. Left out by servers without hosts.',
      }),
    ),
    deputies: Type.Optional(
      Type.Array(AccountIdSchema, { maxItems: LIMITS.deputiesMax, description: 'The deputies of a group, the oldest first. Left out without any.' }),
    ),
    rights: Type.Optional(described(Type.Unsafe<RoomRights>(RIGHTS_SCHEMA), 'The rights that were chosen for a group [B12]. Left out without any.')),
  },
  { description: 'The state of a conversation as of the head of the frame. Later entries change it (renamed, invited, left) [D5].' },
)
export type ConversationMeta = Static<typeof ConversationMetaSchema>

export const ReachSchema = Type.Union([Type.Literal('everyone'), Type.Literal('acquainted'), Type.Literal('friends')], {
  description:
    'Who reaches this account without being asked [B40]. everyone. acquainted: its friends, and people in a conversation with it. friends: its friends.',
})
/** Who reaches an account without being asked [B40]. */
export type Reach = Static<typeof ReachSchema>

export const RequestSchema = Type.Object(
  {
    kind: ConversationKindSchema,
    from: PersonSchema,
    at: described(TimeSchema, 'When it was made.'),
    title: Type.Optional(Type.String({ description: 'Title of the group then; empty when it had none. Left out of a conversation of two.' })),
    memberCount: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of members of the group then. Left out of a conversation of two.' })),
  },
  { description: 'Somebody wants to talk with this account, or invites it, and it has not decided yet [B40, B44].' },
)
export type Request = Static<typeof RequestSchema>

export const AddedSchema = Type.Object(
  { from: PersonSchema, at: described(TimeSchema, 'When they did.') },
  { description: 'Somebody has added this account as a friend [B45].' },
)
export type Added = Static<typeof AddedSchema>

const MarkOfAccountKeySchema = Type.String({ pattern: `${UUID_PATTERN.slice(0, -1)}:[1-9][0-9]{0,15}$` })

function item<Kind extends string, Key extends TSchema, Value extends TSchema>(kind: Kind, about: string, key: Key, value: Value) {
  return Type.Object(
    {
      kind: Type.Literal(kind, { description: 'Kind of the fact.' }),
      key: described(key, 'What the fact is about.'),
      value: described(value, about),
    },
    { description: about },
  )
}

/**
 * Facts about an account outside its conversations, as the newest value of each (kind, key). A resume sends every item changed after the cursor, so
 * it is complete however long the device was away [D9].
 */
export const AccountItemSchema = Type.Union([
  item('profile', 'One’s own account.', Type.Literal(''), ProfileSchema),
  item('membership', 'Membership in a conversation; null after leaving.', ConversationIdSchema, Type.Union([MembershipSchema, Type.Null()])),
  item(
    'read',
    'How far this account has read in a conversation [R1].',
    ConversationIdSchema,
    Type.Object({ seq: described(CursorSchema, 'Seq of the last entry that was read.') }),
  ),
  item('friend', 'A friend; null after removal.', AccountIdSchema, Type.Union([PersonSchema, Type.Null()])),
  item(
    'added',
    'A person who has added this account as a friend, as named then; null once it has added them, blocked them or put this away [B45].',
    AccountIdSchema,
    Type.Union([AddedSchema, Type.Null()]),
  ),
  item(
    'aside',
    'A conversation that this account has put aside: out of the list while nothing that counts is above `seq`; null when it was taken back [B5].',
    ConversationIdSchema,
    Type.Union([Type.Object({ seq: described(CursorSchema, 'The last entry when it was put aside.') }), Type.Null()]),
  ),
  item('block', 'A blocked person, as named when blocked; null after unblocking [B1].', AccountIdSchema, Type.Union([PersonSchema, Type.Null()])),
  item(
    'notice',
    'A word of staff to this account: a warning, or that something it reported was decided; null after it was put away [B57, B80].',
    Type.String({ pattern: UUID_PATTERN }),
    Type.Union([
      Type.Object({
        at: described(TimeSchema, 'When it was given.'),
        text: Type.String({ description: 'What staff say; with `report`, words for apps that do not know it.' }),
        report: Type.Optional(
          Type.Union([Type.Literal('acted'), Type.Literal('none')], {
            description: 'What this account reported was decided: staff have acted, or found nothing wrong [B80].',
          }),
        ),
      }),
      Type.Null(),
    ]),
  ),
  item(
    'request',
    'Somebody wants to talk with this account in a conversation of which it knows nothing else yet; null once it has decided [B40].',
    ConversationIdSchema,
    Type.Union([RequestSchema, Type.Null()]),
  ),
  item('reach', 'Who reaches this account without being asked [B40]. Without it: everyone.', Type.Literal(''), Type.Object({ from: ReachSchema })),
  item('person', 'The present name of a person in a shared conversation.', AccountIdSchema, PersonSchema),
  item('device', 'A signed-in device; null after it was revoked.', DeviceIdSchema, Type.Union([DeviceSchema, Type.Null()])),
  item(
    'hidden',
    'An entry erased for this account alone. The key is `<conversationId>:<seq>`.',
    MarkOfAccountKeySchema,
    Type.Unsafe<MarkValue<'hidden'>>(MARK_KINDS.hidden.schema),
  ),
])
export type AccountItem = Static<typeof AccountItemSchema>
