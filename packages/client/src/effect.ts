import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { HeldItem } from '@bongsu/log'
import type { MarkedEntry } from './marked-entry.ts'

/** Work that results from a frame. `apply` itself does nothing. */
export type Effect =
  /** Something of this conversation is missing: ask for it again [D4]. */
  | { readonly do: 'refresh'; readonly conversationId: ConversationId }
  /** The account log has a gap: close, connect again and resume. */
  | { readonly do: 'resume' }
  /** The head of the account log is announced. If the items up to it do not arrive soon, resume. */
  | { readonly do: 'expect'; readonly account: number }
  | { readonly do: 'learn'; readonly accountIds: readonly AccountId[] }
  /** Store these entries, in one commit with the state [D4]. */
  | { readonly do: 'store'; readonly conversationId: ConversationId; readonly entries: readonly MarkedEntry[] }
  /** Change stored entries that are not in memory, in one commit with the state [D4, I6]. */
  | { readonly do: 'mark'; readonly conversationId: ConversationId; readonly items: readonly HeldItem[] }
  /** Delete the stored entries of this conversation. */
  | { readonly do: 'drop'; readonly conversationId: ConversationId }
