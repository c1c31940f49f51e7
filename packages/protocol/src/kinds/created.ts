import type { AccountId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { EVERYWHERE, fields, kindNamed, type EntryKind, type JsonSchema } from './kind.ts'

export interface CreatedBody {
  readonly kind: 'created'
  readonly title: string
  /** The first members besides the author. */
  readonly accounts: readonly AccountId[]
}

export const ACCOUNTS: JsonSchema = { type: 'array', maxItems: LIMITS.inviteesPerEntryMax, items: { type: 'string', pattern: UUID_PATTERN } }

/** The first entry of every conversation. */
export const created: EntryKind<CreatedBody> = {
  class: 'happened',
  in: EVERYWHERE,
  by: 'server',
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('created'),
    title: { type: 'string', description: 'Title of a new group; empty without one.' },
    accounts: { ...ACCOUNTS, description: 'The first members besides the author.' },
  }),
  fault: () => null,
  canonical: ({ title, accounts }) => `{"kind":"created","title":${JSON.stringify(title)},"accounts":${JSON.stringify(accounts)}}`,
  names: ({ accounts }) => accounts,
  effect: (author, { title, accounts }) => ({ joins: [author, ...accounts], title }),
}
