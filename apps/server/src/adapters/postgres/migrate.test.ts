import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../../../tests/contract/postgres-server.ts'
import type { Migration } from '../../store/migrations.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { Connection } from './connection.ts'
import { checkMigrations, migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'

let server: PostgresServer
before(async () => {
  server = await startPostgres()
})
after(() => server.remove())

async function onDatabase(body: (url: string, connection: Connection) => Promise<void>): Promise<void> {
  const url = await server.makeDatabase()
  const connection = await Connection.open(url, 'migrate')
  try {
    await body(url, connection)
  } finally {
    await connection.close()
  }
}

test('the migrations of both databases have the same names and numbers', () => {
  const names = (kind: string): string[] => readdirSync(new URL(`../${kind}/migrations`, import.meta.url)).toSorted()
  assert.deepEqual(names('postgres'), names('sqlite'))
  assert.equal(loadMigrations().length, names('postgres').length)
})

test('[O12] many processes that start at once migrate a database once', () =>
  onDatabase(async (url, connection) => {
    const many = await Promise.all(Array.from({ length: 4 }, () => Connection.open(url, 'migrate')))
    await Promise.all(many.map((one) => migrate(one, loadMigrations(), 1)))
    await Promise.all(many.map((one) => one.close()))
    const { rows } = await connection.query('SELECT number FROM migrations ORDER BY number', [])
    assert.deepEqual(
      rows,
      loadMigrations().map(({ number }) => ({ number })),
    )
    assert.equal((await connection.query("SELECT 1 FROM meta WHERE key = 'epoch'", [])).rowCount, 1)
  }))

test('[O12] a migration that fails changes nothing, and one that waits for a lock tries again', () =>
  onDatabase(async (url, connection) => {
    const released = loadMigrations()
    const wrong: Migration = { number: released.length + 1, floor: 1, name: 'wrong', sql: 'CREATE TABLE half (n bigint); SELECT no_such_column' }
    await assert.rejects(migrate(connection, [...released, wrong], 1), /Migration \d+ \(wrong\) failed; the database is as it was before it/)
    assert.equal(await checkMigrations(connection, released), 0)
    assert.deepEqual((await connection.query("SELECT to_regclass('half') AS half", [])).rows, [{ half: null }])

    const holder = await Connection.open(url, 'migrate')
    await holder.run('BEGIN; LOCK TABLE meta IN ACCESS SHARE MODE')
    const more: Migration = { ...wrong, name: 'more', sql: 'ALTER TABLE meta ADD COLUMN more bigint' }
    const done = migrate(connection, [...released, more], 1)
    const waiting = async (): Promise<number | null> =>
      (await holder.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'meta'::regclass", [])).rowCount
    while ((await waiting()) !== 1);
    const other = await Connection.open(url, 'read')
    const since = performance.now()
    await other.run('SELECT 1 FROM meta')
    assert.ok(performance.now() - since < 3 * POSTGRES_BOUNDS.migrationLockMsMax, 'who reads queues behind one try and no more')
    await other.close()
    await holder.run('COMMIT')
    await done
    assert.equal(await checkMigrations(connection, [...released, more]), 0)
    await holder.close()
  }))

test('[O12] a database that is foreign, newer, or made with another migration is refused and left alone', () =>
  onDatabase(async (_, connection) => {
    await connection.run('CREATE TABLE stranger (n bigint)')
    await assert.rejects(migrate(connection, loadMigrations(), 1), /not made by Bongsu.*nothing was changed/)
    await connection.run('DROP TABLE stranger')
    await migrate(connection, loadMigrations(), 1)
    const known = loadMigrations().length
    await connection.run(`INSERT INTO migrations VALUES (${known + 1}, 'later', 'x', 1, ${known + 1})`)
    await assert.rejects(migrate(connection, loadMigrations(), 1), /newer than this program/)
    await connection.run(`UPDATE migrations SET floor = ${known} WHERE number = ${known + 1}`)
    assert.equal(await checkMigrations(connection, loadMigrations()), 0, 'an older program runs on a schema that was only added to')
    await connection.run("UPDATE migrations SET sha256 = 'x' WHERE number = 3")
    await assert.rejects(migrate(connection, loadMigrations(), 1), /Migration 3 \(figures\) differs/)
  }))
