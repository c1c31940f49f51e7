import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Logger } from '../../ops/logger.ts'
import { STARTS_KEPT, type Start } from '../../delivery/history-store.ts'
import { checkFile, checkInside, Unusable } from './check-file.ts'
import { all, closeLast, closeMarked, lockWaitMs, one, openConnection } from './connection.ts'
import { openToLook } from './look.ts'
import type { Migration } from '../../store/migrations.ts'
import { checkMigrations, migrate, needsMigration } from './migrate.ts'
import { refuseMarked } from './move-marks.ts'
import { restoreMark, syncDirectory } from './place-file.ts'
import { wantOfRoom } from './room.ts'
import { faultOf } from './sqlite-faults.ts'
import { lockStore } from './store-lock.ts'

/** The name of a history, and the newest starts that wrote to it, the newest first. */
export interface Past {
  readonly epoch: string
  readonly starts: readonly Start[]
}

/** The data directory of a store, held for this process alone. */
export class StoreFiles {
  readonly directory: string
  readonly file: string
  readonly #migrations: readonly Migration[]
  #unlock: (() => void) | null = null

  constructor(directory: string, migrations: readonly Migration[]) {
    this.directory = directory
    this.file = join(directory, 'bongsu.db')
    this.#migrations = migrations
  }

  /** Makes the database ready for writing. */
  prepare(logger: Logger | undefined): Past {
    makeDirectory(this.directory, logger)
    this.#unlock ??= lockStore(join(this.directory, 'bongsu.lock'))
    return prepareDatabase(this.directory, this.file, this.#migrations)
  }

  /** Checks the database without writing. */
  prepareToLook(): Past {
    checkPlace(this.directory, this.file)
    const db = openToLook(this.file)
    try {
      checkMigrations(db, this.#migrations)
      refuseMarked(db)
      checkInside(db, this.file)
      if (needsMigration(db, this.#migrations))
        throw new Error(
          'The disk takes nothing, and this version of Bongsu must first bring the database up to date. Free some space; nothing was changed.',
        )
      return pastIn(db)
    } finally {
      closeMarked(db, this.file)
    }
  }

  /** @returns why the disk takes nothing although there is a database to read; null when that is not so. */
  wantOfRoom(): string | null {
    return existsSync(this.file) ? wantOfRoom(this.directory) : null
  }

  release(): void {
    this.#unlock?.()
    this.#unlock = null
  }
}

/** Brings the database to this program's schema. */
function prepareDatabase(directory: string, file: string, migrations: readonly Migration[]): Past {
  checkPlace(directory, file)
  if (existsSync(file)) {
    const past = lookAt(file, migrations)
    chmodSync(file, 0o600)
    // A database that is up to date is not written: a full disk would refuse it [O4].
    if (past !== null) return past
  } else makeDatabase(directory, file, migrations)
  chmodSync(file, 0o600)
  const db = openConnection(file, 'write')
  try {
    migrate(db, migrations, Date.now())
    return pastIn(db)
  } finally {
    closeLast(db, file)
  }
}

function checkPlace(directory: string, file: string): void {
  if (existsSync(restoreMark(directory))) throw new Unusable('A restore was interrupted here. Run the same "npx bongsu restore" again to finish it.')
  checkFile(file)
}

function pastIn(db: DatabaseSync): Past {
  const epoch = one<{ value: string }>(db.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value as string
  const starts = all<Start>(db.prepare('SELECT start, id, written FROM starts ORDER BY start DESC LIMIT ?'), STARTS_KEPT)
  return { epoch, starts: starts.map((start) => ({ ...start })) }
}

/** Checked with a connection that cannot write, so that a database this program must not use stays unchanged [A5]. @returns null when it must be migrated. */
function lookAt(file: string, migrations: readonly Migration[]): Past | null {
  let look: DatabaseSync | null = null
  try {
    look = new DatabaseSync(file, { readOnly: true, timeout: lockWaitMs })
    checkMigrations(look, migrations)
    refuseMarked(look)
    checkInside(look, file)
    return needsMigration(look, migrations) ? null : pastIn(look)
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
