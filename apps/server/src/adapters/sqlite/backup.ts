import { chmodSync, closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { checkFile, Unusable } from './check-file.ts'
import { lockWaitMs, markClosed } from './connection.ts'
import { syncDirectory, syncFile } from './place-file.ts'
import type { Verified, VerifyWatcher } from '../../store/store-keeper.ts'
import { verifyDatabase } from './verify.ts'

/**
 * Writes one moment of the history into a new file, while a server continues to write [A6]. The file gets its name only when it is complete, checked
 * and on the disk. A failure before that leaves nothing.
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
      throw new Unusable(
        `The backup has ${verified.violations} violations, and so has the database: see "npx bongsu verify". The backup was not kept.`,
      )
    giveName(draft, to)
    syncDirectory(dirname(resolve(to)))
    return verified
  } finally {
    for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
  }
}

const isThere = (file: string): Unusable => new Unusable(`${file} already exists. Give each backup its own name; nothing was written.`)

/** Never replaces a file created by somebody else meanwhile: a rename would, a hard link does not. */
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

/** Errors of file systems without hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'])

/**
 * Copies the content of a database at one moment, its write-ahead log included, into a new file, and syncs it. One read transaction: it neither
 * delays writers nor includes what they write meanwhile. The copy is whole without a log.
 */
export function copyDatabase(from: string, to: string, { withoutLog = false }: { readonly withoutLog?: boolean } = {}): void {
  if (!existsSync(from)) throw new Unusable(`There is no database ${from}.`)
  checkFile(from, { withoutLog })
  const db = new DatabaseSync(from, { readOnly: true, timeout: lockWaitMs })
  try {
    // Created with its mode before it is filled, so that nobody else can ever read it.
    closeSync(openSync(to, 'wx', 0o600))
    chmodSync(to, 0o600)
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
  const copy = new DatabaseSync(to)
  try {
    markClosed(copy)
  } finally {
    copy.close()
  }
  syncFile(to)
}
