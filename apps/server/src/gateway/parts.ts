import type { AccountId, ConversationId, DeviceId, RefusalCode } from '@bongsu/protocol'
import type { Tokens } from '../accounts/tokens.ts'
import type { AppendAnswer } from '../conversation/append.ts'
import type { AuditStore } from '../conversation/audit-store.ts'
import type { AppendRequest } from '../conversation/log-store.ts'
import type { Hub } from '../delivery/hub.ts'
import type { UnreadNumbers } from '../delivery/unread-push.ts'
import type { Figures } from '../figures/figures.ts'
import type { Clock } from '../ops/clock.ts'
import type { MarkRead } from '../receipts/mark-read.ts'
import type { Shedding } from '../ops/overload.ts'
import type { Admission } from './admission.ts'
import type { Connections } from './connections.ts'

/** What connections need. Put together once, in compose. */
export interface GatewayParts {
  readonly clock: Clock
  readonly epoch: string
  readonly heartbeatMs: number
  readonly hub: Hub
  readonly unread: UnreadNumbers
  readonly connections: Connections
  readonly admission: Admission
  readonly overload: Shedding
  readonly tokens: Tokens
  readonly isRevoked: (deviceId: DeviceId) => boolean
  readonly append: (request: AppendRequest, answer: (result: AppendAnswer) => void) => Promise<void>
  readonly markRead: MarkRead
  readonly audit: AuditStore
  readonly typing: (conversationId: ConversationId, accountId: AccountId) => void
  readonly metrics: GatewayMetrics
  readonly figures: Pick<Figures, 'came' | 'went' | 'keptOut' | 'accepted' | 'refusedBusy'>
  readonly limits: { readonly framesPerSecond: number; readonly framesBurst: number }
  /** Something failed that is neither refusal nor bug; it is counted and logged. */
  readonly failed: (cause: unknown) => void
}

export interface GatewayMetrics {
  frameIn(type: string): void
  refused(code: RefusalCode): void
  /** A message was accepted; ms from its frame to the answer. */
  accepted(ms: number): void
  /** A device has found itself and this server at odds [A3]. */
  auditFault(): void
}
