import { chmodSync, closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { checkFile, Unusable } from './check-file.ts'
import { lockWaitMs } from './connection.ts'
import { syncDirectory, syncFile } from './place-file.ts'
import type { Verified, VerifyWatcher } from '../../store/store-keeper.ts'
import { verifyDatabase } from './verify.ts'

/**
 * Writes one moment of the history into a file of its own, beside a running server, which goes on writing [A6]. The file has its name only
 * when it is complete, checked and on the disk; whatever goes wrong before leaves nothing.
 */
export function backupDatabase(from: string, to: string, watcher: VerifyWatcher): Verified {
  if (existsSync(to)) throw isThere(to)
  if (!existsSync(dirname(resolve(to)))) throw new Unusable(`The folder ${dirname(resolve(to))} does not exist; nothing was written.`)
  const draft = `${to}.${process.pid}.partial`
  try {
    watcher.progress?.('Copying')
    copyDatabase(from, draft)
    const verified = verifyDatabase(draft, watcher)
    if (verified.violations > 0)
      throw new Unusable(`The backup has ${verified.violations} faults, and so has the database: see "npx bongsu verify". It was not kept.`)
    giveName(draft, to)
    syncDirectory(dirname(resolve(to)))
    return verified
  } finally {
    for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
  }
}

const isThere = (file: string): Unusable => new Unusable(`${file} is there already. Give each backup a name of its own; nothing was written.`)

/** Never replaces a file that somebody else made meanwhile: renaming would, a second name for the same file does not. */
function giveName(draft: string, to: string): void {
  try {
    linkSync(draft, to)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'EEXIST') throw isThere(to)
    if (!NO_LINKS.has(code)) throw error
    if (existsSync(to)) throw isThere(to)
    renameSync(draft, to)
  }
}

/** What file systems answer on which a file has one name only. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'])

/**
 * Copies what a database holds at one moment, its write-ahead log included, into a new file, and syncs it. One read: writers are not held up,
 * and what they write meanwhile is not in it.
 */
export function copyDatabase(from: string, to: string): void {
  if (!existsSync(from)) throw new Unusable(`There is no database ${from}.`)
  checkFile(from)
  const db = new DatabaseSync(from, { readOnly: true, timeout: lockWaitMs })
  try {
    // Made before it is filled, so that nobody else can ever read it.
    closeSync(openSync(to, 'wx', 0o600))
    chmodSync(to, 0o600)
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
  syncFile(to)
}
