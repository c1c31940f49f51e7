import { fields, kindNamed, type EntryKind, type JsonSchema } from './kind.ts'
import { RIGHTS, ROOM_ROLES, type Right, type RoomRights, type RoomRole } from './right.ts'

const about: { readonly [Name in Right]: string } = {
  invite: 'Who may invite.',
  rename: 'Who may change the title.',
  remove: 'Who may remove others; never every member.',
  post: 'Who may write.',
  everyone: 'Who may mention everyone. In a large group never every member [I9].',
}

const rolesFor = (right: Right): readonly RoomRole[] => (right === 'remove' ? ['deputy', 'host'] : ROOM_ROLES)

/** A choice of rights. */
export const RIGHTS_SCHEMA: JsonSchema = {
  ...fields(Object.fromEntries(RIGHTS.map((right) => [`${right}?`, { type: 'string', enum: rolesFor(right), description: about[right] }]))),
  minProperties: 1,
  description: 'The lowest role that has each right: member, deputy or host [B12].',
}

export interface RightsBody {
  readonly kind: 'rights'
  readonly rights: RoomRights
}

/** The host changes some rights of the group. */
export const rights: EntryKind<RightsBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: 'host',
  counts: false,
  putsBack: false,
  schema: fields({ kind: kindNamed('rights'), rights: RIGHTS_SCHEMA }),
  fault: () => null,
  canonical: ({ rights: chosen }) => `{"kind":"rights","rights":${canonicalRights(chosen)}}`,
}

/** JSON of the rights, in one order. */
export function canonicalRights(chosen: RoomRights): string {
  return JSON.stringify(Object.fromEntries(RIGHTS.flatMap((right) => (chosen[right] === undefined ? [] : [[right, chosen[right]]]))))
}
