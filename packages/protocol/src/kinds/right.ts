/** Roles in a group, the lowest first. */
export const ROOM_ROLES = ['member', 'deputy', 'host'] as const
export type RoomRole = (typeof ROOM_ROLES)[number]

export const RIGHTS = ['invite', 'rename', 'remove', 'post', 'everyone'] as const
export type Right = (typeof RIGHTS)[number]

/** The lowest role that has each right; one that is left out is as in `DEFAULT_RIGHTS`. */
export type RoomRights = { readonly [Name in Right]?: RoomRole }

/** A group in which nothing was chosen: everybody may do everything, except remove others [B12]. */
export const DEFAULT_RIGHTS: { readonly [Name in Right]: RoomRole } = {
  invite: 'member',
  rename: 'member',
  remove: 'deputy',
  post: 'member',
  everyone: 'member',
}
