import { faultInTitle } from '../text.ts'
import { fields, STRING, type EntryKind } from './kind.ts'

export interface RenamedBody {
  readonly kind: 'renamed'
  /** '' means that the group is named by its members. */
  readonly title: string
}

/** A member changes the title of the group. */
export const renamed: EntryKind<RenamedBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  counts: false,
  putsBack: false,
  schema: fields({ kind: { const: 'renamed' }, title: STRING }),
  fault: ({ title }) => faultInTitle(title),
  canonical: ({ title }) => `{"kind":"renamed","title":${JSON.stringify(title)}}`,
  effect: (_author, { title }) => ({ title }),
}
