import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Logger } from '../../ops/logger.ts'
import type { Store, StoreHealth, StoreOptions } from '../../store/store.ts'
import { sqliteAudit } from './audit-store.ts'
import { checkFile, checkInside, Unusable } from './check-file.ts'
import { lockWaitMs, markClosed, one, openConnection } from './connection.ts'
import { sqliteLog } from './log-store.ts'
import { checkMigrations, migrate, type Migration } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import type { ReadJob } from './reader-thread.ts'
import { sqliteReceipts } from './receipt-store.ts'
import { sqliteResume } from './resume-store.ts'
import { restoreMark, syncDirectory } from './place-file.ts'
import { sqliteDatabase } from './sql-database.ts'
import { faultOf } from './sqlite-faults.ts'
import { lockStore } from './store-lock.ts'
import { ThreadLane, type LaneBounds, type LaneStats, type ThreadReply } from './thread-lane.ts'
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

/** Opens (or creates) the database in a directory, for this process alone. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { directory, logger } = options
  makeDirectory(directory, logger)
  const unlock = lockStore(join(directory, 'bongsu.lock'))
  try {
    const file = join(directory, 'bongsu.db')
    const epoch = prepareDatabase(directory, file, options.migrations ?? loadMigrations())
    return await startThreads(file, epoch, unlock, options)
  } catch (error) {
    unlock()
    throw error
  }
}

async function startThreads(file: string, epoch: string, unlock: () => void, options: SqliteStoreOptions): Promise<SqliteStore> {
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

  function onWritten(reply: ThreadReply): void {
    if (reply.t === 'failed') {
      if (health.writable) logger?.error({ fault: reply.fault.message, errcode: reply.fault.errcode }, 'the store cannot be written')
      health = { writable: false, fault: reply.fault.message }
    } else if (reply.wrote && !health.writable && !dead) {
      logger?.info({}, 'the store can be written again')
      health = { writable: true, fault: null }
    }
  }

  const writer = new ThreadLane<WriteJob>('writer', new URL('./writer-thread.ts', import.meta.url), file, writerBounds, onWritten, onFatal)
  const reader = new ThreadLane<ReadJob>('reader', new URL('./reader-thread.ts', import.meta.url), file, readerBounds, () => {}, onFatal)
  try {
    await Promise.all([writer.ready(), reader.ready()])
  } catch (error) {
    await Promise.all([reader.close(), writer.close()])
    throw error
  }

  return {
    log: sqliteLog(writer, reader),
    resume: sqliteResume(reader),
    receipts: sqliteReceipts(writer, reader),
    audit: sqliteAudit(reader),
    sql: sqliteDatabase(writer, reader),
    epoch,
    // The writer comes first: sends wait in its queue.
    load: [() => writer.stats(), () => reader.stats()],
    health: () => health,
    probe: async () => {
      await writer.ask({ t: 'probe', now: Date.now() }, 1, 0)
    },
    stats: () => ({ writer: writer.stats(), reader: reader.stats() }),
    async close() {
      writer.stop()
      // The writer closes last, so that it is alone and merges the write-ahead log into the database.
      await reader.close()
      await writer.close()
      unlock()
    },
  }
}

/** Brings the database to this program's schema. @returns its epoch. */
function prepareDatabase(directory: string, file: string, migrations: readonly Migration[]): string {
  if (existsSync(restoreMark(directory))) throw new Unusable('A restore was interrupted here. Run the same "npx bongsu restore" again to finish it.')
  checkFile(file)
  if (existsSync(file)) lookAt(file, migrations)
  else makeDatabase(directory, file, migrations)
  chmodSync(file, 0o600)
  const db = openConnection(file, 'write')
  try {
    migrate(db, migrations, Date.now())
    markClosed(db)
    return one<{ value: string }>(db.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value as string
  } finally {
    db.close()
  }
}

/** Checked with a connection that cannot write, so that a database this program must not use stays unchanged [A5]. */
function lookAt(file: string, migrations: readonly Migration[]): void {
  let look: DatabaseSync | null = null
  try {
    look = new DatabaseSync(file, { readOnly: true, timeout: lockWaitMs })
    checkMigrations(look, migrations)
    checkInside(look, file)
  } catch (error) {
    const { errcode, message } = faultOf(error)
    if (errcode === null) throw error
    throw new Unusable(
      `${file} cannot be read (${message}). Does this user own it, and is it complete? See "npx bongsu verify"; nothing was changed.`,
      {
        cause: error,
      },
    )
  } finally {
    look?.close()
  }
}

/** Created under a temporary name and renamed when complete: a killed first start leaves nothing that looks like a truncated database [O4]. */
function makeDatabase(directory: string, file: string, migrations: readonly Migration[]): void {
  const draft = `${file}.new`
  for (const name of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
  closeSync(openSync(draft, 'a', 0o600))
  const db = openConnection(draft, 'write')
  try {
    migrate(db, migrations, Date.now())
    db.prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?)").run(randomUUID())
  } finally {
    db.close()
  }
  renameSync(draft, file)
  syncDirectory(directory)
}

function makeDirectory(directory: string, logger: Logger | undefined): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  try {
    chmodSync(directory, 0o700)
  } catch (error) {
    // A directory with another owner (a mounted volume) can be used all the same. The operator should know who can read it.
    logger?.warn({ err: error, directory }, 'the data directory cannot be closed to other users')
  }
}
