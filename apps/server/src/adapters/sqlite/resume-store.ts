import assert from 'node:assert/strict'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { AccountPosition, ConversationSnapshot, ItemsPage, ResumeStore, StoredMembership } from '../../delivery/resume-store.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from '../../store/job-queue.ts'

/** Most items or entries in one answer. */
const rowsPerReadMax = 1_000

export function sqliteResume(reader: Lane<ReadJob>): ResumeStore {
  async function parsed<Answer>(job: ReadJob): Promise<Answer> {
    return JSON.parse((await reader.ask<string | null>(job, 1, 0)) ?? 'null') as Answer
  }
  return {
    async position(accountId, deviceId) {
      const fields = await reader.ask<string | null>({ t: 'position', accountId, deviceId }, 1, 0)
      return fields === null ? null : positionOf(fields)
    },
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

/** Number of fields of one membership in the reader's answer. */
const MEMBERSHIP_FIELDS = 4

function positionOf(text: string): AccountPosition {
  const [own = '', blocked] = text.split('|')
  const fields = own.split(',')
  assert(fields.length % MEMBERSHIP_FIELDS === 1, 'a position is a head and whole memberships')
  const memberships: StoredMembership[] = []
  for (let at = 1; at < fields.length; at += MEMBERSHIP_FIELDS) {
    memberships.push({
      conversationId: fields[at] as ConversationId,
      joinedSeq: Number(fields[at + 1]),
      head: Number(fields[at + 2]),
      change: Number(fields[at + 3]),
    })
  }
  return { head: Number(fields[0]), memberships, blocked: blocked === undefined ? [] : (blocked.split(',') as AccountId[]) }
}
