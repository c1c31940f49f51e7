import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import type { Statement } from '../../accounts/sql-database.ts'
import { closeMarked, openConnection } from './connection.ts'
import { openToLook } from './look.ts'
import { prepareAuditReads } from './read-audit.ts'
import { prepareEntryReads } from './read-entries.ts'
import { prepareItemReads } from './read-items.ts'
import { prepareResumeReads } from './read-resume.ts'
import { prepareUnread } from './read-unread.ts'
import { prepareRunner } from './run-statements.ts'
import { serveJobs } from './serve-jobs.ts'
import { faultOf, type Fault } from './sqlite-faults.ts'
import type { ThreadReply } from './thread-lane.ts'

/** Jobs of the reader. Answers with entries are JSON text: one string crosses between threads faster than many objects. */
export type ReadJob =
  | { readonly t: 'entries'; readonly conversationId: string; readonly after: number; readonly limit: number; readonly charsMax: number }
  | { readonly t: 'room-items'; readonly conversationId: string; readonly after: number; readonly limit: number; readonly charsMax: number }
  | { readonly t: 'marks'; readonly conversationId: string; readonly from: number; readonly to: number; readonly limit: number }
  | { readonly t: 'heads'; readonly conversationIds: readonly string[] }
  | { readonly t: 'position'; readonly accountId: string; readonly deviceId: string | null }
  | { readonly t: 'items'; readonly accountId: string; readonly after: number; readonly limit: number }
  | { readonly t: 'account-heads'; readonly accountIds: readonly string[] }
  | { readonly t: 'snapshot'; readonly conversationId: string; readonly accountId: string; readonly tail: number }
  | { readonly t: 'unread'; readonly conversationId: string; readonly from: number; readonly to: number }
  | { readonly t: 'hash'; readonly conversationId: string; readonly from: number; readonly to: number }
  | { readonly t: 'restored-heads'; readonly accountId: string; readonly epoch: string }
  | { readonly t: 'sql'; readonly statement: Statement }

const port = parentPort
assert(port, 'this file is the start of a worker thread')
/** `look`: the disk takes nothing, so the database is opened without writing. */
const { file, look } = workerData as { file: string; look: boolean }
const db = look ? openToLook(file) : openConnection(file, 'read')
const entryReads = prepareEntryReads(db)
const itemReads = prepareItemReads(db)
const resumeReads = prepareResumeReads(db, entryReads, itemReads)
const unread = prepareUnread(db)
const audit = prepareAuditReads(db)
const run = prepareRunner(db)
const begin = db.prepare('BEGIN')
const end = db.prepare('COMMIT')

function read(job: ReadJob): unknown {
  switch (job.t) {
    case 'entries':
      return entryReads.entries(job.conversationId, job.after, job.limit, job.charsMax)
    case 'room-items':
      return itemReads.items(job.conversationId, job.after, job.limit, job.charsMax)
    case 'marks':
      return itemReads.marks(job.conversationId, job.from, job.to, job.limit)
    case 'heads':
      return entryReads.heads(job.conversationIds)
    case 'position':
      return resumeReads.position(job.accountId, job.deviceId)
    case 'items':
      return resumeReads.items(job.accountId, job.after, job.limit)
    case 'account-heads':
      return resumeReads.accountHeads(job.accountIds)
    case 'snapshot':
      return resumeReads.snapshot(job.conversationId, job.accountId, job.tail)
    case 'unread':
      return unread(job.conversationId, job.from, job.to)
    case 'hash':
      return audit.hash(job.conversationId, job.from, job.to)
    case 'restored-heads':
      return audit.restoredHeads(job.accountId, job.epoch)
    case 'sql':
      return run(job.statement).rows
  }
}

/**
 * All reads of one message see one snapshot, started after the message arrived and therefore after every commit reported before the request: accepted
 * entries can be read.
 */
function readAll(jobs: readonly ReadJob[]): ThreadReply {
  const threw: [number, Fault][] = []
  try {
    begin.run()
    const answers = jobs.map((job, index) => {
      try {
        return read(job)
      } catch (error) {
        threw.push([index, faultOf(error)])
        return null
      }
    })
    return { t: 'done', answers, threw, wrote: false }
  } catch (error) {
    const fault = faultOf(error)
    if (!fault.operating) throw error
    return { t: 'failed', fault }
  } finally {
    if (db.isTransaction) end.run()
  }
}

serveJobs(port, db, readAll, () => (look ? closeMarked(db, file) : db.close()))
