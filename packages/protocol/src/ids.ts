import { Type } from 'typebox'
import { UUID_PATTERN } from './uuid.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** One person. */
export type AccountId = Branded<'AccountId'>
/** One installed client of one account. */
export type DeviceId = Branded<'DeviceId'>
/** One place where entries are written: direct, group or self. */
export type ConversationId = Branded<'ConversationId'>
/** The name a sender gives to an entry before the first try. Together with the author's account it names at most one entry, for ever [M2]. */
export type ClientMessageId = Branded<'ClientMessageId'>

const uuid = (description: string) => Type.String({ pattern: UUID_PATTERN, description })

export const AccountIdSchema = Type.Unsafe<AccountId>(uuid('Id of an account: one person.'))
export const DeviceIdSchema = Type.Unsafe<DeviceId>(uuid('Id of a device: one installed client of one account.'))
export const ConversationIdSchema = Type.Unsafe<ConversationId>(uuid('Id of a conversation.'))
export const ClientMessageIdSchema = Type.Unsafe<ClientMessageId>(
  uuid('Id made by the sender before the first try. Together with the author it names at most one entry, for ever [M2].'),
)
