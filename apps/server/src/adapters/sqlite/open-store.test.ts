import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeDirect, text } from '../../../../../tests/contract/stores.ts'
import { Unavailable } from '../../conversation/log-store.ts'
import { createBuilder } from '../../accounts/builder.ts'
import { revokedDevices } from '../../accounts/devices.ts'
import type { SqlDatabase, Statement } from '../../accounts/sql-database.ts'
import { systemClock } from '../system/clock.ts'
import { loadMigrations } from './migrations.ts'
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './open-store.ts'

/** Runs `body` with the name of an empty directory. */
async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const { directory, remove } = temporaryDirectory()
  try {
    await body(directory)
  } finally {
    remove()
  }
}

async function withStore(options: SqliteStoreOptions, body: (store: SqliteStore) => Promise<void>): Promise<void> {
  const store = await openSqliteStore(options)
  try {
    await body(store)
  } finally {
    await store.close()
  }
}

function edit(directory: string, sql: string): void {
  const db = new DatabaseSync(join(directory, 'bongsu.db'))
  db.exec(sql)
  db.close()
}

test('[O4] a second opener is refused with advice, and the first continues', () =>
  inDirectory(async (directory) => {
    await withStore({ directory }, async (store) => {
      await assert.rejects(openSqliteStore({ directory }), /Another Bongsu server uses this data directory.*Stop it first/)
      await makeAccounts(store, 1)
      await assert.rejects(openSqliteStore({ directory }), /Another Bongsu server/)
    })
    await withStore({ directory }, async () => {})
  }))

test('[O1] finding revoked devices does not depend on the number of devices', () =>
  inDirectory((directory) =>
    withStore({ directory }, async (store) => {
      const asked: Statement[] = []
      const sql: SqlDatabase = {
        dialect: store.sql.dialect,
        atomic: (steps) => store.sql.atomic(steps),
        read: (query) => (asked.push(query), store.sql.read(query)),
      }
      await revokedDevices({ sql, db: createBuilder(sql.dialect), clock: systemClock })
      const [query] = asked
      assert.ok(query)
      const plan = await store.sql.read<{ detail: string }>({ ...query, sql: `EXPLAIN QUERY PLAN ${query.sql}` })
      assert.deepEqual(
        plan.map(({ detail }) => detail),
        ['SEARCH devices USING COVERING INDEX devices_revoked (revoked_at>?)'],
      )
    }),
  ))

test('[W4] nobody but the owner can read the data', () =>
  inDirectory(async (parent) => {
    const directory = join(parent, 'made', 'data')
    await withStore({ directory }, async (store) => {
      await makeAccounts(store, 1)
      assert.equal(statSync(directory).mode & 0o777, 0o700)
      const files = readdirSync(directory).toSorted()
      assert.deepEqual(files, ['bongsu.db', 'bongsu.db-shm', 'bongsu.db-wal', 'bongsu.lock'])
      for (const file of files) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
    })
    mkdirSync(join(parent, 'open'), { mode: 0o755 })
    await withStore({ directory: join(parent, 'open') }, async () => assert.equal(statSync(join(parent, 'open')).mode & 0o777, 0o700))
  }))

test('[M5] every commit is synced: the journal is a write-ahead log and synchronous is FULL', () =>
  inDirectory(async (directory) => {
    await withStore({ directory }, async (store) => {
      const pragma = async (name: string) => store.sql.atomic([{ sql: `PRAGMA ${name}`, parameters: [] }])
      assert.deepEqual(await pragma('journal_mode'), { ok: true, rows: [[{ journal_mode: 'wal' }]] })
      assert.deepEqual(await pragma('synchronous'), { ok: true, rows: [[{ synchronous: 2 }]] })
      assert.deepEqual(await pragma('foreign_keys'), { ok: true, rows: [[{ foreign_keys: 1 }]] })
    })
  }))

test('[D7] the epoch names a history: it is permanent and different for each history', () =>
  inDirectory(async (directory) => {
    const epochs: string[] = []
    for (const at of [directory, directory, join(directory, 'other')]) {
      await withStore({ directory: at }, async (store) => void epochs.push(store.epoch))
    }
    assert.match(epochs[0]!, /^[0-9a-f-]{36}$/)
    assert.equal(epochs[1], epochs[0])
    assert.notEqual(epochs[2], epochs[0])
  }))

