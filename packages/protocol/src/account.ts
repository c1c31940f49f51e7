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

/** That this account is in a conversation, since the entry `joinedSeq`; nothing before it is shown to it. */
export const MembershipSchema = Type.Object({ conversationId: ConversationIdSchema, kind: ConversationKindSchema, joinedSeq: SeqSchema })
export type Membership = Static<typeof MembershipSchema>

/**
 * What a conversation is, as of seq `asOf` [D5]: entries after `asOf` change it (renamed, invited, left).
 * `host`: who may do what only hosts may (the author of entry 1, while a member); null when there is none. Left out by servers that know no hosts.
 * `people`: the other one in a direct conversation; some of the first members of a group, for naming and faces (at most 8, self not among them).
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
  /** An entry erased for this account alone; the key is `<conversationId>:<seq>`. */
  Type.Object({ kind: Type.Literal('hidden'), key: MarkOfAccountKeySchema, value: Type.Unsafe<MarkValue<'hidden'>>(MARK_KINDS.hidden.schema) }),
])
export type AccountItem = Static<typeof AccountItemSchema>
