import type { AccountId, ConversationId, DeviceId, Entry, Item } from '@bongsu/protocol'

/** Something changed. Losing, doubling, delaying or reordering hints loses no data [D1]: hints only make delivery quick. */
export type Hint =
  /** The conversation's head is at least `seq`. The hint may contain the entry as a shortcut; correctness never depends on it. */
  | { readonly t: 'entry'; readonly conversationId: ConversationId; readonly seq: number; readonly entry?: Entry }
  /** The conversation's items have changed up to `change`, when its head was `head`. The hint may contain the item. */
  | { readonly t: 'items'; readonly conversationId: ConversationId; readonly change: number; readonly head: number; readonly item?: Item }
  | { readonly t: 'account'; readonly accountId: AccountId }
  /** A read watermark in it rose. */
  | { readonly t: 'reads'; readonly conversationId: ConversationId }
  | { readonly t: 'typing'; readonly conversationId: ConversationId; readonly accountId: AccountId }
  | { readonly t: 'revoked'; readonly deviceId: DeviceId }
  /** The device has connected to this process at this time (epoch ms): an older connection to another process is useless. */
  | { readonly t: 'superseded'; readonly accountId: AccountId; readonly deviceId: DeviceId; readonly process: string; readonly at: number }

/** The subject of a hint: one conversation, one account, or every process. */
export type Subject = `c.${string}` | `a.${string}` | 'all'

export const ofConversation = (conversationId: ConversationId): Subject => `c.${conversationId}`
export const ofAccount = (accountId: AccountId): Subject => `a.${accountId}`

export function subjectOf(hint: Hint): Subject {
  switch (hint.t) {
    case 'entry':
    case 'items':
    case 'reads':
    case 'typing':
      return ofConversation(hint.conversationId)
    case 'account':
    case 'superseded':
      return ofAccount(hint.accountId)
    case 'revoked':
      return 'all'
  }
}

export type Listener = (hint: Hint) => void

/** Carries hints to every server process that listens to their subject, this process included. */
export interface Bus {
  publish(hint: Hint): void
  /** Hints published from now on about this subject go to the listener, once however often it has subscribed. */
  subscribe(subject: Subject, listener: Listener): void
  unsubscribe(subject: Subject, listener: Listener): void
}
