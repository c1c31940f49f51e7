import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AccountId } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import { startCommitProxy, type Fate } from '../../../../../tests/contract/commit-proxy.ts'
import { startPostgres, type PostgresServer } from '../../../../../tests/contract/postgres-server.ts'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeDirect, makeGroup, newConversation, newId, text } from '../../../../../tests/contract/stores.ts'
import { waitFor } from '../../../../../tests/e2e/wait-for.ts'
import { createBuilder, step } from '../../accounts/builder.ts'
import { inviteFirstAdmin } from '../../accounts/invites.ts'
import { checkJournal, createJournal, readJournal } from '../../accounts/journal.ts'
import type { AccountsParts } from '../../accounts/parts.ts'
import { changeProfile } from '../../accounts/people.ts'
import { Unavailable, type SetRequest } from '../../conversation/log-store.ts'
import { createTides } from '../../delivery/tides.ts'
import type { Limits } from '../../ops/limits.ts'
import { systemClock } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'
import { fileKeys } from '../../store/file-keys.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { faultsOf } from './check-server.ts'
import { Connection } from './connection.ts'
import { loadMigrations } from './migrations.ts'
import { seal } from './move-marks.ts'
import { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from './open-store.ts'

let server: PostgresServer
before(async () => {
  server = await startPostgres()
})
after(() => server.remove())

const KEY = new Uint8Array(32).fill(7)
const readsMax = 1_000

/** Runs `body` with stores on one database, as of as many processes. */
async function withStores(
  count: number,
  body: (stores: readonly PostgresStore[], database: string) => Promise<void>,
  address?: string,
  options: Partial<PostgresStoreOptions> = {},
): Promise<void> {
  const database = address ?? (await server.makeDatabase())
  const { directory, remove } = temporaryDirectory()
  const stores = await Promise.all(Array.from({ length: count }, () => openPostgresStore({ directory, database, ...options })))
  try {
    await body(stores, database)
  } finally {
    await Promise.all(stores.map((store) => store.close()))
    remove()
  }
}

test('[D12] on a new database a text and a mark read a few rows, however many the author wrote and the room has', () =>
  withStores(1, async ([store], database) => {
    const people = await makeAccounts(store!, 90)
    const room = await makeGroup(store!, people[0]!, people.slice(1))
    const [author] = people as [AccountId]
    for (let index = 0; index < 600; index++) await accept(store!, text(room, author, `말 ${index}`))
    const subject = newId()
    const { seq } = await accept(store!, text(room, author, '좋아요?', subject))
    let count = 0
    const mark = (): SetRequest => {
      const emoji = count++ % 2 === 0 ? '👍' : '❤️'
      return { conversationId: room, author, id: newId(), seq, subject, act: { kind: 'reaction', value: { emoji } } }
    }
    const acts: readonly (() => Promise<unknown>)[] = [
      () => accept(store!, text(room, author, '하나 더')),
      async () =>
        assert.deepEqual(
          (await store!.log.set([mark()], 2_000)).map(({ ok }) => ok),
          [true],
        ),
    ]
    const connection = await Connection.open(database, 'read')
    const read = async (): Promise<number> =>
      Number((await connection.query<{ n: string }>({ name: 'n', text: 'SELECT sum(idx_tup_read) AS n FROM pg_stat_user_indexes' }, [])).rows[0]!.n)
    try {
      for (const each of acts) {
        // PostgreSQL counts in its own time, once a second: with the first transaction after that.
        await pause(1_200)
        await each()
        const first = await read()
        await pause(1_200)
        await each()
        const rows = (await read()) - first
        assert.ok(rows > 0 && rows < 60, `it read ${rows} rows`)
      }
    } finally {
      await connection.close()
    }
  }))

test('[D12, M2, M3] two processes write to one room at once: one order, nothing twice, nothing missing', () =>
  withStores(2, async ([one, other]) => {
    const people = await makeAccounts(one!, 4)
    const room = await makeGroup(one!, people[0]!, people.slice(1))
    const shared = Array.from({ length: 40 }, (_, index) => text(room, people[index % 4]!, `같은 말 ${index}`))
    const work = [one!, other!].map(async (store) => {
      const own = Array.from({ length: 60 }, (_, index) => text(room, people[index % 4]!, `말 ${index}`))
      // The same requests go to both processes, as from devices that tried again elsewhere.
      const results = await Promise.all([...shared, ...own].map(async (request) => accept(store, request)))
      await store.receipts.raise(people.map((accountId) => ({ conversationId: room, accountId, seq: 50 })))
      return results
    })
    const [first, second] = await Promise.all(work)
    assert.deepEqual(
      first!.slice(0, 40).map(({ seq }) => seq),
      second!.slice(0, 40).map(({ seq }) => seq),
    )
    assert.equal([...first!, ...second!].filter(({ repeated }) => repeated).length, 40)
    const entries = await one!.log.read(room, 0, readsMax)
    assert.deepEqual(await other!.log.read(room, 0, readsMax), entries)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 161 }, (_, index) => index + 1),
    )
    assert.equal(new Set(entries.map(({ id }) => id)).size, 161)
  }))

