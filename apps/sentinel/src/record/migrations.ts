import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { RecordUnusable } from './unavailable.ts'

/** All migrations in order, listed by name so that a stray file in the folder never runs. A released file never changes. */
const FILES = ['0001-record.sql']

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

export function loadMigrations(): readonly Migration[] {
  return FILES.map((file) => ({
    number: Number(file.slice(0, 4)),
    name: file.slice(5, -'.sql'.length),
    sql: readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8'),
  }))
}

/** Reads without changing. An older program refuses a newer record. @returns the number of applied migrations. */
export function checkMigrations(db: DatabaseSync, migrations: readonly Migration[]): number {
  const applied = db.prepare('SELECT number, name, sha256 FROM migrations ORDER BY number').all() as unknown as {
    readonly number: number
    readonly name: string
    readonly sha256: string
  }[]
  if (applied.length > migrations.length) {
    throw new RecordUnusable(
      `This record is newer than this program (it is at step ${applied.length}, ${applied.at(-1)?.name}; the program knows ${migrations.length}). ` +
        'Use the newer program again; nothing was changed.',
    )
  }
  for (const [index, { number, name, sha256 }] of applied.entries()) {
    const migration = migrations[index]
    if (migration?.number === number && hash('sha256', migration.sql) === sha256) continue
    throw new RecordUnusable(
      `Step ${number} (${name}) differs from the one this record was made with. Install the released program again; nothing was changed.`,
    )
  }
  return applied.length
}

/** Applies the missing migrations. Each step and the note about it share one transaction. */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  while (checkMigrations(db, migrations) < migrations.length) {
    db.exec('BEGIN IMMEDIATE')
    try {
      // Checked again under the lock: another program may have applied the step meanwhile.
      const next = migrations[checkMigrations(db, migrations)]
      if (next !== undefined) {
        db.exec(next.sql)
        db.prepare('INSERT INTO migrations (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)').run(
          next.number,
          next.name,
          hash('sha256', next.sql),
          now,
        )
      }
      db.exec('COMMIT')
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK')
    }
  }
}
