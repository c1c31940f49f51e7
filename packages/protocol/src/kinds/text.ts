import { PUBLISHED } from '../described.ts'
import type { AccountId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { faultInText } from '../text.ts'
import { UUID_PATTERN } from '../uuid.ts'
import { EVERYWHERE, fields, kindNamed, ruled, type EntryKind, type JsonSchema } from './kind.ts'

/** A person, or everybody, mentioned in a text. `at` and `length` give the place in the text, in UTF-16 units. */
export interface Mention {
  readonly who: AccountId | 'everyone'
  readonly at: number
  readonly length: number
}

export interface TextBody {
  readonly kind: 'text'
  readonly text: string
  /** Seq of the entry that is answered. The quote is read from that entry and never copied, so that an erasure erases it too. */
  readonly replyTo?: number
  /** In the order of the text, without overlaps. */
  readonly mentions?: readonly Mention[]
}

const UNIT: JsonSchema = { type: 'integer', minimum: 0, maximum: 2 * LIMITS.textCodePointsMax }

export const MENTIONS: JsonSchema = {
  type: 'array',
  minItems: 1,
  maxItems: LIMITS.mentionsMax,
  items: fields({
    who: { anyOf: [{ const: 'everyone' }, { type: 'string', pattern: UUID_PATTERN }], description: 'The mentioned account, or everyone.' },
    at: { ...UNIT, description: 'Where the mention begins in the text, in UTF-16 units.' },
    length: { ...UNIT, [PUBLISHED]: { minimum: 1 }, description: 'Length of the mention in UTF-16 units.' },
  }),
  description: 'People mentioned in the text, in its order and without overlaps [I9].',
}

/** What the rule of a text accepts, as far as a JSON Schema can say it. */
export const TEXT: JsonSchema = ruled(
  { minLength: 1, maxLength: LIMITS.textCodePointsMax, allOf: [{ pattern: '\\S' }, { pattern: '^[^\\u0000]*$' }] },
  'What was said, exactly as it is: no markup, no trimming. Not white space alone, without NUL and lone surrogates [M4].',
)

/** A text by a member. */
export const text: EntryKind<TextBody> = {
  class: 'said',
  in: EVERYWHERE,
  by: 'member',
  right: 'post',
  counts: true,
  putsBack: true,
  schema: fields({
    kind: kindNamed('text'),
    text: TEXT,
    'replyTo?': { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Seq of the entry that is answered [I9].' },
    'mentions?': MENTIONS,
  }),
  fault: (body) => faultInText(body.text, LIMITS.textCodePointsMax) ?? faultInMentions(body),
  canonical: ({ text: said, replyTo, mentions }) =>
    `{"kind":"text","text":${JSON.stringify(said)}` +
    (replyTo === undefined ? '' : `,"replyTo":${replyTo}`) +
    (mentions === undefined ? '}' : `,"mentions":${canonicalMentions(mentions)}}`),
  subject: ({ replyTo }) => replyTo,
  callsEveryone: ({ mentions }) => mentions?.some(({ who }) => who === 'everyone') === true,
}

/** Mentions must be inside the text, in order, without overlaps, and not empty. */
export function faultInMentions(body: { readonly text: string; readonly mentions?: readonly Mention[] }): 'body-invalid' | null {
  let end = 0
  for (const { at, length } of body.mentions ?? []) {
    if (at < end || length < 1 || at + length > body.text.length) return 'body-invalid'
    end = at + length
  }
  return null
}

export function canonicalMentions(mentions: readonly Mention[]): string {
  return JSON.stringify(mentions.map(({ who, at, length }) => ({ who, at, length })))
}