test('[B50] three processes write the journal at once: one chain, nothing missing', () =>
  withStores(3, async (stores) => {
    const journals = stores.map(({ sql }) => createJournal({ sql, db: createBuilder('postgres'), clock: systemClock }))
    const write = (at: number, count: number) =>
      stores[at % 3]!.sql.atomic([journals[at % 3]!.record({ kind: 'warned', actor: 'operator', details: { count } })])
    const done = await Promise.all(Array.from({ length: 60 }, (_, count) => write(count, count)))
    assert.ok(done.every(({ ok }) => ok))
    const faults: string[] = []
    const parts = { sql: stores[0]!.sql, db: createBuilder('postgres') }
    assert.equal((await checkJournal(parts, (seq, what) => faults.push(`${seq} ${what}`))).count, 61)
    assert.deepEqual(faults, [])
    const { rows } = await readJournal(parts, { limit: 60 })
    assert.equal(new Set(rows.map(({ details }) => details)).size, 60)
  }))

test('[D12, M2] what two processes make at once is made once', () =>
  withStores(2, async (stores) => {
    const [a, b] = await makeAccounts(stores[0]!, 2)
    const directs = await Promise.all([...stores, ...stores].map((store) => makeDirect(store, a!, b!)))
    assert.equal(new Set(directs).size, 1)
    const id = newId()
    const groups = await Promise.all(
      stores.map((store) => store.log.createGroup({ conversationId: newConversation(), author: a!, id, title: '하나', accounts: [b!] }, 1)),
    )
    assert.equal(new Set(groups.map((group) => ('conversationId' in group ? group.conversationId : group.code))).size, 1)
  }))

