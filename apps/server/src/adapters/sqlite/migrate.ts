import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { all, one } from './connection.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly sha256: string
}

/** Marks the file as ours: 'bngs' in ASCII. */
export const applicationId = 0x626e6773

/**
 * Looks without touching: may these migrations work on this database? Forward only: there is no way back from a number, so a program
 * that is older than its database refuses.
 */
export function checkMigrations(db: DatabaseSync, migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => assert(migration.number === index + 1, 'migrations are numbered from 1 without a gap'))
  const applied = appliedMigrations(db)
  if (applied.length === 0) {
    const tables = one<{ n: number }>(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'"))?.n ?? 0
    if (tables > 0) throw new Error('This database was not made by Bongsu. Give the server an empty data directory; nothing was changed.')
    return
  }
  if (applied.length > migrations.length) {
    throw new Error(
      `This database is newer than this program: it is at migration ${applied.length} (${applied.at(-1)?.name}), the program knows ` +
        `${migrations.length}. Start the newer program again, or restore a backup made before the upgrade; nothing was changed.`,
    )
  }
  for (const [index, { number, name, sha256 }] of applied.entries()) {
    const migration = migrations[index]
    if (migration && number === migration.number && sha256 === sha256Of(migration.sql)) continue
    throw new Error(
      `Migration ${number} (${name}) is not the one this database was made with. A migration never changes once released: ` +
        `install the released program again; nothing was changed.`,
    )
  }
}

/** Applies what is missing, each migration in its own transaction together with the record that it was applied. */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): void {
  checkMigrations(db, migrations)
  db.exec(`
    PRAGMA application_id = ${applicationId};
    CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`)
  const record = db.prepare('INSERT INTO migrations (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)')
  for (const { number, name, sql } of migrations.slice(appliedMigrations(db).length)) {
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(sql)
      record.run(number, name, sha256Of(sql), now)
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw new Error(`Migration ${number} (${name}) failed; the database is as it was before it.`, { cause: error })
    }
  }
}

function appliedMigrations(db: DatabaseSync): Applied[] {
  if (!one(db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'"))) return []
  return all<Applied>(db.prepare('SELECT number, name, sha256 FROM migrations ORDER BY number'))
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
