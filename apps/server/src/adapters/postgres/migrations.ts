import { readFileSync } from 'node:fs'
import type { Migration } from '../../store/migrations.ts'

/** All migrations in order, with the names and the numbers of the SQLite adapter's. A released file never changes. */
const FILES: readonly (readonly [file: string, floor?: number])[] = [
  ['0001-first.sql'],
  ['0002-restores.sql'],
  ['0003-figures.sql'],
  ['0004-revoked-devices.sql'],
  ['0005-items.sql'],
  ['0006-starts.sql'],
  ['0007-processes.sql', 6],
  ['0008-likeness.sql', 6],
  ['0009-roles.sql', 6],
  ['0010-waiting.sql', 6],
  ['0011-staff.sql', 6],
  ['0012-reports.sql', 6],
  ['0013-cases.sql', 6],
]

export function loadMigrations(): Migration[] {
  return FILES.map(([file, floor]) => ({
    number: Number(file.slice(0, 4)),
    floor: floor ?? Number(file.slice(0, 4)),
    name: file.slice(5, -'.sql'.length),
    sql: readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8'),
  }))
}
