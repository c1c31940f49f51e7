import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test, type TestContext } from 'node:test'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { startPostgres, type PostgresServer } from '../../../../tests/contract/postgres-server.ts'
import { makeSoundHistory, markEntry } from '../../../../tests/contract/sound-history.ts'
import { temporaryDirectory } from '../../../../tests/contract/sqlite-subject.ts'
import { accept, makeDirect, makePeople, request, text } from '../../../../tests/contract/stores.ts'
import { waitFor } from '../../../../tests/e2e/wait-for.ts'
import { Unavailable, type Appended } from '../conversation/log-store.ts'
import { Connection } from '../adapters/postgres/connection.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { loadMigrations } from '../adapters/postgres/migrations.ts'
import { refuseMarked } from '../adapters/postgres/move-marks.ts'
import { WIPE } from '../adapters/postgres/wipe.ts'
import { openPostgresStore } from '../adapters/postgres/open-store.ts'
import { PostgresSource, PostgresTarget } from '../adapters/postgres/move-side.ts'
import { SqliteSource, SqliteTarget } from '../adapters/sqlite/move-side.ts'
import { restoreDatabase } from '../adapters/sqlite/restore.ts'
import { openSqliteStore, type SqliteStore } from '../adapters/sqlite/open-store.ts'
import { verifyDatabase } from '../adapters/sqlite/verify.ts'
import { moveStore } from '../storage.ts'
import { KEY_NAMES, keyFileIn } from '../store/file-keys.ts'
import { MOVING_BOUNDS, type MovingBounds } from './bounds.ts'
import { copyRound } from './copy-round.ts'
import type { MoveSide, MoveSource, MoveTarget, Row } from './move-side.ts'
import { move, type Moved } from './move.ts'
import { MARKS, OF_PROCESSES, TABLES } from './tables.ts'

let server: PostgresServer
before(async () => {
  server = await startPostgres()
})
after(() => server.remove())

const scripts = new URL('../../../../tests/contract/', import.meta.url)
function folder(t: TestContext): string {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  return directory
}

async function soundFolder(t: TestContext): Promise<{ directory: string; room: ConversationId; people: readonly AccountId[] }> {
  const directory = folder(t)
  const store = await openSqliteStore({ directory })
  const made = await makeSoundHistory(store)
  await store.close()
  return { directory, ...made }
}

/** Moves with both sides closed at the end, whatever happens. */
async function moveAll(source: MoveSource, target: MoveTarget, bounds: MovingBounds = MOVING_BOUNDS): Promise<Moved> {
  try {
    return await move({ source, target, bounds, verify: {}, progress: () => undefined })
  } finally {
    await Promise.all([source.close(), target.close()])
  }
}

async function toPostgres(directory: string, url: string, bounds?: MovingBounds): Promise<Moved> {
  return moveAll(new SqliteSource(directory, bounds), await PostgresTarget.open(url, 'refuse', bounds), bounds)
}

/** All rows of all tables, without what tells of the database alone. */
async function everything(side: MoveSide): Promise<Record<string, readonly Row[]>> {
  await side.look()
  const tables: Record<string, Row[]> = {}
  for (const table of TABLES) {
    const rows: Row[] = []
    for await (const page of side.rows(table)) rows.push(...page.map((row) => ({ ...row })))
    tables[table.name] = rows.filter(({ key }) => table.name !== 'meta' || !Object.hasOwn(MARKS, String(key)))
  }
  await side.close()
  return tables
}

/** Whether a server would start on a database. */
async function isServed(url: string): Promise<boolean> {
  const connection = await Connection.open(url, 'migrate')
  try {
    const { rows } = await connection.query<{ there: boolean }>("SELECT to_regclass('starts') IS NOT NULL AS there", [])
    if (rows[0]?.there !== true || (await connection.query('SELECT 1 FROM accounts', [])).rowCount === 0) return false
    return await refuseMarked(connection).then(
      () => true,
      () => false,
    )
  } finally {
    await connection.close()
  }
}

const isMoved = ({ table, name }: Record<string, unknown>): boolean => !OF_PROCESSES.includes(String(table ?? name))

