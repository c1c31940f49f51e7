import assert from 'node:assert/strict'
import type { AccountPosition, ConversationSnapshot, ItemsPage, ResumeStore } from '../../delivery/resume-store.ts'
import type { ReadJob } from './reader-thread.ts'
import type { ThreadLane } from './thread-lane.ts'

/** Most items or entries in one answer. */
const rowsPerReadMax = 1_000

export function sqliteResume(reader: ThreadLane<ReadJob>): ResumeStore {
  async function parsed<Answer>(job: ReadJob): Promise<Answer> {
    return JSON.parse((await reader.ask<string | null>(job, 1, 0)) ?? 'null') as Answer
  }
  return {
    position: (accountId, deviceId) => parsed<AccountPosition | null>({ t: 'position', accountId, deviceId }),
    items: async (accountId, after, limit) => {
      assert(limit >= 1 && limit <= rowsPerReadMax, `1 to ${rowsPerReadMax} items are read at a time`)
      return parsed<ItemsPage>({ t: 'items', accountId, after, limit })
    },
    accountHeads: async (accountIds) => new Map(await reader.ask<[never, number][]>({ t: 'account-heads', accountIds }, 1, 0)),
    snapshot: async (conversationId, accountId, tail) => {
      assert(tail >= 0 && tail <= rowsPerReadMax, `at most ${rowsPerReadMax} entries are read at a time`)
      return parsed<ConversationSnapshot | null>({ t: 'snapshot', conversationId, accountId, tail })
    },
  }
}
