import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkApplied, NOT_OURS, sha256Of, type Applied, type Migration } from '../../store/migrations.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import type { Connection } from './connection.ts'
import { DatabaseFault, LOCK_NOT_AVAILABLE } from './postgres-faults.ts'
import { endWipes } from './wipe.ts'

/** Advisory locks of Bongsu in its database: the first of two keys is 'bngs' in ASCII. */
export const LOCKS = { space: 0x626e6773, migrate: 1, sql: 2, start: 3, move: 4 } as const

/** Checks without changing: may these migrations be used with this database? @returns the number of migrations it lacks. */
export async function checkMigrations(client: Connection, migrations: readonly Migration[]): Promise<number> {
  const applied = await appliedMigrations(client)
  checkApplied(applied, migrations)
  return Math.max(0, migrations.length - applied.length)
}

/**
 * Applies the missing migrations, each in its own transaction together with the record about it. Of several processes one does it, and the others wait
 * for it. A migration that needs a lock held by others gives up soon and tries again, so that nobody queues behind it.
 */
export async function migrate(client: Connection, migrations: readonly Migration[], now: number): Promise<void> {
  // Without a look at the lock an up-to-date database would make all starting processes wait for each other.
  if ((await checkMigrations(client, migrations)) === 0) return
  await lock(client)
  try {
    const lacks = await checkMigrations(client, migrations)
    if (lacks === migrations.length) await makeTable(client)
    for (const migration of migrations.slice(migrations.length - lacks)) await apply(client, migration, now)
  } finally {
    await client.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS.space, LOCKS.migrate])
  }
}

/** Waiting for an advisory lock obeys `lock_timeout` too. Another process may take minutes. */
async function lock(client: Connection): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ ok: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ok', [LOCKS.space, LOCKS.migrate])
    if (rows[0]?.ok === true) return
    await sleep(POSTGRES_BOUNDS.migrationPauseMs)
  }
}

async function makeTable(client: Connection): Promise<void> {
  await client.run(`CREATE TABLE migrations (
    number bigint PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at bigint NOT NULL, floor bigint NOT NULL)`)
}

async function apply(client: Connection, migration: Migration, now: number): Promise<void> {
  const { number, name, sql, floor } = migration
  for (let tries = 1; ; tries++) {
    try {
      await client.run(`BEGIN; SET LOCAL lock_timeout = ${POSTGRES_BOUNDS.migrationLockMsMax}`)
      await client.run(sql)
      await client.query('INSERT INTO migrations (number, name, sha256, applied_at, floor) VALUES ($1, $2, $3, $4, $5)', [
        number,
        name,
        sha256Of(sql),
        now,
        floor,
      ])
      // The first migration makes a history, and a history has a name.
      if (number === 1) await client.query("INSERT INTO meta (key, value) VALUES ('epoch', $1)", [randomUUID()])
      await client.commit()
      return
    } catch (error) {
      await client.run('ROLLBACK').catch(() => undefined)
      if (!(error instanceof DatabaseFault && error.sqlState === LOCK_NOT_AVAILABLE) || tries === POSTGRES_BOUNDS.migrationTriesMax)
        throw new Error(`Migration ${number} (${name}) failed; the database is as it was before it.`, { cause: error })
      await endWipes(client)
      await sleep(POSTGRES_BOUNDS.migrationPauseMs)
    }
  }
}

async function appliedMigrations(client: Connection): Promise<readonly Applied[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`,
    [],
  )
  if (tables.some(({ name }) => name === 'migrations'))
    return (await client.query<Applied>('SELECT number, name, sha256, floor FROM migrations ORDER BY number', [])).rows
  if (tables.length > 0) throw new Error(`${NOT_OURS} Give the server an empty database; nothing was changed.`)
  return []
}
