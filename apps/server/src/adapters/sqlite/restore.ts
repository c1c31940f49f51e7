import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Restored, VerifyWatcher } from '../../store/store-keeper.ts'
import { copyDatabase } from './backup.ts'
import { Unusable } from './check-file.ts'
import { one, openConnection } from './connection.ts'
import { migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { giveToOwner, restoreMark, syncDirectory, syncFile } from './place-file.ts'
import { lockStore } from './store-lock.ts'
import { verifyDatabase } from './verify.ts'

/** What makes up a database; the order in which it is moved away does not matter, for a mark says that it is under way. */
const PARTS = ['bongsu.db', 'bongsu.db-wal', 'bongsu.db-shm'] as const

/**
 * Puts a backup in the place of a data directory's database [A6]. The backup is copied, checked and given its new epoch beside the old
 * database; only then are the two exchanged. No server can run meanwhile, nor after an interruption until it was run again.
 * The key of tokens stays as it is.
 */
export function restoreDatabase(backup: string, directory: string, replace: boolean, now: number, watcher: VerifyWatcher): Restored {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = join(directory, 'bongsu.db.restoring')
  if (isSameFile(backup, draft)) throw new Unusable(`${backup} is what an interrupted restore was writing, not a backup. Nothing was changed.`)
  const unlock = lockStore(join(directory, 'bongsu.lock'))
  try {
    if (!replace && !existsSync(restoreMark(directory)) && partsIn(directory).length > 0)
      throw new Unusable(`${directory} holds a database. With --replace it is kept aside under another name; nothing was changed.`)
    removeDatabase(draft)
    watcher.progress?.('Copying')
    copyDatabase(backup, draft)
    const verified = verifyDatabase(draft, watcher)
    if (verified.violations > 0) throw new Unusable(`The backup has ${verified.violations} faults; see above. Nothing was changed.`)
    const epoch = beginHistory(draft, now)
    const keptIn = exchange(directory, draft, now)
    for (const name of ['bongsu.db', 'bongsu.lock']) giveToOwner(directory, name)
    return { ...verified, epoch, keptIn }
  } finally {
    removeDatabase(draft)
    unlock()
  }
}

/** Gives the copy this program's schema, another epoch, and a memory of the one it had [A4]. */
function beginHistory(draft: string, now: number): string {
  const db = openConnection(draft, 'write')
  const epoch = randomUUID()
  try {
    migrate(db, loadMigrations(), now)
    db.exec('BEGIN IMMEDIATE')
    const before = one<{ value: string }>(db.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value as string
    db.prepare('INSERT INTO restores (epoch, restored_at) VALUES (?, ?) ON CONFLICT (epoch) DO UPDATE SET restored_at = excluded.restored_at').run(
      before,
      now,
    )
    // The lowest holds for devices of every history it goes back to; what they put back needlessly is there already [M2].
    db.exec(`
      INSERT INTO restored_heads (conversation_key, head, change) SELECT conversation_key, head, change FROM conversations WHERE true
      ON CONFLICT (conversation_key) DO UPDATE SET head = min(head, excluded.head), change = min(change, excluded.change)`)
    db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch)
    db.exec('COMMIT')
  } finally {
    // The only connection: closing it folds the log into the file, which then stands alone.
    db.close()
  }
  if (existsSync(`${draft}-wal`)) throw new Error(`${draft} could not be completed: its log is still there`)
  syncFile(draft)
  return epoch
}

/** Killed at any point, it leaves the mark, and no server starts until this was run again. @returns where the old database is kept. */
function exchange(directory: string, draft: string, now: number): readonly string[] {
  const mark = restoreMark(directory)
  const interrupted = existsSync(mark) ? readFileSync(mark, 'utf8') : ''
  // What an interrupted run had moved and what it had not belong together.
  const keptIn =
    interrupted === '' ? join(directory, `replaced-${new Date(now).toISOString().replaceAll(':', '-')}`) : join(directory, basename(interrupted))
  writeFileSync(mark, keptIn, { flush: true, mode: 0o600 })
  syncDirectory(directory)
  const aside = moveAside(directory, keptIn)
  // A log of another database beside the new one would be taken for its own.
  assert.deepEqual(partsIn(directory), [], 'nothing of the old database is left where the new one goes')
  renameSync(draft, join(directory, 'bongsu.db'))
  syncDirectory(directory)
  rmSync(mark)
  syncDirectory(directory)
  return [...new Set([keptIn, ...(aside === null ? [] : [aside])])].filter((folder) => existsSync(folder))
}

/** Moves what is there out of the way, and replaces nothing that was moved before. @returns where to; null when nothing is there. */
function moveAside(directory: string, keptIn: string): string | null {
  const parts = partsIn(directory)
  if (parts.length === 0) return null
  // After an interruption somebody may have put back what had been moved, and what is there now belongs together.
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
