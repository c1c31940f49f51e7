import { LIMITS } from '../limits.ts'
import { faultInText } from '../text.ts'
import { fields, time, type MarkKind } from './kind.ts'
import { faultInMentions, MENTIONS, TEXT, type Mention, type TextBody } from './text.ts'

export interface EditAsked {
  readonly text: string
  readonly mentions?: readonly Mention[]
}

export interface EditValue extends EditAsked {
  /** Epoch ms, server clock. */
  readonly editedAt: number
}

const ASKED = { text: TEXT, 'mentions?': MENTIONS }

/** The author edits a text. The earlier text is not kept anywhere. */
export const edit: MarkKind<TextBody, EditAsked, EditValue> = {
  class: 'mark',
  owner: 'conversation',
  each: 'entry',
  by: 'author',
  on: ['text'],
  withinMs: LIMITS.editMsMax,
  removable: false,
  putsBack: true,
  differentMax: null,
  perAccountMax: null,
  final: false,
  askedSchema: fields(ASKED),
  schema: fields({ ...ASKED, editedAt: time('When the entry was edited, by the server’s clock.') }),
  fault: (value) => faultInText(value.text, LIMITS.textCodePointsMax) ?? faultInMentions(value),
  stored: ({ text, mentions }, now) => ({ text, ...(mentions === undefined ? {} : { mentions }), editedAt: now }),
  asked: ({ text, mentions }) => ({ text, ...(mentions === undefined ? {} : { mentions }) }),
  rewrite: ({ kind, replyTo }, { text, mentions }) => ({
    kind,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions === undefined ? {} : { mentions }),
  }),
}
