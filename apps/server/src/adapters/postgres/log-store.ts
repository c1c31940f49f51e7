import assert from 'node:assert/strict'
import { canonicalBody } from '@bongsu/protocol'
import type { AppendRefused, AppendResult, LogStore, Opened, SetResult } from '../../conversation/log-store.ts'
import type { Lane } from '../../store/job-queue.ts'
import { readEntries, readHeads, readItems, readMarks } from './read-entries.ts'
import type { Ask } from './sql-database.ts'
import type { WriteJob } from './write-job.ts'

/** Most entries or items one call may read. A page of the wire is smaller. */
const rowsPerReadMax = 1_000

/** The log's port. */
export function postgresLog(writer: Lane<WriteJob>, read: Ask): LogStore {
  return {
    async append(batch, now) {
      if (batch.length === 0) return []
      const texts = batch.map(({ body }) => canonicalBody(body))
      const chars = texts.reduce((sum, text) => sum + text.length, 0)
      return writer.ask<readonly AppendResult[]>({ t: 'append', now, batch, texts }, batch.length, chars)
    },

    async set(batch, now) {
      if (batch.length === 0) return []
      const chars = batch.reduce((sum, { act }) => sum + JSON.stringify(act).length, 0)
      return writer.ask<readonly SetResult[]>({ t: 'set', now, batch }, batch.length, chars)
    },

    openDirect: (conversationId, id, author, other, now) =>
      writer.ask<Opened | AppendRefused>({ t: 'direct', now, job: { conversationId, id, author, other } }, 2, 0),

    createGroup: (job, now) => writer.ask<Opened | AppendRefused>({ t: 'group', now, job }, 1 + job.accounts.length, 0),

    async read(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      assert(limit >= 0 && limit <= rowsPerReadMax, `at most ${rowsPerReadMax} entries are read at a time`)
      return read((connection) => readEntries(connection, conversationId, { after, limit, charsMax }))
    },

    async items(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      assert(limit >= 1 && limit <= rowsPerReadMax, `1 to ${rowsPerReadMax} items are read at a time`)
      return read((connection) => readItems(connection, conversationId, { after, limit, charsMax }))
    },

    marks: (conversationId, from, to, limit) => read((connection) => readMarks(connection, conversationId, { from, to, limit })),

    heads: (conversationIds) => read((connection) => readHeads(connection, conversationIds)),
  }
}
