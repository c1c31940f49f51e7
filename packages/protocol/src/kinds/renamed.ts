import { LIMITS } from '../limits.ts'
import { faultInTitle, TITLE_PATTERNS } from '../text.ts'
import { fields, kindNamed, ruled, type EntryKind, type JsonSchema } from './kind.ts'

export interface RenamedBody {
  readonly kind: 'renamed'
  /** '' means that the group is named by its members. */
  readonly title: string
}

export const TITLE: JsonSchema = ruled(
  { maxLength: LIMITS.titleCodePointsMax, ...TITLE_PATTERNS },
  'Title of the group in one line; empty when the group is named by its members.',
)

/** A member changes the title of the group. */
export const renamed: EntryKind<RenamedBody> = {
  class: 'happened',
  in: ['group'],
  by: 'member',
  right: 'rename',
  counts: false,
  putsBack: false,
  schema: fields({ kind: kindNamed('renamed'), title: TITLE }),
  fault: ({ title }) => faultInTitle(title),
  canonical: ({ title }) => `{"kind":"renamed","title":${JSON.stringify(title)}}`,
  effect: (_author, { title }) => ({ title }),
}
