import assert from 'node:assert/strict'
import { Unavailable } from '../../conversation/log-store.ts'
import { STARTS_KEPT } from '../../delivery/history-store.ts'
import { fileKeys } from '../../store/file-keys.ts'
import type { Lane, LaneBounds, LaneStats } from '../../store/job-queue.ts'
import type { Migration } from '../../store/migrations.ts'
import type { Store, StoreHealth, StoreOptions } from '../../store/store.ts'
import { sqliteAudit } from './audit-store.ts'
import { sqliteLog } from './log-store.ts'
import { loadMigrations } from './migrations.ts'
import type { ReadJob } from './reader-thread.ts'
import { sqliteReceipts } from './receipt-store.ts'
import { sqliteResume } from './resume-store.ts'
import { sqliteDatabase } from './sql-database.ts'
import { StoreFiles, type Past } from './store-files.ts'
import { StoreLocked } from './store-lock.ts'
import { shutLane, ThreadLane, type ThreadReply } from './thread-lane.ts'
import type { WriteJob } from './writer-thread.ts'

/** Most requests that wait for the disk. At 20,000 a second and more, that is about a second of work. */
export const jobsMax = 20_000
/** Most text that waits for the disk, in UTF-16 units. */
const charsWaitingMax = 64 * 1024 * 1024

const writerBounds: LaneBounds = { weightPerMessageMax: 512, charsPerMessageMax: 8 * 1024 * 1024, weightWaitingMax: jobsMax, charsWaitingMax }
const readerBounds: LaneBounds = { weightPerMessageMax: 64, charsPerMessageMax: 8 * 1024 * 1024, weightWaitingMax: jobsMax, charsWaitingMax }

export interface SqliteStoreOptions extends StoreOptions {
  /** For tests of upgrades. */
  readonly migrations?: readonly Migration[]
}

export interface SqliteStore extends Store {
  stats(): { readonly writer: LaneStats; readonly reader: LaneStats }
}

/** The lanes in use. They are replaced when a disk that took nothing has room. */
interface Lanes {
  readonly writer: Lane<WriteJob>
  readonly reader: Lane<ReadJob>
  /** The disk takes nothing: the store can only be read. */
  readonly looks: boolean
}