test('[D9, D12] a name changes in one process while somebody joins by another: no change number twice, and nobody keeps the old name', () =>
  withStores(2, async ([one, other], database) => {
    const [a, b, c] = await makeAccounts(one!, 3)
    const room = await makeGroup(one!, a!, [b!])
    const parts = { sql: one!.sql, db: createBuilder('postgres'), rose: () => undefined } as unknown as AccountsParts
    const limits = { spend: () => Promise.resolve({ ok: true }) } as unknown as Limits
    const holder = await Connection.open(database, 'sql')
    await holder.run('BEGIN')
    await holder.query('SELECT 1 FROM accounts WHERE account_id = $1 FOR UPDATE', [b!])
    const ends: string[] = []
    const renamed = changeProfile(parts, limits, a!, '새 이름').finally(() => ends.push('renamed'))
    renamed.catch(() => undefined)
    const waiting = (count: number) =>
      waitFor(`${count} waiting transactions`, async () => {
        const [row] = await server.run(
          database,
          "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        return Number(row?.['n']) === count
      })
    await waiting(1)
    const joined = accept(other!, { ...text(room, a!, ''), body: { kind: 'invited', accounts: [c!] } }).finally(() => ends.push('joined'))
    await Promise.race([joined, waiting(2)])
    await holder.run('COMMIT')
    await Promise.all([renamed, joined])
    await holder.close()
    const told = await server.run(database, "SELECT a.account_id FROM account_items i JOIN accounts a USING (account_key) WHERE i.kind = 'person'")
    assert.deepEqual(
      told.map((row) => String(row['account_id'])).toSorted(),
      (ends[0] === 'joined' ? [b!, c!] : [b!]).toSorted(),
      'who joins before the change is told of it, and who joins after it reads the new name',
    )
  }))

test('[D12] processes that start at once on an empty database give one link for the first administrator', () =>
  withStores(3, async (stores) => {
    const codes = await Promise.all(
      stores.map(({ sql }) =>
        inviteFirstAdmin({ sql, db: createBuilder('postgres'), clock: systemClock, random: systemRandom } as AccountsParts, KEY),
      ),
    )
    assert.equal(new Set(codes).size, 1)
    assert.match(String(codes[0]), /^[\w-]{43}$/)
  }))

test('[D12, O1] a limit holds when two processes count at once', () =>
  withStores(2, async (stores) => {
    const { sql } = stores[0]!
    const db = createBuilder(sql.dialect)
    for (let round = 0; round < 30; round++) {
      const isFirst = db
        .selectFrom('meta')
        .select('key')
        .where('key', '=', 'epoch')
        .where(raw<boolean>`(SELECT count(*) FROM meta WHERE key LIKE ${`${round} %`}) = 0`)
      const results = await Promise.all(
        stores.map((store, index) =>
          store.sql.atomic([step(isFirst, 1, 'full'), step(db.insertInto('meta').values({ key: `${round} ${index}`, value: '' }), 1)]),
        ),
      )
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    }
  }))

test('[D12, A7] what one process has said is no proof against the others; a copy of the database from before is found out, and what is lost is known', async () => {
  const database = await server.makeDatabase()
  let room = newConversation()
  await withStores(
    2,
    async ([one, other]) => {
      const [a] = await makeAccounts(one!, 1)
      room = await makeGroup(one!, a!, [])
      await accept(other!, text(room, a!, '둘'))
      const tides = [one!, other!].map((store) => createTides(KEY, store))
      const told = [tides[0]!.lineage()!, tides[0]!.tide()!] as const
      await accept(one!, text(room, a!, '셋'))
      await other!.look()
      for (const each of tides) assert.equal(each.lostFuture(told), null)
      assert.notEqual(one!.current()?.start, other!.current()?.start)
    },
    database,
  )
  const copy = await server.makeDatabase(database)
  await withStores(
    1,
    async ([store]) => {
      const [member] = await store!.log.read(room, 0, 1)
      await accept(store!, text(room, member!.author, '잃을 말'))
      const told = [createTides(KEY, store!).lineage()!, createTides(KEY, store!).tide()!] as const
      await withStores(
        2,
        async ([back, neighbour]) => {
          const epoch = back!.epoch
          await accept(back!, text(room, member!.author, '다른 말'))
          const lost = createTides(KEY, back!).lostFuture(told)
          assert.ok(lost)
          await back!.beginEpoch(epoch, lost.lastCommonStart, 1)
          assert.notEqual(back!.epoch, epoch)
          assert.deepEqual(await back!.audit.restoredHeads(member!.author, epoch), [[room, 3, 0]])
          // The neighbour has the same proof a moment later.
          await neighbour!.beginEpoch(epoch, lost.lastCommonStart, 1)
          assert.equal(neighbour!.epoch, back!.epoch)
        },
        copy,
      )
    },
    database,
  )
})

test('[D12] all processes have the keys of the first one, which keeps those in its data directory', async () => {
  const database = await server.makeDatabase()
  const places = [temporaryDirectory(), temporaryDirectory()]
  const [first, second] = places.map(({ directory }) => directory)
  const kept = await fileKeys(first!).load('token')
  const one = await openPostgresStore({ directory: first!, database })
  const other = await openPostgresStore({ directory: second!, database })
  assert.deepEqual(new Uint8Array(await one.keys.load('token')), new Uint8Array(kept))
  assert.deepEqual(new Uint8Array(await other.keys.load('token')), new Uint8Array(kept))
  const sentinel = await one.keys.load('sentinel')
  assert.deepEqual(await other.keys.load('sentinel'), sentinel)
  assert.equal(readFileSync(join(second!, 'sentinel-key'), 'utf8'), Buffer.from(sentinel).toString('base64url'), 'where the sentinel looks for it')
  assert.equal(existsSync(join(second!, 'token.key')), false)
  await Promise.all([one.close(), other.close()])
  for (const { remove } of places) remove()
})

for (const fate of ['lost', 'unheard', 'silent'] satisfies Fate[]) {
  test(`[O13, M2] a commit that is ${fate} is never acknowledged, and the same request again tells what became of it`, async () => {
    const database = await server.makeDatabase()
    const proxy = await startCommitProxy(server.port)
    const through = new URL(database)
    through.port = String(proxy.port)
    await withStores(
      1,
      async ([store]) => {
        const [a] = await makeAccounts(store!, 1)
        const room = await makeGroup(store!, a!, [])
        const asked = text(room, a!, '어떻게 되었을까')
        const met = proxy.next(fate)
        await assert.rejects(store!.log.append([asked], 1), (error) => error instanceof Unavailable && !error.full)
        await met
        assert.equal(store!.health().writable, false)
        const again = await waitFor('the answer', () => accept(store!, asked, 2).catch(() => null))
        assert.deepEqual([again.seq, again.repeated, again.acceptedAt], [2, fate !== 'lost', fate === 'lost' ? 2 : 1])
        assert.equal(store!.health().writable, true)
        assert.equal((await store!.log.read(room, 0, readsMax)).length, 2)
      },
      through.href,
      // Half a second without a sign of the server's work.
      { commitMsUnseen: 500 },
    )
    proxy.close()
  })
}

test('[O12] a server that could lose what it confirms is refused with what to do, unless it is allowed, and then health tells', async () => {
  const database = await server.makeDatabase()
  const { directory, remove } = temporaryDirectory()
  await server.run(database, `ALTER DATABASE ${new URL(database).pathname.slice(1)} SET synchronous_commit = off`)
  await assert.rejects(
    openPostgresStore({ directory, database }),
    /synchronous_commit is off.*BONGSU_DATABASE_UNSAFE=allow knowingly; nothing was changed/,
  )
  assert.deepEqual(await server.run(database, "SELECT relname FROM pg_class WHERE relname = 'accounts'"), [])
  const store = await openPostgresStore({ directory, database, unsafe: 'allow', wipeMs: { soon: 50, again: 3_600_000 } })
  // The open connections keep the value, whatever a vacuum's newer one finds.
  await server.run(database, `ALTER DATABASE ${new URL(database).pathname.slice(1)} RESET synchronous_commit`)
  await waitFor('a vacuum', async () => {
    const [row] = await server.run(database, "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'entries'")
    return Number(row?.['vacuum_count']) > 0
  })
  const [allowed, ...others] = store.health().unsafe ?? []
  assert.equal(allowed?.setting, 'synchronous_commit')
  assert.match(allowed?.risk ?? '', /synchronous_commit is off/)
  assert.deepEqual(others, [])
  await store.close()
  remove()
  const good = {
    version: 150_000,
    version_text: '15.0',
    replica: false,
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    encoding: 'UTF8',
  }
  assert.deepEqual([faultsOf(good), faultsOf({ ...good, synchronous_commit: 'remote_apply' })], [[], []])
  assert.throws(() => faultsOf({ ...good, version: 149_999, version_text: '14.99' }), /is PostgreSQL 14.99. Bongsu needs version 15 or newer/)
  assert.throws(() => faultsOf({ ...good, replica: true }), /a replica, which cannot be written/)
  assert.throws(() => faultsOf({ ...good, encoding: 'SQL_ASCII' }), /encoding SQL_ASCII/)
  for (const wrong of [{ fsync: 'off' }, { full_page_writes: 'off' }, { synchronous_commit: 'local' }, { synchronous_commit: 'remote_write' }])
    assert.equal(faultsOf({ ...good, ...wrong }).length, 1)
})

test('[O13] a warning of the server that no commit has caused is no cancelled wait', async () => {
  const database = await server.makeDatabase()
  // As after an upgrade of the operating system's sorting rules: PostgreSQL then warns on each new connection.
  await server.run(database, `UPDATE pg_database SET datcollversion = '1' WHERE datname = '${new URL(database).pathname.slice(1)}'`)
  await withStores(1, async ([store]) => assert.equal((await makeAccounts(store!, 1)).length, 1), database)
})

test('[O13] what the database keeps refusing as made twice is unavailable, and the process goes on', async () => {
  const database = await server.makeDatabase()
  const died: Error[] = []
  await withStores(
    1,
    async ([store]) => {
      const [a] = await makeAccounts(store!, 1)
      await server.run(
        database,
        `CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$;
         CREATE TRIGGER twice BEFORE INSERT ON conversations FOR EACH ROW EXECUTE FUNCTION twice()`,
      )
      await assert.rejects(makeGroup(store!, a!, []), Unavailable)
      await server.run(database, 'DROP TRIGGER twice ON conversations')
      await waitFor('a group', () => makeGroup(store!, a!, []).catch(() => null))
      assert.deepEqual(died, [])
    },
    database,
    { onFatal: (error) => died.push(error) },
  )
})

test('[O13, O1] a transaction waits for a row so often, and then is unavailable; the next one goes on', async () => {
  const database = await server.makeDatabase()
  await withStores(
    1,
    async ([store]) => {
      const [a] = await makeAccounts(store!, 1)
      // What a sequence counts stays counted when its transaction is undone.
      await server.run(
        database,
        `CREATE SEQUENCE waits; CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN IF nextval('waits') <= 2 * ${POSTGRES_BOUNDS.lockTriesMax} - 1 THEN RAISE lock_not_available; END IF; RETURN NEW; END $$;
         CREATE TRIGGER held BEFORE INSERT ON conversations FOR EACH ROW EXECUTE FUNCTION held()`,
      )
      await assert.rejects(makeGroup(store!, a!, []), Unavailable)
      assert.deepEqual(await server.run(database, 'SELECT last_value AS n FROM waits'), [{ n: POSTGRES_BOUNDS.lockTriesMax }])
      await makeGroup(store!, a!, [])
    },
    database,
  )
})

test('[A12] a process that nobody uses ends too when its history has moved', async () => {
  const database = await server.makeDatabase()
  const died: Error[] = []
  await withStores(
    1,
    async ([store]) => {
      const mover = await Connection.open(database, 'migrate')
      await mover.run('BEGIN')
      await seal(mover, { id: newId(), epoch: store!.epoch })
      await mover.commit()
      await mover.close()
      await store!.look()
      assert.match(String(died), /has moved to another database/)
    },
    database,
    { onFatal: (error) => died.push(error) },
  )
})

test('[O12] a connection pooler before the database is refused', async () => {
  const database = await server.makeDatabase()
  const proxy = await startCommitProxy(server.port, { pools: true })
  const through = new URL(database)
  through.port = String(proxy.port)
  const { directory, remove } = temporaryDirectory()
  await assert.rejects(
    openPostgresStore({ directory, database: through.href }),
    /A connection pooler stands before the database.*nothing was changed/,
  )
  proxy.close()
  remove()
})

test('[A12] a history that has moved is not brought to a newer schema', async () => {
  const database = await server.makeDatabase()
  const migrations = loadMigrations()
  await withStores(1, async () => undefined, database)
  await server.run(database, "INSERT INTO meta (key, value) VALUES ('moved', '{}')")
  const next = { number: migrations.length + 1, name: 'next', sql: 'CREATE TABLE next (a int)', floor: migrations.length + 1 }
  await assert.rejects(
    withStores(1, async () => undefined, database, { migrations: [...migrations, next] }),
    /has moved to another database/,
  )
  assert.deepEqual(await server.run(database, "SELECT relname FROM pg_class WHERE relname = 'next'"), [])
})

test('[I6] what is edited or erased leaves the table by a vacuum soon after', async () => {
  const database = await server.makeDatabase()
  const { directory, remove } = temporaryDirectory()
  const vacuums = async (): Promise<readonly number[]> => {
    const [row] = await server.run(database, "SELECT vacuum_count, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'entries'")
    return [Number(row?.['vacuum_count']), Number(row?.['n_dead_tup'])]
  }
  const gone = (what: string) => waitFor(what, async () => (await vacuums())[1] === 0 && (await vacuums())[0]! > 0)
  const erase = async (store: PostgresStore): Promise<void> => {
    const [a] = await makeAccounts(store, 1)
    const room = await makeGroup(store, a!, [])
    const asked = text(room, a!, '지울 말')
    await accept(store, asked)
    await store.log.set([{ conversationId: room, author: a!, id: newId(), seq: 2, subject: asked.id, act: { kind: 'erased', value: {} } }], 3)
  }
  const stopped = await openPostgresStore({ directory, database })
  await erase(stopped)
  await stopped.close()
  const store = await openPostgresStore({ directory, database, wipeMs: { soon: 100, again: 1_000 } })
  await gone('a vacuum by the next process')

  const old = await Connection.open(database, 'read')
  await old.run('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM entries')
  const [earlier] = await vacuums()
  await erase(store)
  await waitFor('a vacuum that may remove nothing', async () => (await vacuums())[0]! > earlier!)
  await old.run('COMMIT')
  await old.close()
  await gone('the vacuum after it')
  await store.close()
  remove()
})

test('[O2] what connected devices read does not wait behind a thousand that are coming back', () =>
  withStores(1, async ([store]) => {
    const people = await makeAccounts(store!, 1)
    const room = await makeGroup(store!, people[0]!, [])
    // As in an installation that has been at work: every connection is open.
    await Promise.all(Array.from({ length: 200 }, () => store!.log.heads([room])))
    let back = 0
    const coming = Array.from({ length: 1_000 }, async () => {
      await store!.resume.position(people[0]!, null)
      back++
    })
    await waitFor('the first to be back', () => back > 0, { everyMs: 1 })
    const earlier = back
    for (let read = 0; read < 10; read++) assert.equal((await store!.log.read(room, 0, 10)).length, 1)
    assert(back - earlier < 500, `${back - earlier} came back while ten pages were read one after the other`)
    assert(store!.load[1]!().oldestMs > 0, 'admission sees that they wait')
    await Promise.all(coming)
  }))

test('[O2, O1] who is coming back waits for a second at most behind what others read without end', () =>
  withStores(1, async ([store]) => {
    const { readersMax, readsAheadMax, newcomerMsWaiting } = POSTGRES_BOUNDS
    const [a] = await makeAccounts(store!, 1)
    const sleepMs = 100
    const rounds = 4
    // Work for all connections, four times as long as a newcomer waits.
    const slow = Array.from({ length: (rounds * newcomerMsWaiting * readersMax) / sleepMs }, () =>
      store!.sql.read({ sql: `SELECT pg_sleep(${sleepMs / 1_000})`, parameters: [] }),
    )
    await waitFor('work for all connections', () => store!.load[1]!().waiting > readersMax * readsAheadMax)
    assert(await store!.resume.position(a!, null))
    assert(store!.load[1]!().waiting > readersMax * readsAheadMax, 'the others still wait')
    await Promise.all(slow)
  }))

test('[O1] no hot read or write goes through a whole table', () =>
  withStores(1, async ([store], database) => {
    const people = await makeAccounts(store!, 3)
    const room = await makeGroup(store!, people[0]!, people.slice(1))
    await accept(store!, text(room, people[0]!, '말'))
    await server.run(database, 'SELECT pg_stat_reset()')
    await accept(store!, text(room, people[0]!, '말'))
    await store!.receipts.raise([{ conversationId: room, accountId: people[1]!, seq: 2 }])
    await store!.log.read(room, 0, 10)
    await store!.log.items(room, 0, 10)
    await store!.log.marks(room, 1, 2, 10)
    await store!.log.heads([room])
    await store!.resume.snapshot(room, people[0]!, 10)
    await store!.resume.position(people[0]!, null)
    await store!.resume.items(people[0]!, 0, 10)
    await store!.receipts.unread(room, 1, 2)
    await store!.audit.hash(room, 1, 2)
    // Figures are sent when a connection has nothing to do, and at its end.
    await store!.close()
    const scanned = await waitFor('the figures', async () => {
      const rows = await server.run(database, 'SELECT relname, seq_scan, idx_scan FROM pg_stat_user_tables')
      return rows.some(({ relname, idx_scan: used }) => relname === 'entries' && Number(used) > 0) && rows
    })
    assert.deepEqual(
      scanned.filter(({ relname, seq_scan: n }) => Number(n) > 0 && !['meta', 'starts', 'migrations'].includes(String(relname))),
      [],
    )
  }))

// The last test: it kills the server that the others use.
test('[M1, M5, O4] PostgreSQL is killed while it writes: nothing reported is lost, and the store goes on by itself', () =>
  withStores(1, async ([store]) => {
    const people = await makeAccounts(store!, 4)
    const room = await makeGroup(store!, people[0]!, people.slice(1))
    const reported = new Map<number, string>()
    for (let round = 0; round < 2; round++) {
      const failures: unknown[] = []
      const writers = people.map(async (author) => {
        while (failures.length === 0) {
          const batch = [text(room, author, '말하는 도중에'.repeat(10)), text(room, author, '또')]
          const results = await store!.log.append(batch, 1).catch((error: unknown) => {
            failures.push(error)
          })
          results?.forEach((result, index) => result.ok && reported.set(result.seq, batch[index]!.id))
        }
      })
      const soFar = reported.size
      await waitFor('some entries', () => reported.size > soFar + 40)
      await server.kill()
      await Promise.all(writers)
      assert.ok(failures.length > 0 && failures.every((error) => error instanceof Unavailable))
      await server.start()
      await waitFor('the store', () =>
        store!.probe().then(
          () => store!.health().writable,
          () => false,
        ),
      )
      const entries = await store!.log.read(room, 0, readsMax)
      entries.forEach(({ seq }, index) => assert.equal(seq, index + 1))
      for (const [seq, id] of reported) assert.equal(entries[seq - 1]?.id, id, `round ${round}: ${seq} was reported and is there`)
    }
  }))
