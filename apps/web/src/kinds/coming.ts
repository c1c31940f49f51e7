import type { AccountId, EntryBody } from '@bongsu/protocol'

/** Of LIMITS. */
export const mentionsMax = 50
export const everyoneMembersMax = 50

export interface Mention {
  readonly who: AccountId | 'everyone'
  readonly at: number
  readonly length: number
}

export interface TextBody {
  readonly kind: 'text'
  readonly text: string
  readonly replyTo?: number
  readonly mentions?: readonly Mention[]
}

export interface ErasedBody {
  readonly kind: 'erased'
}

export type ShownBody = Exclude<EntryBody, { kind: 'text' }> | TextBody | ErasedBody
