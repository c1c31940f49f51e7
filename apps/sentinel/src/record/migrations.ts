import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { RecordUnusable } from './unavailable.ts'

/** All migrations, in order, named one by one: a stray file in the folder must never run. A released file never changes. */
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

/** Looks without touching. Forward only: a program that is older than its record refuses. @returns how many are applied. */
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
      `Step ${number} (${name}) is not the one this record was made with. Install the released program again; nothing was changed.`,
    )
  }
  return applied.length
}

/** Applies what is missing, each step in its own transaction together with the note that it was applied. */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  while (checkMigrations(db, migrations) < migrations.length) {
    db.exec('BEGIN IMMEDIATE')
    try {
      // Looked at again under the lock: another program may have been quicker.
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
