import assert from 'node:assert/strict'
import { canonicalBody, type Entry, type EntryBody } from '@bongsu/protocol'
import type { AppendRequest, AppendResult, Heads, ItemsOfRoom, LogStore, MarksOfRoom, SetResult } from '../../conversation/log-store.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from '../../store/job-queue.ts'
import type { AppendAnswer } from './write-append.ts'
import type { SetAnswer } from './write-set.ts'
import type { OpenAnswer } from './write-open.ts'
import type { WriteJob } from './writer-thread.ts'

/** Most entries one call may read. A page of the wire is smaller. */
const entriesPerReadMax = 1_000

/** The log's port, implemented by the two threads. */
export function sqliteLog(writer: Lane<WriteJob>, reader: Lane<ReadJob>): LogStore {
  async function open(job: WriteJob, weight: number) {
    const answer = await writer.ask<OpenAnswer>(job, weight, 0)
    return typeof answer === 'string' ? ({ ok: false, code: answer } as const) : answer
  }

  return {
    async append(batch, now) {
      if (batch.length === 0) return []
      const fields: string[] = []
      let chars = 0
      const agreed = batch.flatMap((request, index) => (request.agreed === true ? [index] : []))
      for (const { conversationId, author, id, body } of batch) {
        const encoded = canonicalBody(body)
        chars += encoded.length
        fields.push(conversationId, author, id, encoded)
      }
      const answers = await writer.ask<readonly AppendAnswer[]>(
        { t: 'append', now, fields, ...(agreed.length === 0 ? {} : { agreed }) },
        batch.length,
        chars,
      )
      assert(answers.length === batch.length, 'every request has its answer')
      return batch.map((request, index) => resultOf(request, answers[index] as AppendAnswer, now))
    },

    async set(batch, now) {
      if (batch.length === 0) return []
      const chars = batch.reduce((sum, { act }) => sum + JSON.stringify(act).length, 0)
      const answers = await writer.ask<readonly SetAnswer[]>({ t: 'set', now, batch }, batch.length, chars)
      assert(answers.length === batch.length, 'every request has its answer')
      return answers.map((answer): SetResult => (typeof answer === 'string' ? { ok: false, code: answer } : { ok: true, ...answer }))
    },

    openDirect: (conversationId, id, author, other, now) => open({ t: 'direct', now, job: { conversationId, id, author, other } }, 2),

    createGroup: (job, now) => open({ t: 'group', now, job }, 1 + job.accounts.length),

    async read(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      assert(limit >= 0 && limit <= entriesPerReadMax, `at most ${entriesPerReadMax} entries are read at a time`)
      return JSON.parse(await reader.ask<string>({ t: 'entries', conversationId, after, limit, charsMax }, 1, 0)) as Entry[]
    },

    async items(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      assert(limit >= 1 && limit <= entriesPerReadMax, `1 to ${entriesPerReadMax} items are read at a time`)
      return JSON.parse(await reader.ask<string>({ t: 'room-items', conversationId, after, limit, charsMax }, 1, 0)) as ItemsOfRoom
    },

    async marks(conversationId, from, to, limit) {
      return JSON.parse(await reader.ask<string>({ t: 'marks', conversationId, from, to, limit }, 1, 0)) as MarksOfRoom
    },

    heads: async (conversationIds) =>
      new Map(
        (await reader.ask<[never, number, number][]>({ t: 'heads', conversationIds }, 1, 0)).map(([id, head, change]): [never, Heads] => [
          id,
          { head, change },
        ]),
      ),
  }
}

export function resultOf(request: AppendRequest, answer: AppendAnswer, now: number): AppendResult {
  if (typeof answer === 'number') return { ok: true, seq: answer, acceptedAt: now, repeated: false, body: request.body, accounts: [] }
  if (typeof answer === 'string') return { ok: false, code: answer }
  return { ok: true, ...answer, body: answer.body === null ? request.body : (JSON.parse(answer.body) as EntryBody) }
}
