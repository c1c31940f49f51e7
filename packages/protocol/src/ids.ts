import { Type } from 'typebox'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** One person. */
export type AccountId = Branded<'AccountId'>
/** One installed client of one account. */
export type DeviceId = Branded<'DeviceId'>
/** One place where entries are written: direct, group or self. */
export type ConversationId = Branded<'ConversationId'>
/** The name a sender gives to an entry before the first try. With the author's account it names at most one entry, for ever [M2]. */
export type ClientMessageId = Branded<'ClientMessageId'>

/**
 * Every id is a UUID in lower case (RFC 9562). Makers use version 7, whose leading bits are time, so that
 * database indexes grow at one end; readers accept any version and read nothing out of it.
 */
export const UUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'

export const AccountIdSchema = Type.Unsafe<AccountId>(Type.String({ pattern: UUID_PATTERN }))
export const DeviceIdSchema = Type.Unsafe<DeviceId>(Type.String({ pattern: UUID_PATTERN }))
export const ConversationIdSchema = Type.Unsafe<ConversationId>(Type.String({ pattern: UUID_PATTERN }))
export const ClientMessageIdSchema = Type.Unsafe<ClientMessageId>(Type.String({ pattern: UUID_PATTERN }))
