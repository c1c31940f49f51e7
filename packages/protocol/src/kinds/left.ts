import { fields, kindNamed, type EntryKind } from './kind.ts'

export interface LeftBody {
  readonly kind: 'left'
}

/** The author leaves a group. */
export const left: EntryKind<LeftBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  counts: false,
  putsBack: false,
  schema: fields({ kind: kindNamed('left') }),
  fault: () => null,
  canonical: () => '{"kind":"left"}',
  effect: (author) => ({ leaves: [author] }),
}
