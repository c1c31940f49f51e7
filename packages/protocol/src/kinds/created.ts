import type { AccountId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { EVERYWHERE, fields, kindNamed, type EntryKind, type JsonSchema } from './kind.ts'
import type { RoomRights } from './right.ts'
import { canonicalRights, RIGHTS_SCHEMA } from './rights.ts'

export interface CreatedBody {
  readonly kind: 'created'
  readonly title: string
  /** The first members besides the author. */
  readonly accounts: readonly AccountId[]
  /** Rights chosen when the group was made. */
  readonly rights?: RoomRights
}

export const ACCOUNTS: JsonSchema = { type: 'array', maxItems: LIMITS.inviteesPerEntryMax, items: { type: 'string', pattern: UUID_PATTERN } }

/** The first entry of every conversation. */
export const created: EntryKind<CreatedBody> = {
  class: 'happened',
  in: EVERYWHERE,
  by: 'server',
  right: null,
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('created'),
    title: { type: 'string', description: 'Title of a new group; empty without one.' },
    accounts: { ...ACCOUNTS, description: 'The first members besides the author.' },
    'rights?': RIGHTS_SCHEMA,
  }),
  fault: () => null,
  canonical: ({ title, accounts, rights }) =>
    `{"kind":"created","title":${JSON.stringify(title)},"accounts":${JSON.stringify(accounts)}` +
    (rights === undefined ? '}' : `,"rights":${canonicalRights(rights)}}`),
  names: ({ accounts }) => accounts,
  effect: (author, { title, accounts }) => ({ joins: [author, ...accounts], title }),
}
