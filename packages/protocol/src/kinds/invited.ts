import { PUBLISHED } from '../described.ts'
import type { AccountId } from '../ids.ts'
import { ACCOUNTS } from './created.ts'
import { fields, kindNamed, type EntryKind } from './kind.ts'

export interface InvitedBody {
  readonly kind: 'invited'
  readonly accounts: readonly AccountId[]
}

/** A member invites others into a group. The entry names only those who were not members yet. */
export const invited: EntryKind<InvitedBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: 'invite',
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('invited'),
    accounts: {
      ...ACCOUNTS,
      [PUBLISHED]: { uniqueItems: true, minItems: 1 },
      description: 'Accounts to invite. The stored entry names only those who came in by it: nobody, when all of them decide for themselves [B44].',
    },
  }),
  fault: ({ accounts }) => (accounts.length > 0 && new Set(accounts).size === accounts.length ? null : 'body-invalid'),
  canonical: ({ accounts }) => `{"kind":"invited","accounts":${JSON.stringify(accounts)}}`,
  names: ({ accounts }) => accounts,
  narrow(_body, people) {
    const accounts = people.filter(({ isMember }) => !isMember).map(({ accountId }) => accountId)
    return accounts.length === 0 ? 'body-invalid' : { kind: 'invited', accounts }
  },
  effect: (_author, { accounts }) => ({ joins: accounts }),
}
