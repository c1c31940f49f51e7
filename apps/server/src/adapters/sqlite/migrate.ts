import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { all, one } from './connection.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /**
   * Rollback floor: a program that knows the migrations up to this number still runs on the database after this one. Equal to `number` when the
   * migration removes something, lower when it only adds.
   */
  readonly floor: number
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly floor: number
}

/** Marks the file as a database of Bongsu: 'bngs' in ASCII. */
export const applicationId = 0x626e6773

/**
 * Checks without changing: may these migrations be used with this database? Migrations are never undone, but an older program still runs when every
 * migration unknown to it allows that by its floor.
 */
export function checkMigrations(db: DatabaseSync, migrations: readonly Migration[]): void {
  migrations.forEach(({ number, floor }, index) => {
    assert(number === index + 1, 'migrations are numbered from 1 without a gap')
    assert(floor >= 1 && floor <= number, 'a rollback floor is the number of a migration up to its own')
  })
  const applied = appliedMigrations(db)
  if (applied.length === 0) {
    const tables = one<{ n: number }>(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'"))?.n ?? 0
    if (tables > 0) throw new Error('This database was not made by Bongsu. Give the server an empty data directory; nothing was changed.')
    return
  }
  const unknown = applied.slice(migrations.length)
  if (unknown.some(({ floor }) => floor > migrations.length)) {
    throw new Error(
      `This database is newer than this program: it is at migration ${applied.length} (${applied.at(-1)?.name}), the program knows up to ` +
        `${migrations.length}. Start the newer program again, or restore a backup made before the upgrade; nothing was changed.`,
    )
  }
  for (const [index, { number, name, sha256 }] of applied.slice(0, migrations.length).entries()) {
    const migration = migrations[index]
    if (migration && number === migration.number && sha256 === sha256Of(migration.sql)) continue
    throw new Error(
      `Migration ${number} (${name}) differs from the one this database was made with. A migration never changes once released: ` +
        `install the released program again; nothing was changed.`,
    )
  }
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

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
