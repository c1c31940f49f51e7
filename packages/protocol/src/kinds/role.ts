import type { AccountId } from '../ids.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { fields, kindNamed, type EntryKind } from './kind.ts'
import { ROOM_ROLES, type RoomRole } from './right.ts'

export interface RoleBody {
  readonly kind: 'role'
  readonly accountId: AccountId
  readonly role: RoomRole
}

/** The host gives a member another role. A group has one host: the earlier one is then a member. */
export const role: EntryKind<RoleBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: 'host',
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('role'),
    accountId: { type: 'string', pattern: UUID_PATTERN, description: 'The member who gets the role.' },
    role: { type: 'string', enum: ROOM_ROLES, description: 'host: the group is handed over to this member [B11].' },
  }),
  fault: () => null,
  canonical: ({ accountId, role: given }) => `{"kind":"role","accountId":"${accountId}","role":"${given}"}`,
  names: ({ accountId }) => [accountId],
}