test('the tables of a move are those of both schemas, column by column', async (t) => {
  const { directory } = await soundFolder(t)
  const url = await server.makeDatabase()
  await toPostgres(directory, url)
  const db = new DatabaseSync(join(directory, 'bongsu.db'))
  const ours = new Map(TABLES.map(({ name, columns }) => [name, columns.toSorted()]))
  const inFile = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'expansions')").all().filter(isMoved)
  const columnsOf = db.prepare('SELECT name FROM pragma_table_info(?)')
  const names = (rows: readonly unknown[]): string[] => (rows as { name: string }[]).map(({ name }) => name).toSorted()
  assert.deepEqual(new Map(names(inFile).map((name) => [name, names(columnsOf.all(name))])), ours)
  db.close()
  const there = await server.run(
    url,
    `SELECT table_name AS table, column_name AS name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name NOT IN ('migrations', 'secrets')`,
  )
  const found = Map.groupBy(there.filter(isMoved), ({ table }) => String(table))
  assert.deepEqual(new Map([...found].map(([name, columns]) => [name, names(columns)] as const)), ours)
})

test('[A12] a history moves to PostgreSQL and back whole, with its epoch, its keys and every hash, and is closed where it was', async (t) => {
  const { directory } = await soundFolder(t)
  const whole = await everything(new SqliteSource(directory))
  const url = await server.makeDatabase()
  const moved = await toPostgres(directory, url)
  assert.deepEqual([moved.conversations, moved.entries], [3, 28])
  assert.deepEqual(await everything(await PostgresSource.open(url)), whole)
  const keys = await server.run(url, 'SELECT value FROM secrets ORDER BY name DESC')
  const inFiles = (one: string): readonly Buffer[] => KEY_NAMES.map((name) => Buffer.from(readFileSync(keyFileIn(one, name), 'utf8'), 'base64url'))
  assert.deepEqual(
    keys.map(({ value }) => value),
    inFiles(directory),
  )
  assert.deepEqual(
    await server.run(
      url,
      "SELECT nextval(pg_get_serial_sequence('accounts', 'account_key')) AS a, nextval(pg_get_serial_sequence('conversations', 'conversation_key')) AS c",
    ),
    [{ a: 6, c: 4 }],
  )
  assert.ok(await isServed(url))

  await assert.rejects(openSqliteStore({ directory }), /has moved to another database. Set BONGSU_DATABASE/)
  const old = new DatabaseSync(join(directory, 'bongsu.db'))
  for (const { name } of TABLES.filter((table) => table.name !== 'outage_reports' && table.name !== 'invites'))
    if (old.prepare(`SELECT 1 FROM ${name}`).get() !== undefined)
      assert.throws(() => old.exec(`DELETE FROM ${name}`), /has moved to another database/, 'a program that knows no moves cannot write either')
  assert.throws(() => old.exec("INSERT INTO meta VALUES ('x', 'x')"), /has moved to another database/)
  old.close()
  await assert.rejects(toPostgres(directory, await server.makeDatabase()), /has moved to another database than postgres/)
  await assert.rejects(toPostgres(directory, url), /already holds a history/)

  const back = folder(t)
  await moveAll(await PostgresSource.open(url), new SqliteTarget(back))
  assert.deepEqual(await everything(new SqliteSource(back)), whole)
  assert.deepEqual(inFiles(back), inFiles(directory))
  const [here, there] = [directory, back].map((one) => verify(one))
  assert.deepEqual(there, here)
  assert.ok(!(await isServed(url)))
  for (const { name } of TABLES) await assert.rejects(server.run(url, `DELETE FROM ${name}`), /has moved to another database/)
  const store = await openSqliteStore({ directory: back })
  await makeSoundHistory(store)
  await store.close()
})

function verify(directory: string): unknown {
  const lines: string[] = []
  const hashes: string[] = []
  const verified = verifyDatabase(join(directory, 'bongsu.db'), {
    violation: (where, what) => lines.push(`${where}: ${what}`),
    hash: (...said) => hashes.push(said.join(' ')),
  })
  assert.deepEqual(lines, [])
  return { ...verified, hashes }
}

