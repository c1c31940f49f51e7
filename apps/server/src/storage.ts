import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PostgresSource, PostgresTarget } from './adapters/postgres/move-side.ts'
import { openPostgresStore } from './adapters/postgres/open-store.ts'
import { openBesideServer } from './adapters/sqlite/beside-server.ts'
import { SqliteSource, SqliteTarget } from './adapters/sqlite/move-side.ts'
import { openSqliteStore } from './adapters/sqlite/open-store.ts'
import { lockStore, StoreLocked } from './adapters/sqlite/store-lock.ts'
import { sqliteKeeper } from './adapters/sqlite/store-keeper.ts'
import { MOVING_BOUNDS } from './moving/bounds.ts'
import { copyRound } from './moving/copy-round.ts'
import type { MoveSource, MoveTarget } from './moving/move-side.ts'
import { move, type Moved } from './moving/move.ts'
import type { StoreKeeper, Verified, VerifyWatcher } from './store/store-keeper.ts'
import type { Store, StoreOptions } from './store/store.ts'

// The only file that names a kind of store.

/** Time between two lines of the log about a start that waits for a database server. */
export const START_TOLD_MS = 10_000

export async function openStore({ database = null, ...options }: StoreOptions): Promise<Store> {
  if (database === null) return openSqliteStore(options)
  const telling = setInterval(() => options.logger?.warn({}, WAITS), START_TOLD_MS)
  try {
    return await openPostgresStore({ ...options, database })
  } finally {
    clearInterval(telling)
  }
}

/** Everything outside the hot path, and acts, for a command that works beside a running server, or without one. */
export interface OpenedSql extends Pick<Store, 'sql'> {
  readonly log: Pick<Store['log'], 'append' | 'set'>
  close(): Promise<void>
}

export async function openSql(options: StoreOptions): Promise<OpenedSql> {
  if (options.database !== undefined && options.database !== null) return openStore(options)
  const file = storeKeeper.fileIn(options.directory)
  try {
    return await openStore(options)
  } catch (error) {
    if (!(error instanceof StoreLocked)) throw error
    return openBesideServer(file)
  }
}

const WAITS = 'The start waits for the database: it does not answer, another process brings it to its schema, or no standby confirms a write.'

export const storeKeeper: StoreKeeper = sqliteKeeper

/** The two kinds of store, as an operator names them. */
export const KINDS = ['sqlite', 'postgres'] as const
export type Kind = (typeof KINDS)[number]

/** Where a history may be: a data directory, and the address of a database server. */
export interface Places {
  readonly directory: string
  readonly database: string
  readonly unsafe: 'refuse' | 'allow'
}

/** Moves a history from one kind of store to the other [A12]. @returns the name of the database it is in now, besides. */
export async function moveStore(
  to: Kind,
  { directory, database, unsafe }: Places,
  watcher: VerifyWatcher,
): Promise<Moved & { readonly name: string }> {
  const bounds = MOVING_BOUNDS
  const progress = (sentence: string): void => watcher.progress?.(sentence)
  const open: { source?: MoveSource; target?: MoveTarget } = {}
  try {
    const source = (open.source = to === 'postgres' ? new SqliteSource(directory) : await PostgresSource.open(database))
    const target = (open.target = to === 'postgres' ? await PostgresTarget.open(database, unsafe) : new SqliteTarget(directory))
    // Whichever of the two is a file is checked: the source before it is copied, or the copy of the source.
    const check = (): void => sound(sqliteKeeper.verify(sqliteKeeper.fileIn(directory), watcher))
    const verify = to === 'postgres' ? { source: check } : { target: check }
    return { ...(await move({ source, target, bounds, verify, progress })), name: target.name }
  } finally {
    await open.source?.close()
    await open.target?.close()
  }
}

function sound({ violations }: Verified): void {
  if (violations > 0) throw new Error(`The history has ${violations} violations; see above. Nothing was closed.`)
}

/** What the names of copies that are being checked begin with. */
const COPY = 'verifying-'
/** A younger copy may be one that another check has just begun. */
const LEFT_MS = 60_000

/** Removes the copies of checks that were killed. A check that runs holds the lock of its copy. */
function removeLeft(directory: string): void {
  const folders = readdirSync(directory)
    .filter((name) => name.startsWith(COPY))
    .map((name) => join(directory, name))
  for (const folder of folders.filter((path) => Date.now() - statSync(path).mtimeMs > LEFT_MS)) {
    try {
      lockStore(join(folder, 'bongsu.lock'))()
    } catch (error) {
      if (error instanceof StoreLocked) continue
      throw error
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Checks a history in a database server: one moment of it is copied into a file, and the file is checked [A13]. */
export async function verifyServer({ directory, database }: Omit<Places, 'unsafe'>, watcher: VerifyWatcher): Promise<Verified> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  removeLeft(directory)
  const folder = mkdtempSync(join(directory, COPY))
  const target = new SqliteTarget(folder)
  try {
    const source = await PostgresSource.open(database)
    try {
      await target.begin({ id: folder, epoch: await source.epoch() })
      watcher.progress?.('Copying')
      await copyRound({ source, target, bounds: MOVING_BOUNDS, step: () => undefined })
      await target.settle()
    } finally {
      await source.close()
    }
    return sqliteKeeper.verify(target.file, watcher)
  } finally {
    await target.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
