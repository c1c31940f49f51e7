import type { AccountId, Act, ClientMessageId, ConversationId, RoomRights, SendBody } from '@bongsu/protocol'

interface Asked {
  readonly conversationId: ConversationId
  readonly author: AccountId
  /** Together with the author it names this request for ever [M2, I2]. */
  readonly id: ClientMessageId
}

/** A request to write one entry. */
export interface AppendRequest extends Asked {
  readonly body: SendBody
  /** The one person whom the invitation names was asked, and comes in [B44]. */
  readonly agreed?: true
}

/** A request for one act: to set a mark of an entry, or to take it back. */
export interface SetRequest extends Asked {
  /** Seq and id of the marked entry, which must belong together [I4]. */
  readonly seq: number
  readonly subject: ClientMessageId
  readonly act: Act
  /** Staff hide this entry of the author, who may have left, at whatever time [B66]. No device can ask for that. */
  readonly byStaff?: true
}

/** A request to create a conversation. */
export interface CreateRequest extends Asked {
  readonly kind: 'direct' | 'group' | 'self'
  readonly title: string
  /** The first members besides the author. */
  readonly accounts: readonly AccountId[]
  /** Rights chosen for a group. */
  readonly rights?: RoomRights | undefined
}
