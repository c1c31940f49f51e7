import type { AccountId, ConversationId } from '@bongsu/protocol'
import { Unavailable } from '../conversation/log-store.ts'
import type { Clock } from '../ops/clock.ts'
import type { RaiseRequest, ReceiptStore } from './receipt-store.ts'

/** Most watermarks waiting to be written, one for each account and conversation. Only a failed disk fills it. */
const WAITING_MARKS_MAX = 50_000
/** Most watermarks in one write. The store need not accept more at once. */
const MARKS_PER_WRITE_MAX = 1_000

export interface MarkReadParts {
  readonly receipts: ReceiptStore
  readonly clock: Clock
  /** Watermarks of these accounts in these conversations rose. */
  readonly announce: (accountIds: readonly AccountId[], conversationIds: readonly ConversationId[]) => void
}

export interface MarkRead {
  /** The account has read up to seq. Kept until it is written. A higher mark replaces a lower waiting one [R1]. */
  (accountId: AccountId, conversationId: ConversationId, seq: number): void
}

/**
 * Collects watermarks during a write, so that there is one write at a time however fast people read. A watermark is not acknowledged: the device sees
 * it come back as an account item, or sends it again on its next connection.
 */
export function createMarkRead(parts: MarkReadParts): MarkRead {
  const waiting = new Map<string, RaiseRequest>()
  let writing = false

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = nextBatch()
      try {
        announce(batch, await parts.receipts.raise(batch))
      } catch (cause) {
        if (!(cause instanceof Unavailable)) throw cause
        for (const request of batch) put(request) // [seam: keep-mark]
        await new Promise<void>((resolve) => parts.clock.after(cause.retryAfterMs, resolve))
      }
    }
    writing = false
  }

  function nextBatch(): readonly RaiseRequest[] {
    const batch: RaiseRequest[] = []
    for (const [key, request] of waiting) {
      batch.push(request)
      waiting.delete(key)
      if (batch.length >= MARKS_PER_WRITE_MAX) break
    }
    return batch
  }

  function announce(batch: readonly RaiseRequest[], rose: readonly boolean[]): void {
    const risen = batch.filter((_, index) => rose[index])
    if (risen.length === 0) return
    parts.announce([...new Set(risen.map((request) => request.accountId))], [...new Set(risen.map((request) => request.conversationId))])
  }

  function put(request: RaiseRequest): void {
    const key = request.accountId + request.conversationId
    const known = waiting.get(key)
    if (known === undefined && waiting.size >= WAITING_MARKS_MAX) return
    if (known === undefined || known.seq < request.seq) waiting.set(key, request)
  }

  return (accountId, conversationId, seq) => {
    put({ accountId, conversationId, seq })
    if (writing) return
    writing = true
    // Rejections other than Unavailable are bugs and end the process through unhandledRejection.
    void write()
  }
}
