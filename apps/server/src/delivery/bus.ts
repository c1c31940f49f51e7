import type { AccountId, ConversationId, DeviceId, Entry } from '@bongsu/protocol'

/** Something changed; look. Losing, doubling, delaying or reordering hints loses nothing [D1]: they only make it quick. */
export type Hint =
  /** The conversation's head is at least `seq`. The entry itself may ride along as a shortcut; correctness never depends on it. */
  | { readonly t: 'entry'; readonly conversationId: ConversationId; readonly seq: number; readonly entry?: Entry }
  | { readonly t: 'account'; readonly accountId: AccountId }
  /** A read watermark in it rose. */
  | { readonly t: 'reads'; readonly conversationId: ConversationId }
  | { readonly t: 'typing'; readonly conversationId: ConversationId; readonly accountId: AccountId }
  | { readonly t: 'revoked'; readonly deviceId: DeviceId }

/** Carries hints to every server process, this one included. */
export interface Bus {
  publish(hint: Hint): void
  /** @returns a function that ends the subscription. */
  subscribe(listener: (hint: Hint) => void): () => void
}
