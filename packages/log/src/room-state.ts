import {
  DEFAULT_RIGHTS,
  ROOM_ROLES,
  type AccountId,
  type EntryBody,
  type ConversationMeta,
  type Right,
  type RoomRights,
  type RoomRole,
} from '@bongsu/protocol'

/** Who owns a group, and who may do what in it, as its entries say. */
export interface RoomState {
  /** The host, while a member; null where that is not known. */
  readonly host: AccountId | null
  /** The oldest first. */
  readonly deputies: readonly AccountId[]
  /** The rights that were chosen. */
  readonly rights: RoomRights
}

/** A group in which nothing was chosen and nobody has got a role. @param maker the author of entry 1, who is its host. */
export function madeBy(maker: AccountId | null): RoomState {
  return { host: maker, deputies: [], rights: {} }
}

/** The state after one more entry [B10-B13]; the same object when the entry does not change it. */
export function foldRoom(state: RoomState, author: AccountId, body: EntryBody): RoomState {
  switch (body.kind) {
    case 'created':
      return { host: author, deputies: [], rights: body.rights ?? {} }
    case 'rights':
      return { ...state, rights: { ...state.rights, ...body.rights } }
    case 'role': {
      const { accountId, role } = body
      const deputies = without(state.deputies, accountId)
      if (role === 'host') return { ...state, host: accountId, deputies }
      return { ...state, deputies: role === 'deputy' ? [...deputies, accountId] : deputies }
    }
    case 'removed':
      return followed(gone(state, body.accountId), body.host)
    case 'invited':
      // An older process takes no role from who leaves. Whoever comes back has none [B11].
      return body.accounts.reduce(gone, state)
    case 'left':
      return followed(gone(state, author), body.host)
    default:
      return state
  }
}

function gone(state: RoomState, accountId: AccountId): RoomState {
  return state.deputies.includes(accountId) ? { ...state, deputies: without(state.deputies, accountId) } : state
}

function followed(state: RoomState, host: AccountId | undefined): RoomState {
  return host === undefined ? state : { ...state, host, deputies: without(state.deputies, host) }
}

function without(accounts: readonly AccountId[], accountId: AccountId): readonly AccountId[] {
  return accounts.filter((one) => one !== accountId)
}

/** The role of a member. */
export function roleOf({ host, deputies }: Pick<RoomState, 'host' | 'deputies'>, accountId: AccountId): RoomRole {
  if (accountId === host) return 'host'
  return deputies.includes(accountId) ? 'deputy' : 'member'
}

/** Whether a member with this role has the rights of another role. */
export function isAtLeast(role: RoomRole, least: RoomRole): boolean {
  return ROOM_ROLES.indexOf(role) >= ROOM_ROLES.indexOf(least)
}

/** The lowest role that has a right [B12]. */
export function leastRoleFor(right: Right, rights: RoomRights): RoomRole {
  return rights[right] ?? DEFAULT_RIGHTS[right]
}

/** What devices are told of it. @param host the host, while a member. */
export function ownedBy(state: RoomState | null, host: AccountId | null): Pick<ConversationMeta, 'host' | 'deputies' | 'rights'> {
  if (state === null) return { host }
  return {
    host,
    ...(state.deputies.length === 0 ? {} : { deputies: [...state.deputies] }),
    ...(Object.keys(state.rights).length === 0 ? {} : { rights: state.rights }),
  }
}
