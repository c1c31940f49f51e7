import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Restored, RestoreOptions, VerifyWatcher } from '../../store/store-keeper.ts'
import { copyDatabase } from './backup.ts'
import { Unusable } from './check-file.ts'
import { beginEpoch } from './begin-epoch.ts'
import { openConnection } from './connection.ts'
import { migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { unseal } from './move-marks.ts'
import { giveToOwner, restoreMark, syncDirectory, syncFile } from './place-file.ts'
import { lockStore } from './store-lock.ts'
import { verifyDatabase } from './verify.ts'

/** The files of a database. Their order does not matter, because a mark says that a restore is running. */
const PARTS = ['bongsu.db', 'bongsu.db-wal', 'bongsu.db-shm'] as const

/**
 * Replaces the database of a data directory with a backup [A6]. The backup is copied, checked and given its new epoch beside the old database; only
 * then are the two exchanged. No server can run meanwhile, nor after an interruption until the command was run again. The token key stays.
 */
export function restoreDatabase(
  backup: string,
  directory: string,
  { replace, withoutLog }: RestoreOptions,
  now: number,
  watcher: VerifyWatcher,
): Restored {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = join(directory, 'bongsu.db.restoring')
  if (isSameFile(backup, draft)) throw new Unusable(`${backup} is the unfinished file of an interrupted restore, not a backup. Nothing was changed.`)
  const unlock = lockStore(join(directory, 'bongsu.lock'))
  try {
    if (!replace && !existsSync(restoreMark(directory)) && partsIn(directory).length > 0)
      throw new Unusable(`${directory} already holds a database. With --replace it is moved aside under another name; nothing was changed.`)
    removeDatabase(draft)
    watcher.progress?.('Copying')
    copyDatabase(backup, draft, { withoutLog })
    const verified = verifyDatabase(draft, watcher)
    if (verified.violations > 0) throw new Unusable(`The backup has ${verified.violations} violations; see above. Nothing was changed.`)
    const epoch = beginHistory(draft, now)
    const keptIn = exchange(directory, draft, now)
    for (const name of ['bongsu.db', 'bongsu.lock']) giveToOwner(directory, name)
    return { ...verified, epoch, keptIn }
  } finally {
    removeDatabase(draft)
    unlock()
  }
}

/** Gives the copy this program's schema, a new epoch, and a record of its earlier epoch [A4]. */
function beginHistory(draft: string, now: number): string {
  const db = openConnection(draft, 'write')
  let epoch: string
  try {
    unseal(db)
    migrate(db, loadMigrations(), now)
    db.exec('BEGIN IMMEDIATE')
    epoch = beginEpoch(db, 'now', now)
    db.exec('COMMIT')
  } finally {
    // This is the only connection: closing it merges the log into the file, which is then complete.
    db.close()
  }
  if (existsSync(`${draft}-wal`)) throw new Error(`${draft} could not be completed: its log is still there`)
  syncFile(draft)
  return epoch
}

/** After a kill at any point the mark remains, and no server starts until the command was run again. @returns the folders with the old database. */
function exchange(directory: string, draft: string, now: number): readonly string[] {
  const mark = restoreMark(directory)
  const interrupted = existsSync(mark) ? readFileSync(mark, 'utf8') : ''
  // Files moved and files not moved by an interrupted run belong together.
  const keptIn =
    interrupted === '' ? join(directory, `replaced-${new Date(now).toISOString().replaceAll(':', '-')}`) : join(directory, basename(interrupted))
  writeFileSync(mark, keptIn, { flush: true, mode: 0o600 })
  syncDirectory(directory)
  const aside = moveAside(directory, keptIn)
  // A write-ahead log of another database beside the new one would be applied to it.
  assert.deepEqual(partsIn(directory), [], 'nothing of the old database is left where the new one goes')
  renameSync(draft, join(directory, 'bongsu.db'))
  syncDirectory(directory)
  rmSync(mark)
  syncDirectory(directory)
  return [...new Set([keptIn, ...(aside === null ? [] : [aside])])].filter((folder) => existsSync(folder))
}

/** Moves existing files aside without replacing earlier ones. @returns the folder; null when there are no files. */
function moveAside(directory: string, keptIn: string): string | null {
  const parts = partsIn(directory)
  if (parts.length === 0) return null
  // After an interruption somebody may have put the moved files back. The present files then belong together.
  const taken = (folder: string): boolean => parts.some((part) => existsSync(join(folder, part)))
  let aside = keptIn
  for (let number = 2; taken(aside); number++) aside = `${keptIn}-${number}`
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  for (const part of parts) renameSync(join(directory, part), join(aside, part))
  syncDirectory(aside)
  return aside
}

function isSameFile(file: string, other: string): boolean {
  const [first, second] = [file, other].map((name) => statSync(name, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino
}

function partsIn(directory: string): readonly string[] {
  return PARTS.filter((part) => existsSync(join(directory, part)))
}

function removeDatabase(file: string): void {
  for (const name of [file, `${file}-journal`, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
}