/** Opens (or creates) the database in a directory, for this process alone. On a disk that takes nothing, it is opened for reading alone [O4]. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const files = new StoreFiles(options.directory, options.migrations ?? loadMigrations())
  try {
    return await startStore(files, options)
  } catch (error) {
    files.release()
    throw error
  }
}

async function startStore(files: StoreFiles, options: SqliteStoreOptions): Promise<SqliteStore> {
  const { logger } = options
  let health: StoreHealth = { writable: true, fault: null }
  let dead = false

  function onFatal(error: Error): void {
    if (dead) return
    dead = true
    health = { writable: false, fault: error.message }
    logger?.error({ err: error }, 'the store died')
    if (options.onFatal) options.onFatal(error)
    // Thrown outside any caller: a dead store must end the process instead of letting it continue to answer.
    else
      setImmediate(() => {
        throw error
      })
  }

  function failed(fault: string, errcode: number | null): void {
    if (health.writable) logger?.error({ fault, errcode }, 'the store cannot be written')
    health = { writable: false, fault }
  }

  function onWritten(reply: ThreadReply): void {
    const start = reply.t === 'done' ? (reply.start ?? null) : null
    if (start !== null) starts = [start, ...(starts[0]?.id === start.id ? starts.slice(1) : starts.slice(0, STARTS_KEPT - 1))]
    if (reply.t === 'failed') failed(reply.fault.message, reply.fault.errcode)
    else if (reply.wrote && !health.writable && !dead) {
      logger?.info({}, 'the store can be written again')
      health = { writable: true, fault: null }
    }
  }

  async function open(): Promise<Opened> {
    try {
      const past = files.prepare(logger)
      const writer = new ThreadLane<WriteJob>(
        'writer',
        new URL('./writer-thread.ts', import.meta.url),
        { file: files.file },
        writerBounds,
        onWritten,
        onFatal,
      )
      const reader = readerLane(false)
      await whenReady([writer, reader])
      return { past, lanes: { writer, reader, looks: false } }
    } catch (error) {
      const want = error instanceof StoreLocked ? null : files.wantOfRoom()
      if (want === null) throw error
      failed(want, null)
      const past = files.prepareToLook()
      const reader = readerLane(true)
      await whenReady([reader])
      return { past, lanes: { writer: shutLane(want), reader, looks: true } }
    }
  }

  function readerLane(look: boolean): ThreadLane<ReadJob> {
    return new ThreadLane('reader', new URL('./reader-thread.ts', import.meta.url), { file: files.file, look }, readerBounds, () => {}, onFatal)
  }

  const opened = await open()
  let { epoch, starts } = opened.past
  let { lanes } = opened
  let reopening: Promise<void> | null = null

  /** Replaces a store that can only be read, as soon as there is room. Reads that come meanwhile are refused for now. */
  async function reopen(): Promise<void> {
    const want = files.wantOfRoom()
    if (want !== null) throw new Unavailable(want)
    const { reader } = lanes
    lanes = { ...lanes, reader: shutLane('the store is being opened for writing') }
    // What is read without looking at the log would be wrong as soon as somebody writes.
    await reader.close()
    try {
      const again = await open()
      assert(again.past.epoch === epoch, 'nobody has replaced the database of a running server')
      lanes = again.lanes
    } catch (error) {
      onFatal(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  async function probe(): Promise<void> {
    if (lanes.looks) await (reopening ??= reopen().finally(() => (reopening = null)))
    await lanes.writer.ask({ t: 'probe', now: Date.now() }, 1, 0)
  }

  // A full disk is known at once, and not only when somebody writes.
  await probe().catch((error: unknown) => {
    if (!(error instanceof Unavailable)) throw error
  })

  const writer = current(() => lanes.writer)
  const reader = current(() => lanes.reader)
  return {
    log: sqliteLog(writer, reader),
    resume: sqliteResume(reader),
    receipts: sqliteReceipts(writer, reader),
    audit: sqliteAudit(reader),
    sql: sqliteDatabase(writer, reader),
    keys: fileKeys(options.directory),
    get epoch() {
      return epoch
    },
    starts: () => starts,
    current: () => starts[0],
    // One process at a time holds the database.
    look: async () => undefined,
    async beginEpoch(ended, lastCommonStart, now) {
      epoch = await writer.ask<string>({ t: 'epoch', ended, lastCommonStart, now }, 1, 0)
    },
    // The writer comes first: sends wait in its queue.
    load: [() => writer.stats(), () => reader.stats()],
    health: () => health,
    probe,
    stats: () => ({ writer: writer.stats(), reader: reader.stats() }),
    async close() {
      writer.stop()
      if (reopening !== null) await reopening.catch(() => undefined)
      // The writer closes last, so that it is alone and merges the write-ahead log into the database.
      await reader.close()
      await writer.close()
      files.release()
    },
  }
}

interface Opened {
  readonly past: Past
  readonly lanes: Lanes
}

/** Waits until all threads have opened the database, and closes them when one cannot. */
async function whenReady(lanes: readonly { ready(): Promise<void>; close(): Promise<void> }[]): Promise<void> {
  try {
    await Promise.all(lanes.map((lane) => lane.ready()))
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.close()))
    throw error
  }
}

/** The lane in use, whichever that is at the time of a request. */
function current<Job>(lane: () => Lane<Job>): Lane<Job> {
  return {
    ask: async (job, weight, chars) => lane().ask(job, weight, chars),
    stats: () => lane().stats(),
    stop: () => lane().stop(),
    close: async () => lane().close(),
  }
}
