import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

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

/** A migration that a database was made with. */
export interface Applied {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly floor: number
}

/** Said of a database with tables and without migrations. */
export const NOT_OURS = 'This database was not made by Bongsu.'

/**
 * May these migrations be used with a database made with those? Migrations are never undone, but an older program still runs when every migration
 * unknown to it allows that by its floor. @param applied by rising number.
 */
export function checkApplied(applied: readonly Applied[], migrations: readonly Migration[]): void {
  migrations.forEach(({ number, floor }, index) => {
    assert(number === index + 1, 'migrations are numbered from 1 without a gap')
    assert(floor >= 1 && floor <= number, 'a rollback floor is the number of a migration up to its own')
  })
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

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
