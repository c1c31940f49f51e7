import type { AccountId, ConversationId, DeviceId, Entry, Item } from '@bongsu/protocol'

/** Something changed; look. Losing, doubling, delaying or reordering hints loses nothing [D1]: they only make it quick. */
export type Hint =
  /** The conversation's head is at least `seq`. The entry itself may ride along as a shortcut; correctness never depends on it. */
  | { readonly t: 'entry'; readonly conversationId: ConversationId; readonly seq: number; readonly entry?: Entry }
  /** The conversation's items have changed up to `change`, when its head was `head`. The item itself may ride along. */
  | { readonly t: 'items'; readonly conversationId: ConversationId; readonly change: number; readonly head: number; readonly item?: Item }
  | { readonly t: 'account'; readonly accountId: AccountId }
  /** A read watermark in it rose. */
  | { readonly t: 'reads'; readonly conversationId: ConversationId }
  | { readonly t: 'typing'; readonly conversationId: ConversationId; readonly accountId: AccountId }
  | { readonly t: 'revoked'; readonly deviceId: DeviceId }
  /** The device has come in at this time (epoch ms) by this process: an older connection by another process is of no use any more. */
  | { readonly t: 'superseded'; readonly accountId: AccountId; readonly deviceId: DeviceId; readonly process: string; readonly at: number }

/** What hints are about: one conversation, one account, or something that concerns every process. */
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
