import { Type, type Static } from 'typebox'
import { AccountIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { CursorSchema, SeqSchema, TimeSchema } from './message.ts'

/** A person as others see them. */
export const PersonSchema = Type.Object({ accountId: AccountIdSchema, handle: Type.String(), displayName: Type.String() })
export type Person = Static<typeof PersonSchema>

export const RoleSchema = Type.Union([Type.Literal('admin'), Type.Literal('member')])
export type Role = Static<typeof RoleSchema>

/** One's own account. */
export const ProfileSchema = Type.Object({ ...PersonSchema.properties, role: RoleSchema })
export type Profile = Static<typeof ProfileSchema>

export const DeviceSchema = Type.Object({ deviceId: DeviceIdSchema, name: Type.String(), createdAt: TimeSchema })
export type Device = Static<typeof DeviceSchema>

/** direct: two people, one conversation a pair. group: up to 3,000. self: one's own notes (나와의 채팅), one an account. */
export const ConversationKindSchema = Type.Union([Type.Literal('direct'), Type.Literal('group'), Type.Literal('self')])
export type ConversationKind = Static<typeof ConversationKindSchema>

/** That this account is in a conversation, since the entry `joinedSeq`; nothing before it is shown to it. */
export const MembershipSchema = Type.Object({ conversationId: ConversationIdSchema, kind: ConversationKindSchema, joinedSeq: SeqSchema })
export type Membership = Static<typeof MembershipSchema>

/**
 * What a conversation is, as of seq `asOf` [D5]: entries after `asOf` change it (renamed, invited, left).
 * `people`: the other one in a direct conversation; some of the first members of a group, for naming and faces (at most 8, self not among them).
 */
export const ConversationMetaSchema = Type.Object({
  kind: ConversationKindSchema,
  title: Type.String(),
  memberCount: Type.Integer({ minimum: 0 }),
  people: Type.Array(PersonSchema, { maxItems: 8 }),
})
export type ConversationMeta = Static<typeof ConversationMetaSchema>

/**
 * What happens to an account outside its conversations, as the newest value of each (kind, key): a resume sends every item changed after
 * the cursor, so it is complete however long the device was away [D9]. A null value says that the thing is gone.
 */
export const AccountItemSchema = Type.Union([
  Type.Object({ kind: Type.Literal('profile'), key: Type.Literal(''), value: ProfileSchema }),
  Type.Object({ kind: Type.Literal('membership'), key: ConversationIdSchema, value: Type.Union([MembershipSchema, Type.Null()]) }),
  Type.Object({ kind: Type.Literal('read'), key: ConversationIdSchema, value: Type.Object({ seq: CursorSchema }) }),
  Type.Object({ kind: Type.Literal('friend'), key: AccountIdSchema, value: Type.Union([PersonSchema, Type.Null()]) }),
  Type.Object({ kind: Type.Literal('person'), key: AccountIdSchema, value: PersonSchema }),
  Type.Object({ kind: Type.Literal('device'), key: DeviceIdSchema, value: Type.Union([DeviceSchema, Type.Null()]) }),
])
export type AccountItem = Static<typeof AccountItemSchema>
