import assert from 'node:assert/strict'
import { LIMITS } from '@bongsu/protocol'
import type { LogStore } from '../../conversation/log-store.ts'
import { STARTS_KEPT, type Start } from '../../delivery/history-store.ts'
import { FAILED_LINE_MS, spaced } from '../../ops/faults.ts'
import type { LaneStats } from '../../store/job-queue.ts'
import type { Migration } from '../../store/migrations.ts'
import { MARKS } from '../../moving/tables.ts'
import type { Store, StoreHealth, StoreOptions, UnsafeSetting } from '../../store/store.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { checkServer } from './check-server.ts'
import { Connection, type Use } from './connection.ts'
import { ConnectionLane, type LaneParts } from './connection-lane.ts'
import { postgresLog } from './log-store.ts'
import { checkMigrations, migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { HAS_MOVED, refuseMarked } from './move-marks.ts'
import { readAccountHeads, readAccountItems, readPosition, readSnapshot } from './read-resume.ts'
import { readHash, readRestoredHeads, readUnread } from './read-audit.ts'
import { sharedKeys } from './shared-keys.ts'
import { postgresDatabase, settle, type Ask, type Job } from './sql-database.ts'
import { Unsuitable } from './postgres-faults.ts'
import { createWriter } from './write-jobs.ts'
import { WIPE } from './wipe.ts'
import type { WriteJob } from './write-job.ts'

/** Most requests that wait for the database. */
export const jobsMax = 20_000
const charsWaitingMax = 64 * 1024 * 1024
const charsPerMessageMax = 8 * 1024 * 1024
/** Most rows in one answer, and the widest range of unread numbers. */
const rowsPerReadMax = 1_000
/** When edited and erased content is taken out of its table, and when once more: the first time nothing goes that an older transaction can still read. */
const WIPE_MS = { soon: 30_000, again: 3_600_000 }

export interface PostgresStoreOptions extends StoreOptions {
  readonly database: string
  /** For tests of upgrades. */
  readonly migrations?: readonly Migration[]
  /** When edited and erased content is taken out of its table; `WIPE_MS` when left out. */
  readonly wipeMs?: typeof WIPE_MS
  /** When a commit that the server does not know of is given up; as in the bounds when left out. */
  readonly commitMsUnseen?: number
  /** Longest wait of an account's request before it begins; as in the bounds when left out. */
  readonly accountMsWaiting?: number
}

export interface PostgresStore extends Store {
  stats(): { readonly writer: LaneStats; readonly reader: LaneStats }
}

/** Opens the database of an address, beside other processes. Brings it to the schema first. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { database, logger, unsafe: allowed = 'refuse', migrations = loadMigrations() } = options
  /** What the newest connection of each use could lose. Others of that use are told by theirs. */
  const unsafe = new Map<Use, readonly UnsafeSetting[]>()
  let health: StoreHealth = { writable: true, fault: null }
  let dead = false
  let epoch = ''
  let starts: readonly Start[] = []
  let current: Start | null = null

  const open = (use: Use): Promise<Connection> =>
    Connection.open(database, use, async (connection) => {
      const faults = await checkServer(connection, allowed)
      // Those of migrations and vacuums confirm nothing to anybody.
      if (use !== 'migrate') unsafe.set(use, faults)
    })

  const unsafeNow = (): readonly UnsafeSetting[] => [...new Map([...unsafe.values()].flat().map((fault) => [fault.setting, fault] as const)).values()]

  function onBug(error: Error): void {
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

  function failed(fault: string): void {
    if (health.writable && !dead) logger?.error({ fault }, 'the store cannot be written')
    if (!dead) health = { writable: false, fault }
  }

  function written(): void {
    if (health.writable || dead) return
    logger?.info({}, 'the store can be written again')
    health = { writable: true, fault: null }
  }

  /** PostgreSQL keeps earlier versions of a row until a vacuum [I6]. It may fail while another one runs, and is then tried again. */
  const { soon, again } = options.wipeMs ?? WIPE_MS
  const wipeSoon = planned(soon, () => wipe().then(wipeAgain.planAnew, wipeSoon.plan))
  const wipeAgain = planned(again, () => wipe().catch(wipeAgain.plan))

  const writer = new ConnectionLane<WriteJob>({
    name: 'writer',
    bounds: { weightPerMessageMax: 512, charsPerMessageMax, weightWaitingMax: jobsMax, charsWaitingMax },
    connections: 1,
    open: () => open('write'),
    begin(connection) {
      const write = createWriter(connection)
      return async (jobs) => {
        const { answers, start, rewrote } = await write(jobs)
        if (rewrote) wipeSoon.plan()
        current = start ?? current
        return answers.map((value) => ({ status: 'fulfilled', value }) as const)
      }
    },
    done: written,
    failed,
    onBug,
  })
  type Width = Pick<LaneParts<Job>, 'connections' | 'waitMsMax' | 'patientMax' | 'patientMsMax'>
  const laneOfJobs = (name: string, use: Use, ahead: number, width: Width): ConnectionLane<Job> =>
    new ConnectionLane<Job>({
      name,
      bounds: { weightPerMessageMax: ahead, charsPerMessageMax, weightWaitingMax: jobsMax, charsWaitingMax },
      ...width,
      open: () => open(use),
      begin: (connection) => (jobs) => settle(connection, jobs),
      done: () => undefined,
      failed: spaced({ monotonic: () => performance.now() }, FAILED_LINE_MS, (fault, times) =>
        logger?.warn({ fault, times, lane: name }, 'the database failed'),
      ),
      onBug,
    })
  const { readersMax, readersOfNewcomersMax, newcomerMsWaiting, readsAheadMax, accountMsWaiting } = POSTGRES_BOUNDS
  const reader = laneOfJobs('reader', 'read', readsAheadMax, {
    connections: readersMax,
    patientMax: readersOfNewcomersMax,
    patientMsMax: newcomerMsWaiting,
  })
  const clerk = laneOfJobs('clerk', 'sql', 1, { connections: 1, waitMsMax: options.accountMsWaiting ?? accountMsWaiting })
  const read: Ask = (job) => reader.ask(job, 1, 0)
  /** For devices that are coming back: what others read for those that are connected goes first [O2]. */
  const readForNewcomer: Ask = (job) => reader.askPatiently(job, 1, 0)

  async function look(): Promise<void> {
    const [name, newest, hasMoved] = await read(async (connection) => {
      const [{ rows: meta }, { rows }] = await Promise.all([
        connection.query<{ key: string; value: string }>('SELECT key, value FROM meta WHERE key IN ($1, $2)', ['epoch', MARKS.moved]),
        connection.query<Start>('SELECT start, id, written FROM starts ORDER BY start DESC LIMIT $1', [STARTS_KEPT]),
      ])
      return [meta.find(({ key }) => key === 'epoch')?.value as string, rows, meta.some(({ key }) => key === MARKS.moved)] as const
    })
    // Nothing can be written here any more, and whoever moves it waits for this process to end [A12].
    if (hasMoved) onBug(new Unsuitable(HAS_MOVED))
    starts = newest
    epoch = name
  }
  const lookOnce = shared(look)

  const migrating = await open('migrate')
  try {
    await checkMigrations(migrating, migrations)
    await refuseMarked(migrating)
    await migrate(migrating, migrations, Date.now())
    // A move may have begun meanwhile.
    await refuseMarked(migrating)
  } finally {
    await migrating.close()
  }
  await Promise.all([writer.ready(), reader.ready(), clerk.ready()])
  await look()
  for (const { risk: fault } of unsafeNow()) logger?.warn({ fault }, 'the database is used although it could lose messages')
  // What the last process had no time for.
  wipeSoon.plan()
  const watch = setInterval(() => void watchLanes().catch(() => undefined), POSTGRES_BOUNDS.watchMs).unref()

  async function wipe(): Promise<void> {
    const connection = await open('migrate')
    try {
      await connection.run(WIPE)
    } finally {
      await connection.close()
    }
  }

  /** A commit that waits for a standby waits as long as it takes. A commit that no server knows of is given up. */
  async function watchLanes(): Promise<void> {
    clerk.refuseLate()
    const unseen = options.commitMsUnseen ?? POSTGRES_BOUNDS.commitMsUnseen
    const slow = writer.slow(Math.min(unseen, POSTGRES_BOUNDS.commitMsSlow))
    if (slow !== null)
      failed(`the database has not confirmed a transaction for ${Math.round(slow.forMs / 1_000)} s; is its synchronous standby there?`)
    for (const lane of [writer, clerk]) {
      const connection = lane.slow(unseen)?.connection
      // What the server is asked about may be over by its answer.
      if (connection !== undefined && !(await connection.isAtWork(read)) && lane.slow(unseen)?.connection === connection) connection.cut()
    }
  }

  /** What is known of the starts, with this process's own as it is now. */
  function known(): readonly Start[] {
    const own = current
    if (own === null) return starts
    const others = starts.filter(({ start }) => start !== own.start)
    return [...others, own].toSorted((a, b) => b.start - a.start).slice(0, STARTS_KEPT)
  }

  const log: LogStore = postgresLog(writer, read)
  return {
    log,
    resume: {
      position: (accountId, deviceId) => readForNewcomer((connection) => readPosition(connection, accountId, deviceId)),
      items: async (accountId, after, limit) => {
        assert(limit >= 1 && limit <= rowsPerReadMax, `1 to ${rowsPerReadMax} items are read at a time`)
        return read((connection) => readAccountItems(connection, accountId, after, limit))
      },
      accountHeads: (accountIds) => read((connection) => readAccountHeads(connection, accountIds)),
      snapshot: async (conversationId, accountId, tail) => {
        assert(tail >= 0 && tail <= rowsPerReadMax, `at most ${rowsPerReadMax} entries are read at a time`)
        return read((connection) => readSnapshot(connection, conversationId, accountId, tail))
      },
    },
    receipts: {
      raise: async (batch) => (batch.length === 0 ? [] : writer.ask<readonly boolean[]>({ t: 'raise', batch }, batch.length, 0)),
      unread: async (conversationId, from, to) => {
        assert(to - from < rowsPerReadMax, `unread numbers of at most ${rowsPerReadMax} entries are counted at a time`)
        return read((connection) => readUnread(connection, conversationId, from, to))
      },
    },
    audit: {
      hash: async (conversationId, from, to) => {
        assert(from <= to && to - from < LIMITS.auditEntriesMax, `the hash of 1 to ${LIMITS.auditEntriesMax} entries is made at a time`)
        return read((connection) => readHash(connection, conversationId, from, to))
      },
      restoredHeads: (accountId, name) => readForNewcomer((connection) => readRestoredHeads(connection, accountId, name)),
    },
    sql: postgresDatabase(read, (job) => clerk.ask(job, 1, 0)),
    keys: sharedKeys((job) => clerk.ask(job, 1, 0), options.directory),
    get epoch() {
      return epoch
    },
    starts: known,
    current: () => current ?? starts[0],
    look: lookOnce,
    async beginEpoch(ended, lastCommonStart, now) {
      await writer.ask({ t: 'epoch', ended, lastCommonStart, now }, 1, 0)
      await look()
    },
    // The writer comes first: sends wait in its queue.
    load: [() => writer.stats(), () => reader.stats()],
    health: () => ({ ...health, unsafe: unsafeNow() }),
    async probe() {
      await writer.ask({ t: 'probe', now: Date.now() }, 1, 0)
    },
    stats: () => ({ writer: writer.stats(), reader: reader.stats() }),
    async close() {
      writer.stop()
      await Promise.all([reader.close(), clerk.close(), writer.close()])
      clearInterval(watch)
      wipeSoon.cancel()
      wipeAgain.cancel()
    },
  }
}

/** Does something once after a time, however often it is planned meanwhile. */
function planned(ms: number, act: () => Promise<void>): { readonly plan: () => void; readonly planAnew: () => void; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | null = null
  const cancel = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const plan = (): void => {
    timer ??= setTimeout(() => {
      timer = null
      void act()
    }, ms).unref()
  }
  const planAnew = (): void => {
    cancel()
    plan()
  }
  return { plan, planAnew, cancel }
}

/** One call at a time, and one more for all who ask meanwhile: each sees what is so after it asked. */
function shared(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  const run = (): Promise<void> => {
    next = null
    running = act().finally(() => (running = null))
    return running
  }
  return () => (running === null ? run() : (next ??= running.then(run, run)))
}
