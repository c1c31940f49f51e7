import type { AppendRequest, SetRequest } from '@bongsu/log'
import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { CreateGroupRequest } from '../../conversation/log-store.ts'
import type { RaiseRequest } from '../../receipts/receipt-store.ts'

export interface DirectJob {
  readonly conversationId: ConversationId
  readonly id: ClientMessageId
  readonly author: AccountId
  readonly other: AccountId
}

/** Jobs of the writer. Those that wait together become one transaction. */
export type WriteJob =
  /** `texts`: the canonical JSON of each body. */
  | { readonly t: 'append'; readonly now: number; readonly batch: readonly AppendRequest[]; readonly texts: readonly string[] }
  | { readonly t: 'set'; readonly now: number; readonly batch: readonly SetRequest[] }
  | { readonly t: 'direct'; readonly now: number; readonly job: DirectJob }
  | { readonly t: 'group'; readonly now: number; readonly job: CreateGroupRequest }
  | { readonly t: 'raise'; readonly batch: readonly RaiseRequest[] }
  | { readonly t: 'probe'; readonly now: number }
  | { readonly t: 'epoch'; readonly ended: string; readonly lastCommonStart: number | null; readonly now: number }

/** The pair in the same order for both people, so that two people have one conversation however often they open it. */
export function directKeyOf({ author, other }: Pick<DirectJob, 'author' | 'other'>): string {
  return author < other ? `${author}:${other}` : `${other}:${author}`
}