test('[W3] a database newer than the program is refused unchanged, with advice', () =>
  inDirectory(async (directory) => {
    await withStore({ directory }, async () => {})
    edit(directory, "INSERT INTO migrations VALUES (1000, 'from-the-future', 'f', 1)")
    const bytes = () =>
      createHash('sha256')
        .update(readFileSync(join(directory, 'bongsu.db')))
        .digest('hex')
    const before = bytes()
    await assert.rejects(openSqliteStore({ directory }), /newer than this program.*from-the-future.*Start the newer program again/)
    assert.equal(bytes(), before)
    edit(directory, 'DELETE FROM migrations WHERE number = 1000')
    await withStore({ directory }, async () => {})
  }))

test('[W3] a migration changed after it was applied is refused, and so is a foreign database', () =>
  inDirectory(async (directory) => {
    const [first, ...rest] = loadMigrations()
    await withStore({ directory }, async () => {})
    const changed = [{ ...first!, sql: `${first!.sql}\n-- one word more` }, ...rest]
    await assert.rejects(
      openSqliteStore({ directory, migrations: changed }),
      /Migration 1 \(first\) differs from the one this database was made with/,
    )
    await withStore({ directory }, async () => {})
    const other = join(directory, 'other')
    mkdirSync(other)
    edit(other, 'CREATE TABLE theirs (x)')
    await assert.rejects(openSqliteStore({ directory: other }), /was not made by Bongsu/)
    const broken = join(directory, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'bongsu.db'), 'this is a text, long enough that nobody takes it for the head of a database'.repeat(20))
    await assert.rejects(openSqliteStore({ directory: broken }), /not a database/)
  }))

test('[W3] migrations run over existing data, each completely or not at all', () =>
  inDirectory(async (directory) => {
    const first = loadMigrations()
    const next = first.length + 1
    const second = [...first, { number: next, floor: next, name: 'second', sql: 'ALTER TABLE accounts ADD COLUMN note TEXT' }]
    const third = [...second, { number: next + 1, floor: next + 1, name: 'third', sql: 'CREATE TABLE halfway (x); CREATE TABLE accounts (y)' }]
    await withStore({ directory }, async (store) => void (await makeAccounts(store, 1)))
    await assert.rejects(openSqliteStore({ directory, migrations: third }), /Migration \d+ \(third\) failed/)
    await withStore({ directory, migrations: second }, async (store) => {
      const tables = await store.sql.read({ sql: "SELECT name FROM sqlite_schema WHERE name = 'halfway'", parameters: [] })
      assert.deepEqual(tables, [])
      assert.deepEqual(await store.sql.read({ sql: 'SELECT note FROM accounts', parameters: [] }), [{ note: null }])
    })
    await assert.rejects(openSqliteStore({ directory }), /newer than this program/)
    await assert.rejects(openSqliteStore({ directory, migrations: [{ ...first[0]!, number: 2 }] }), /numbered from 1/)
  }))

test('[W3] a program runs on a database that was only expanded since, and refuses one that lost needed parts', () =>
  inDirectory(async (directory) => {
    const known = loadMigrations()
    const next = known.length + 1
    const expanded = [...known, { number: next, floor: known.length, name: 'more', sql: 'ALTER TABLE accounts ADD COLUMN note TEXT' }]
    const further = [...expanded, { number: next + 1, floor: next, name: 'less', sql: 'CREATE TABLE needs_more (x)' }]
    await withStore({ directory, migrations: expanded }, async (store) => void (await makeAccounts(store, 1)))
    await withStore({ directory }, async (store) => void (await makeAccounts(store, 1, 'older')))
    await withStore({ directory, migrations: further }, async (store) => {
      assert.deepEqual(await store.sql.read({ sql: 'SELECT count(*) AS n FROM accounts', parameters: [] }), [{ n: 2 }])
    })
    await assert.rejects(openSqliteStore({ directory }), /newer than this program.*less/)
    await withStore({ directory, migrations: expanded }, async () => {})
    await assert.rejects(openSqliteStore({ directory, migrations: [{ ...known[0]!, floor: 2 }] }), /a rollback floor/)
  }))

test('[M1] closing finishes waiting requests; later requests are told that the store is closed', () =>
  inDirectory(async (directory) => {
    const store = await openSqliteStore({ directory })
    const [a, b] = await makeAccounts(store, 2)
    const room = await makeDirect(store, a!, b!)
    const calls = Array.from({ length: 1_200 }, (_, index) => accept(store, text(room, a!, `${index}`)))
    const closing = store.close()
    await assert.rejects(accept(store, text(room, a!, '늦었다')), Unavailable)
    assert.deepEqual(
      (await Promise.all(calls)).map((result) => result.seq),
      calls.map((_, index) => index + 2),
    )
    await closing
    await store.close()
    await assert.rejects(store.log.heads([room]), Unavailable)
    await withStore({ directory }, async (again) => assert.deepEqual(await again.log.heads([room]), new Map([[room, { head: 1_201, change: 0 }]])))
  }))
