import type { AccountId } from '../ids.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { fields, kindNamed, type EntryKind } from './kind.ts'

export interface RemovedBody {
  readonly kind: 'removed'
  readonly accountId: AccountId
  /** Whether the account may not come back, unless invited by somebody who may remove. */
  readonly barred: boolean
  /** Staff removed the member, who is the author of the entry [B67]. Never in a request. */
  readonly by?: 'staff'
  /** Who is host from now on, where staff removed the host. */
  readonly host?: AccountId
}

/** A host or deputy removes a member from a group, or staff do. */
export const removed: EntryKind<RemovedBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: 'remove',
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('removed'),
    accountId: { type: 'string', pattern: UUID_PATTERN, description: 'The removed member.' },
    barred: { type: 'boolean', description: 'Whether only somebody who may remove can invite this account again [B13].' },
    'by?': { const: 'staff', description: 'Staff removed the author. Never in a request [B67].' },
    'host?': { type: 'string', pattern: UUID_PATTERN, description: 'Who is host from now on, where staff removed the host. Never in a request.' },
  }),
  withoutRoles: (_author, { accountId }) => ({ author: accountId, body: { kind: 'left' } }),
  fault: ({ by, host }) => (by === undefined && host === undefined ? null : 'body-invalid'),
  canonical: ({ accountId, barred, by, host }) => JSON.stringify({ kind: 'removed', accountId, barred, by, host }),
  names: ({ accountId }) => [accountId],
  effect: (_author, { accountId }) => ({ leaves: [accountId] }),
}
