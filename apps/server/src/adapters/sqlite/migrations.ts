import { readFileSync } from 'node:fs'
import type { Migration } from '../../store/migrations.ts'

/**
 * All migrations in order, listed by name so that a stray file in the folder never runs. A released file never changes. The rollback floor is given
 * where it differs from the migration's own number: the lowest migration a program must know to run on the database afterwards.
 */
const FILES: readonly (readonly [file: string, floor?: number])[] = [
  ['0001-first.sql'],
  ['0002-restores.sql'],
  ['0003-figures.sql'],
  ['0004-revoked-devices.sql'],
  ['0005-items.sql', 4],
  ['0006-starts.sql', 4],
  ['0007-processes.sql', 4],
  ['0008-likeness.sql', 4],
  ['0009-roles.sql', 4],
  ['0010-waiting.sql', 4],
  ['0011-staff.sql', 4],
  ['0012-reports.sql', 4],
  ['0013-cases.sql', 4],
]

export function loadMigrations(): Migration[] {
  return FILES.map(([file, floor]) => ({
    number: Number(file.slice(0, 4)),
    floor: floor ?? Number(file.slice(0, 4)),
    name: file.slice(5, -'.sql'.length),
    sql: readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8'), // [seam: sqlite-migration-text]
  }))
}
