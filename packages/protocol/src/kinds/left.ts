import type { AccountId } from '../ids.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { fields, kindNamed, type EntryKind } from './kind.ts'

export interface LeftBody {
  readonly kind: 'left'
  /** Who is host from now on, where the host left. The server writes it. */
  readonly host?: AccountId
}

/** The author leaves a group. */
export const left: EntryKind<LeftBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: null,
  counts: false,
  putsBack: false,
  schema: fields({
    kind: kindNamed('left'),
    'host?': { type: 'string', pattern: UUID_PATTERN, description: 'Who is host from now on, where the host left. Never in a request [B11].' },
  }),
  fault: ({ host }) => (host === undefined ? null : 'body-invalid'),
  canonical: ({ host }) => (host === undefined ? '{"kind":"left"}' : `{"kind":"left","host":"${host}"}`),
  effect: (author) => ({ leaves: [author] }),
}
