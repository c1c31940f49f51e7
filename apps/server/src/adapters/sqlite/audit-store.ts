import assert from 'node:assert/strict'
import { LIMITS } from '@bongsu/protocol'
import type { AuditHashes, AuditStore, RestoredHeads } from '../../conversation/audit-store.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from '../../store/job-queue.ts'

export function sqliteAudit(reader: Lane<ReadJob>): AuditStore {
  return {
    hash: async (conversationId, from, to) => {
      assert(from <= to && to - from < LIMITS.auditEntriesMax, `the hash of 1 to ${LIMITS.auditEntriesMax} entries is made at a time`)
      return reader.ask<AuditHashes>({ t: 'hash', conversationId, from, to }, 1, 0)
    },
    restoredHeads: (accountId, epoch) => reader.ask<RestoredHeads | null>({ t: 'restored-heads', accountId, epoch }, 1, 0),
  }
}