test('[A12] nothing that a running server accepts is lost by a move, and it ends when its history has left', async (t) => {
  const directory = folder(t)
  const child = spawn(process.execPath, [new URL('append-until-killed.ts', scripts).pathname, directory], { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines: string[] = []
  const output = createInterface({ input: child.stdout })
  const ready = once(output, 'line')
  output.on('line', (line) => lines.push(line))
  const ended = once(child, 'close')
  await ready
  const url = await server.makeDatabase()
  await toPostgres(directory, url, { ...MOVING_BOUNDS, calmRoundMs: 0, roundsMax: 2 })
  assert.deepEqual(await ended, [1, null], 'the server ended by itself')
  const there = await server.run(url, 'SELECT c.conversation_id AS room, e.seq, e.id FROM entries e JOIN conversations c USING (conversation_key)')
  const ids = new Map(there.map(({ room, seq, id }) => [`${String(room)} ${String(seq)}`, id]))
  const accepted = lines.filter((line) => line.length > 70)
  assert.ok(accepted.length > 100)
  for (const line of accepted) assert.equal(ids.get(line.split(' ').slice(0, 2).join(' ')), line.split(' ')[2], line)
  const head = await server.run(
    url,
    "SELECT max(c.head) = count(*) AS whole FROM entries e JOIN conversations c USING (conversation_key) WHERE c.kind = 'group'",
  )
  assert.deepEqual(head, [{ whole: true }])
})

test('[A12] nothing that running servers accept on PostgreSQL is lost by the way back', async (t) => {
  const url = await server.makeDatabase()
  const directory = folder(t)
  const dead = Promise.withResolvers<Error>()
  const store = await openPostgresStore({ directory, database: url, onFatal: dead.resolve })
  const { room, people } = await makeSoundHistory(store)
  const accepted = new Map<string, number>()
  const talking = people.slice(3).map(async (author) => {
    for (;;) {
      const asked = text(room, author, '말하는 도중에')
      const [result] = await store.log.append([asked], 3_000).catch((error: unknown) => [error])
      if (result instanceof Error) return
      assert.ok((result as Appended).ok)
      accepted.set(asked.id, (result as Appended).seq)
    }
  })
  await waitFor('some messages', () => accepted.size > 20)
  const back = folder(t)
  const moving = moveAll(await PostgresSource.open(url), new SqliteTarget(back), { ...MOVING_BOUNDS, calmRoundMs: 0, roundsMax: 2 })
  // A server ends at a fault that is its own: the move waits for that.
  assert.match((await dead.promise).message, /has moved to another database/)
  await Promise.all(talking)
  await store.close()
  await moving
  await assert.rejects(openPostgresStore({ directory, database: url }), /has moved to another database/)
  const here = await openSqliteStore({ directory: back })
  const ids = new Map<string, number>()
  for (let page = await here.log.read(room, 0, 1_000); page.length > 0; page = await here.log.read(room, page.at(-1)!.seq, 1_000))
    for (const { id, seq } of page) ids.set(id, seq)
  for (const [id, seq] of accepted) assert.equal(ids.get(id), seq)
  await here.close()
})

/** Runs a move in a process of its own, which is killed before a call, such as the fourth `put`. */
function moveUntilKilled(directory: string, url: string, step: string): void {
  const { signal, status, stderr } = spawnSync(process.execPath, [new URL('move-until-killed.ts', scripts).pathname, directory, url, step], {
    encoding: 'utf8',
  })
  assert.deepEqual([signal, status], step === 'never' ? [null, 0] : ['SIGKILL', null], `${step}: ${stderr}`)
}

test('[A12] a move that is killed at any step goes on, and the history is never served from two places', async (t) => {
  const { directory } = await soundFolder(t)
  const whole = await everything(new SqliteSource(directory))
  const url = await server.makeDatabase()
  for (const step of ['begin 1', 'put 1', 'put 3', 'put 9', 'settle 1', 'hold 1', 'seal 1']) {
    moveUntilKilled(directory, url, step)
    assert.ok(!(await isServed(url)), `${step}: not served before it is whole`)
    await (await openSqliteStore({ directory })).close()
  }
  for (const step of ['ended 1', 'putKeys 1', 'finish 1']) {
    moveUntilKilled(directory, url, step)
    assert.ok(!(await isServed(url)), `${step}: not served before the move is finished`)
    await assert.rejects(openSqliteStore({ directory }), /has moved/)
  }
  moveUntilKilled(directory, url, 'never')
  assert.ok(await isServed(url))
  assert.deepEqual(await everything(await PostgresSource.open(url)), whole)
})

test('[A12] what happens between two copies is copied by the second, whatever the size of a page', async (t) => {
  const directory = folder(t)
  const store = await openSqliteStore({ directory })
  const { room, people } = await makeSoundHistory(store)
  const [a, b, c, d, e] = people as [AccountId, AccountId, AccountId, AccountId, AccountId]
  // 26 entries: a page holds them all and one more, exactly all, all but one, one.
  const sizes = [27, 26, 25, 1]
  const urls = await Promise.all(sizes.map(() => server.makeDatabase()))
  const copy = async (): Promise<void> => {
    for (const [index, rowsPerPage] of sizes.entries()) {
      const bounds = { ...MOVING_BOUNDS, rowsPerPage, ownersAtOnce: index + 1 }
      const [source, target] = [new SqliteSource(directory, bounds), await PostgresTarget.open(urls[index]!, 'refuse', bounds)]
      await target.begin({ id: 'one', epoch: await source.epoch() })
      await copyRound({ source, target, bounds, step: () => undefined })
      const [here, there] = [await everything(source), await everything(target)]
      assert.deepEqual(there, here, `${rowsPerPage} rows in a page`)
    }
  }
  await copy()
  const [edited, erased, liked] = await store.log.read(room, 14, 3)
  const [likedBefore] = await store.log.read(room, 12, 1)
  const acts = [
    markEntry(room, e, edited!, { kind: 'edit', value: { text: '다르게' } }),
    markEntry(room, b, erased!, { kind: 'reaction', value: { emoji: '👍' } }),
    markEntry(room, e, erased!, { kind: 'erased', value: {} }),
    markEntry(room, a, liked!, { kind: 'reaction', value: { emoji: '😮' } }),
    // The same again changes nothing, and its id is kept all the same.
    markEntry(room, a, liked!, { kind: 'reaction', value: { emoji: '😮' } }),
    markEntry(room, b, likedBefore!, { kind: 'reaction', value: null }),
    markEntry(room, e, likedBefore!, { kind: 'erased', value: {} }),
  ]
  for (const done of await store.log.set(acts, 2_600)) assert.ok(done.ok)
  await accept(store, request(room, c, { kind: 'left' }))
  await accept(store, request(room, a, { kind: 'renamed', title: '또 다른 이름' }))
  await accept(store, text(room, e, '끝 😀\u2028"\\'))
  await store.receipts.raise([{ conversationId: room, accountId: d, seq: 20 }])
  await makeDirect(store, d, e)
  const [newcomer] = await makePeople(store, 1, 'later')
  await makeDirect(store, newcomer!, a)
  assert.ok((await store.sql.atomic([{ sql: 'DELETE FROM friends', parameters: [] }])).ok)
  await copy()
  // The oldest start is forgotten with what it noted, also of conversations that nobody writes to.
  await store.close()
  const db = new DatabaseSync(join(directory, 'bongsu.db'))
  const forgotten = db.prepare('DELETE FROM start_heads WHERE start <= ?').run(1).changes
  db.exec('DELETE FROM starts WHERE start <= 1')
  db.close()
  assert.ok(Number(forgotten) > 1)
  await copy()
})

test('[A12] a move that cannot finish in time leaves the server as it was', async (t) => {
  const { directory } = await soundFolder(t)
  const url = await server.makeDatabase()
  await assert.rejects(toPostgres(directory, url, { ...MOVING_BOUNDS, readOnlyMsMax: 0 }), /could not be copied in 0 s. The server goes on as before/)
  const store = await openSqliteStore({ directory })
  await makeSoundHistory(store)
  await store.close()
  assert.ok(!(await isServed(url)))
  await toPostgres(directory, url)
  assert.ok(await isServed(url))
})

test('[A12] a target that hangs while the writes are held keeps nobody from writing for longer than the bound, and nothing is lost', async (t) => {
  const readOnlyMsMax = 1_500
  const bounds = { ...MOVING_BOUNDS, readOnlyMsMax, calmRoundMs: Infinity }
  for (const hangs of ['lastSeqs', 'put', 'sums', 'count'] as const) {
    const { directory, room, people } = await soundFolder(t)
    const url = await server.makeDatabase()
    const [source, target] = [new SqliteSource(directory), await PostgresTarget.open(url, 'refuse')]
    let store: SqliteStore | null = await openSqliteStore({ directory })
    const late = text(room, people[4]!, '막판에 한 말')
    const during = text(room, people[4]!, '붙든 동안 한 말')
    const released = Promise.withResolvers<void>()
    let [isHeld, waitedMs, wasHung] = [false, 0, false]
    const hold = source.hold.bind(source)
    source.hold = async () => {
      if (isHeld) return hold()
      // Something is left to copy while the writes are held.
      await accept(store!, late)
      await hold()
      isHeld = true
      const since = performance.now()
      void accept(store!, during).then(async () => {
        waitedMs = performance.now() - since
        await store!.close()
        store = null
        released.resolve()
      })
    }
    const real = target[hangs].bind(target) as (...args: readonly unknown[]) => Promise<unknown>
    const hang = async (...args: readonly unknown[]): Promise<unknown> => {
      if (isHeld && !wasHung) {
        wasHung = true
        await released.promise
      }
      return real(...args)
    }
    Object.assign(target, { [hangs]: hang })
    const moved = await moveAll(source, target, bounds)
    assert.ok(wasHung, hangs)
    assert.ok(waitedMs >= readOnlyMsMax / 2 && waitedMs < readOnlyMsMax + 2_000, `${hangs}: a text waited ${waitedMs} ms`)
    assert.ok(moved.readOnlyMs < readOnlyMsMax)
    const there = await openPostgresStore({ directory: folder(t), database: url })
    const ids = (await there.log.read(room, 0, 1_000)).map(({ id }) => id)
    assert.deepEqual(ids.slice(-2), [late.id, during.id])
    await there.close()
  }
})

test('[A12, O12] a vacuum that would take hours is in the way of neither a move nor a migration', async (t) => {
  const url = await server.makeDatabase()
  const store = await openPostgresStore({ directory: folder(t), database: url })
  await makeSoundHistory(store)
  await store.close()
  await server.run(
    url,
    `INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body)
     SELECT (SELECT max(conversation_key) FROM conversations), n, (SELECT max(account_key) FROM accounts), gen_random_uuid(), 1, 'text', repeat('x', 500)
     FROM generate_series(10000, 14000) n`,
  )
  const wipes = async (): Promise<{ connection: Connection; ended: Promise<unknown> }> => {
    const connection = await Connection.open(url, 'migrate')
    await connection.run('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1')
    const ended = connection.run(WIPE).catch((error: unknown) => error)
    await waitFor('a vacuum', async () => (await server.run(url, 'SELECT 1 FROM pg_stat_progress_vacuum')).length === 1)
    return { connection, ended }
  }
  const first = await wipes()
  const source = await PostgresSource.open(url)
  await source.hold()
  await source.letGo()
  await source.close()
  assert.match(String(await first.ended), /canceling statement/)

  const second = await wipes()
  const migrating = await Connection.open(url, 'migrate')
  await migrating.run('SET lock_timeout = 100')
  const all = loadMigrations()
  await migrate(migrating, [...all, { number: all.length + 1, name: 'next', sql: 'ALTER TABLE entries ADD COLUMN next int', floor: 1 }], 1)
  assert.match(String(await second.ended), /canceling statement/)
  await Promise.all([first.connection, second.connection, migrating].map((each) => each.close()))
})

test('[A12] while the writes are held, sends wait or are refused for now, reading goes on, and afterwards everything is as before', async (t) => {
  const url = await server.makeDatabase()
  const [one, other] = [folder(t), folder(t)]
  const stores = [await openSqliteStore({ directory: one }), await openPostgresStore({ directory: other, database: url })]
  await Promise.all(
    stores.map(async (store, index) => {
      const { room, people } = await makeSoundHistory(store)
      const source = index === 0 ? new SqliteSource(one) : await PostgresSource.open(url)
      await source.hold()
      const asked = text(room, people[4]!, '기다린 말')
      const first = accept(store, asked).catch((error: unknown) => error)
      // With PostgreSQL the send waits [O13].
      if (index === 0) assert.ok((await first) instanceof Unavailable)
      assert.equal((await store.log.read(room, 0, 1_000)).length, 26)
      await source.letGo()
      assert.equal((await accept(store, asked)).seq, 27)
      await first
      await source.close()
      await store.close()
    }),
  )
})

test('[A12] a target that holds anything else, or another unfinished move, is refused and left alone', async (t) => {
  const [one, other] = [await soundFolder(t), await soundFolder(t)]
  const url = await server.makeDatabase()
  await server.run(url, 'CREATE TABLE stranger (n bigint)')
  await assert.rejects(toPostgres(one.directory, url), /not made by Bongsu/)
  await server.run(url, 'DROP TABLE stranger')
  await assert.rejects(toPostgres(one.directory, url, { ...MOVING_BOUNDS, readOnlyMsMax: 0 }), /goes on as before/)
  await assert.rejects(toPostgres(other.directory, url), /unfinished move of another history/)
  await assert.rejects(PostgresSource.open(url), /is not finished/)
  await toPostgres(one.directory, url)
  await assert.rejects(toPostgres(other.directory, url), /already holds a history/)
  const back = async (directory: string): Promise<Moved> => moveAll(await PostgresSource.open(url), new SqliteTarget(directory))
  await assert.rejects(back(other.directory), /already holds a database/)
  await (await openSqliteStore({ directory: other.directory })).close()

  // The source went back to an older copy of itself after the move began.
  const { directory, room, people } = await soundFolder(t)
  const older = folder(t)
  cpSync(directory, older, { recursive: true })
  const store = await openSqliteStore({ directory })
  await accept(store, text(room, people[4]!, '나중'))
  await store.close()
  const third = await server.makeDatabase()
  await assert.rejects(toPostgres(directory, third, { ...MOVING_BOUNDS, readOnlyMsMax: 0 }), /goes on as before/)
  await assert.rejects(toPostgres(older, third), /does not have: the history went back meanwhile/)
})

test('[A12] a history with violations, and a target that could lose what it confirms, are refused and left as they were', async (t) => {
  const url = await server.makeDatabase()
  await server.run(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`)
  const { directory } = await soundFolder(t)
  await assert.rejects(toPostgres(directory, url), /synchronous_commit is off/)
  const db = new DatabaseSync(join(directory, 'bongsu.db'))
  db.exec('DELETE FROM entries WHERE seq = 7')
  db.close()
  const found: string[] = []
  const places = { directory, database: await server.makeDatabase(), unsafe: 'refuse' } as const
  await assert.rejects(moveStore('postgres', places, { violation: (_, what) => found.push(what) }), /has 1 violations.*Nothing was closed/)
  assert.match(found.join(), /1 entries are missing/)
  assert.ok(!(await isServed(places.database)))
  await (await openSqliteStore({ directory })).close()
})

test('[A12, A6] the closed folder can be restored as a backup of its moment, and an unfinished copy cannot', async (t) => {
  const { directory, room, people } = await soundFolder(t)
  const url = await server.makeDatabase()
  await toPostgres(directory, url)
  const [restored, unfinished] = [folder(t), folder(t)]
  const watcher = { violation: (where: string, what: string) => assert.fail(`${where}: ${what}`) }
  const options = { replace: false, withoutLog: false }
  assert.equal(restoreDatabase(join(directory, 'bongsu.db'), restored, options, 5_000, watcher).entries, 28)
  const store = await openSqliteStore({ directory: restored })
  assert.equal((await accept(store, text(room, people[4]!, '다시'))).seq, 27)
  await store.close()

  const target = new SqliteTarget(unfinished)
  await assert.rejects(moveAll(await PostgresSource.open(url), target, { ...MOVING_BOUNDS, readOnlyMsMax: 0 }), /goes on as before/)
  await assert.rejects(openSqliteStore({ directory: unfinished }), /A move to this database is not finished/)
  assert.throws(() => restoreDatabase(join(unfinished, 'bongsu.db'), folder(t), options, 5_000, watcher), /A move to this database is not finished/)
})
