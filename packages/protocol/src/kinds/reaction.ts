import { LIMITS } from '../limits.ts'
import { isEmoji } from '../text.ts'
import { fields, type MarkKind } from './kind.ts'

export interface ReactionValue {
  readonly emoji: string
}

const VALUE = fields({
  emoji: { type: 'string', minLength: 1, maxLength: LIMITS.emojiLengthMax, description: 'Exactly one emoji (UTS #51, RGI_Emoji).' },
})

/** A member reacts to an entry with one emoji. The newest one counts. */
export const reaction: MarkKind<never, ReactionValue, ReactionValue> = {
  class: 'mark',
  owner: 'conversation',
  each: 'member',
  by: 'member',
  on: 'said',
  withinMs: null,
  removable: true,
  putsBack: true,
  differentMax: LIMITS.reactionKindsMax,
  perAccountMax: null,
  final: false,
  askedSchema: VALUE,
  schema: VALUE,
  fault: ({ emoji }) => (isEmoji(emoji) ? null : 'body-invalid'),
  stored: ({ emoji }) => ({ emoji }),
  asked: ({ emoji }) => ({ emoji }),
}
