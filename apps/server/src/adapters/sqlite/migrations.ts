import { readFileSync } from 'node:fs'
import type { Migration } from './migrate.ts'

/** All migrations, in order. Named one by one: a stray file in the folder must never run. A released file never changes. */
const FILES = ['0001-first.sql', '0002-restores.sql', '0003-figures.sql', '0004-revoked-devices.sql', '0005-items.sql']

export function loadMigrations(): Migration[] {
  return FILES.map((file) => ({
    number: Number(file.slice(0, 4)),
    name: file.slice(5, -'.sql'.length),
    sql: readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8'), // [seam: sqlite-migration-text]
  }))
}
