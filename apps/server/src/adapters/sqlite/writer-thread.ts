import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import type { Step } from '../../accounts/sql-database.ts'
import type { SetRequest } from '@bongsu/log'
import type { CreateGroupRequest } from '../../conversation/log-store.ts'
import type { RaiseRequest } from '../../receipts/receipt-store.ts'
import { beginEpoch } from './begin-epoch.ts'
import { closeLast, cutLog, markOpen, one, openConnection } from './connection.ts'
import { prepareRunner, runSteps } from './run-statements.ts'
import { serveJobs } from './serve-jobs.ts'
import { faultOf, type Fault } from './sqlite-faults.ts'
import type { ThreadReply } from './thread-lane.ts'
import { prepareAppend, type AppendAnswer, type AppendJob } from './write-append.ts'
import { prepareEntries } from './write-entries.ts'
import { prepareItems } from './write-items.ts'
import { prepareMembers } from './write-members.ts'
import { prepareOpening, type DirectJob } from './write-open.ts'
import { prepareRaise } from './write-raise.ts'
import { prepareSet } from './write-set.ts'
import { prepareStarts } from './write-starts.ts'

/** Jobs of the writer. One message is a list of jobs and becomes one transaction, which is one fsync. */
export type WriteJob =
  /** `fields`: conversationId, author, id, body of each request, one after the other, which clones faster than objects. */
  | { readonly t: 'append'; readonly now: number; readonly fields: readonly string[]; readonly agreed?: readonly number[] }
  | { readonly t: 'direct'; readonly now: number; readonly job: DirectJob }
  | { readonly t: 'group'; readonly now: number; readonly job: CreateGroupRequest }
  | { readonly t: 'set'; readonly now: number; readonly batch: readonly SetRequest[] }
  | { readonly t: 'raise'; readonly batch: readonly RaiseRequest[] }
  | { readonly t: 'atomic'; readonly steps: readonly Step[] }
  | { readonly t: 'probe'; readonly now: number }
  | { readonly t: 'epoch'; readonly ended: string; readonly lastCommonStart: number | null; readonly now: number }

const port = parentPort
assert(port, 'this file is the start of a worker thread')
const { file } = workerData as { file: string }
const db = openConnection(file, 'write')
/** False while the disk is full, or a backup reads: tried again after the next write. */
let marked = markOpen(db, file)
const putItem = prepareItems(db)
const entries = prepareEntries(db)
const members = prepareMembers(db, putItem)
const append = prepareAppend(db, entries, members)
const opening = prepareOpening(db, entries, members)
const set = prepareSet(db, entries, putItem)
const raise = prepareRaise(db, putItem)
const run = prepareRunner(db)
const starts = prepareStarts(db)
const begin = db.prepare('BEGIN IMMEDIATE')
const commit = db.prepare('COMMIT')
const changes = db.prepare('SELECT total_changes() AS n')
const probe = db.prepare("INSERT INTO meta (key, value) VALUES ('probe', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
/** How long erased content may stay in the write-ahead log, unless a long read is running. */
const WIPE_AFTER_MS = 30_000
/**
 * A probe must write more than the largest entry, or it would succeed where messages fail. SQLite writes only the pages that change, so the whole
 * value changes each time.
 */
const probeChars = 131_072

const FIELDS_OF_APPEND = 4

function runJob(job: WriteJob): unknown {
  switch (job.t) {
    case 'append':
      return appendAll(job.fields, job.now, job.agreed)
    case 'direct':
      return opening.openDirect(job.job, job.now)
    case 'group':
      return opening.createGroup(job.job, job.now)
    case 'set':
      return job.batch.map((request) => set(request, job.now))
    case 'raise':
      return job.batch.map(raise)
    case 'atomic':
      return runSteps(db, run, job.steps)
    case 'probe':
      return probe.run(String(job.now).padEnd(probeChars, String(job.now))).changes
    case 'epoch':
      return beginEpoch(db, job, job.now)
  }
}

function appendAll(fields: readonly string[], now: number, agreed: readonly number[] = []): AppendAnswer[] {
  const answers: AppendAnswer[] = []
  for (let at = 0; at < fields.length; at += FIELDS_OF_APPEND) {
    const [conversationId, author, id, body] = fields.slice(at, at + FIELDS_OF_APPEND)
    const job = { conversationId, author, id, body } as AppendJob
    answers.push(append(agreed.includes(answers.length) ? { ...job, agreed: true } : job, now))
  }
  return answers
}

function runTransaction(jobs: readonly WriteJob[]): ThreadReply {
  // A probe is not part of the history.
  const tells = jobs.some(({ t }) => t !== 'probe')
  const before = totalChanges()
  entries.lastWritten = null
  entries.rewrote = false
  try {
    begin.run()
    if (tells) starts.begin()
    const threw: [number, Fault][] = []
    const answers = jobs.map((job, index) => {
      try {
        return runJob(job)
      } catch (error) {
        // A wrong statement affects only its own job, which is rolled back to its savepoint. Any other error undoes all jobs.
        if (job.t !== 'atomic' || faultOf(error).operating) throw error
        threw.push([index, faultOf(error)])
        return null
      }
    })
    const wrote = totalChanges() > before
    if (wrote && tells) starts.count()
    commit.run()
    const start = starts.committed()
    marked ||= markOpen(db, file)
    if (entries.rewrote) planWipe()
    return { t: 'done', answers, threw, wrote, start }
  } catch (error) {
    undo()
    const fault = faultOf(error)
    if (!fault.operating) throw error
    return { t: 'failed', fault }
  }
}

/** After a failure, a failed commit included, nothing of the transaction may remain: callers got no answer and will try again. */
function undo(): void {
  starts.undone()
  if (db.isTransaction) db.exec('ROLLBACK')
  assert(!db.isTransaction, 'a failed transaction is rolled back')
  const last = entries.lastWritten
  if (last) assert(!entries.exists(last.conversationKey, last.seq), 'nothing of a failed transaction is left')
}

function totalChanges(): number {
  return one<{ n: number }>(changes)?.n ?? 0
}

let wipePlan: NodeJS.Timeout | null = null

/**
 * Edited or erased content is zeroed in the database at once (secure_delete), but the write-ahead log holds the earlier pages until it is
 * checkpointed and truncated [I6]. A long read, such as a backup, prevents the truncation; it is then tried again.
 */
function planWipe(): void {
  wipePlan ??= setTimeout(() => {
    wipePlan = null
    if (db.isOpen && !cutLog(db)) planWipe()
  }, WIPE_AFTER_MS).unref()
}

serveJobs(port, db, runTransaction, () => closeLast(db, file))
