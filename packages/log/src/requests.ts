import type { AccountId, Act, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'

interface Asked {
  readonly conversationId: ConversationId
  readonly author: AccountId
  /** Together with the author it names this request for ever [M2, I2]. */
  readonly id: ClientMessageId
}

/** One entry that somebody wants written. */
export interface AppendRequest extends Asked {
  readonly body: SendBody
}

/** One act that somebody wants done: a mark of an entry set, or taken back. */
export interface SetRequest extends Asked {
  /** The entry it is about, by its seq and by its id, which must belong together [I4]. */
  readonly seq: number
  readonly subject: ClientMessageId
  readonly act: Act
}

/** A conversation that somebody wants made. */
export interface CreateRequest extends Asked {
  readonly kind: 'direct' | 'group' | 'self'
  readonly title: string
  /** The first members besides the author. */
  readonly accounts: readonly AccountId[]
}
