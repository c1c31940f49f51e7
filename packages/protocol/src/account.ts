import { Type, type Static } from 'typebox'
import { ConversationKindSchema } from './conversation-kind.ts'
import { AccountIdSchema, ConversationIdSchema, DeviceIdSchema } from './ids.ts'
import { MARK_KINDS, type MarkValue } from './kinds.ts'
import { CursorSchema, SeqSchema, TimeSchema } from './message.ts'
import { UUID_PATTERN } from './uuid.ts'

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

/** Membership of this account in a conversation since the entry `joinedSeq`. Earlier entries are not shown to it. */
export const MembershipSchema = Type.Object({ conversationId: ConversationIdSchema, kind: ConversationKindSchema, joinedSeq: SeqSchema })
export type Membership = Static<typeof MembershipSchema>

/**
 * The state of a conversation as of seq `asOf` [D5]. Later entries change it (renamed, invited, left). `host`: the account with the rights of a host
 * (the author of entry 1, while a member); null when there is none. Left out by servers without hosts. `people`: the other person of a direct
 * conversation, or some of the first members of a group, for naming and faces (at most 8, without oneself).
 */
export const ConversationMetaSchema = Type.Object({
  kind: ConversationKindSchema,
  title: Type.String(),
  memberCount: Type.Integer({ minimum: 0 }),
  people: Type.Array(PersonSchema, { maxItems: 8 }),
  host: Type.Optional(Type.Union([AccountIdSchema, Type.Null()])),
})
export type ConversationMeta = Static<typeof ConversationMetaSchema>

const MarkOfAccountKeySchema = Type.String({ pattern: `${UUID_PATTERN.slice(0, -1)}:[1-9][0-9]{0,15}$` })

/**
 * Facts about an account outside its conversations, as the newest value of each (kind, key). A resume sends every item changed after the cursor, so
 * it is complete however long the device was away [D9]. A null value means that the thing does not exist any more.
 */
export const AccountItemSchema = Type.Union([
  Type.Object({ kind: Type.Literal('profile'), key: Type.Literal(''), value: ProfileSchema }),
  Type.Object({ kind: Type.Literal('membership'), key: ConversationIdSchema, value: Type.Union([MembershipSchema, Type.Null()]) }),
  Type.Object({ kind: Type.Literal('read'), key: ConversationIdSchema, value: Type.Object({ seq: CursorSchema }) }),
  Type.Object({ kind: Type.Literal('friend'), key: AccountIdSchema, value: Type.Union([PersonSchema, Type.Null()]) }),
  Type.Object({ kind: Type.Literal('person'), key: AccountIdSchema, value: PersonSchema }),
  Type.Object({ kind: Type.Literal('device'), key: DeviceIdSchema, value: Type.Union([DeviceSchema, Type.Null()]) }),
  /** An entry erased for this account alone. The key is `<conversationId>:<seq>`. */
  Type.Object({ kind: Type.Literal('hidden'), key: MarkOfAccountKeySchema, value: Type.Unsafe<MarkValue<'hidden'>>(MARK_KINDS.hidden.schema) }),
])
export type AccountItem = Static<typeof AccountItemSchema>
