import type { AccountId } from '../ids.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { fields, kindNamed, type EntryKind } from './kind.ts'

export interface RemovedBody {
  readonly kind: 'removed'
  readonly accountId: AccountId
  /** Whether the account may not come back, unless invited by somebody who may remove. */
  readonly barred: boolean
}

/** A host or deputy removes a member from a group. */
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
  }),
  withoutRoles: (_author, { accountId }) => ({ author: accountId, body: { kind: 'left' } }),
  fault: () => null,
  canonical: ({ accountId, barred }) => `{"kind":"removed","accountId":"${accountId}","barred":${barred}}`,
  names: ({ accountId }) => [accountId],
  effect: (_author, { accountId }) => ({ leaves: [accountId] }),
}
