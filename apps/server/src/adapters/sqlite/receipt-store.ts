import assert from 'node:assert/strict'
import type { ReceiptStore } from '../../receipts/receipt-store.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from '../../store/job-queue.ts'
import type { WriteJob } from './writer-thread.ts'

/** Widest range of entries whose unread numbers are counted in one call. A device may watch fewer. */
const unreadRangeMax = 1_000

export function sqliteReceipts(writer: Lane<WriteJob>, reader: Lane<ReadJob>): ReceiptStore {
  return {
    raise: async (batch) => (batch.length === 0 ? [] : writer.ask<readonly boolean[]>({ t: 'raise', batch }, batch.length, 0)),
    unread: async (conversationId, from, to) => {
      assert(to - from < unreadRangeMax, `unread numbers of at most ${unreadRangeMax} entries are counted at a time`)
      return reader.ask<readonly number[]>({ t: 'unread', conversationId, from, to }, 1, 0)
    },
  }
}
