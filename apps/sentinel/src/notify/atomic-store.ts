import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { openToWrite } from '../record/connection.ts'
import { migrate } from '../record/migrations.ts'

export function atomically<T>(db: DatabaseSync, run: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    db.exec('COMMIT')
    return result
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

interface StoreFile {
  /** Marks the owner of the file: four ASCII letters. */
  readonly applicationId: number
  readonly name: string
  /** The file's first and only step so far. */
  readonly sql: URL
}

/** Opens or creates a file of people's data, for this user alone. Deleted data does not stay readable in it. */
export function openStoreFile(file: string, { applicationId, name, sql }: StoreFile, now: number): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = openToWrite(file)
  try {
    chmodSync(file, 0o600)
    const known = db.prepare('PRAGMA application_id').get() as { application_id: number }
    // Written only once, so that a file on a full disk can still be opened.
    if (known.application_id !== applicationId) db.exec(`PRAGMA application_id = ${applicationId}`)
    db.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON')
    migrate(db, [{ number: 1, name, sql: readFileSync(sql, 'utf8') }], now)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
