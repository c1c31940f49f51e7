import type { DatabaseSync } from 'node:sqlite'
import { checkApplied, NOT_OURS, sha256Of, type Applied, type Migration } from '../../store/migrations.ts'
import { all, one } from './connection.ts'

/** Marks the file as a database of Bongsu: 'bngs' in ASCII. */
export const applicationId = 0x626e6773

/** Checks without changing: may these migrations be used with this database? */
export function checkMigrations(db: DatabaseSync, migrations: readonly Migration[]): void {
  const applied = appliedMigrations(db)
  const tables = one<{ n: number }>(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'"))?.n ?? 0
  if (applied.length === 0 && tables > 0) throw new Error(`${NOT_OURS} Give the server an empty data directory; nothing was changed.`)
  checkApplied(applied, migrations)
}

/**
 * Applies the missing migrations, each in its own transaction together with the record about it. The table `migrations` lists those that a program
 * must know, and `expansions` those that it need not know: programs from before rollback floors read the first table alone.
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): void {
  checkMigrations(db, migrations)
  if (!needsMigration(db, migrations)) return
  db.exec(`
    PRAGMA application_id = ${applicationId};
    CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS expansions (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT`)
  const record = db.prepare('INSERT INTO expansions (number, name, sha256, applied_at, floor) VALUES (?, ?, ?, ?, ?)')
  const require = db.prepare(
    'INSERT INTO migrations (number, name, sha256, applied_at) SELECT number, name, sha256, applied_at FROM expansions WHERE number <= ?',
  )
  const forget = db.prepare('DELETE FROM expansions WHERE number <= ?')
  for (const { number, name, sql, floor } of migrations.slice(appliedMigrations(db).length)) {
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(sql)
      record.run(number, name, sha256Of(sql), now, floor)
      require.run(floor)
      forget.run(floor)
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw new Error(`Migration ${number} (${name}) failed; the database is as it was before it.`, { cause: error })
    }
  }
}

export function needsMigration(db: DatabaseSync, migrations: readonly Migration[]): boolean {
  return appliedMigrations(db).length < migrations.length
}

function appliedMigrations(db: DatabaseSync): Applied[] {
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
  if (!one(has, 'migrations')) return []
  const required = all<Applied>(db.prepare('SELECT number, name, sha256, number AS floor FROM migrations'))
  const expansions = one(has, 'expansions') ? all<Applied>(db.prepare('SELECT number, name, sha256, floor FROM expansions')) : []
  return [...required, ...expansions].toSorted((first, second) => first.number - second.number)
}
