import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql as raw } from 'kysely'
import { createBuilder, statement, step } from '../../apps/server/src/accounts/builder.ts'
import { readKnownTime, writeKnownTime } from '../../apps/server/src/accounts/known-time.ts'
import { Unavailable } from '../../apps/server/src/conversation/log-store.ts'
import { SERVER_TIME_BOUNDS } from '../../apps/server/src/ops/server-time.ts'
import { accept, makeAccounts, makeDirect, makeGroup, text, withStores, type OpenSubject } from './stores.ts'

/** Statements that Kysely made, on whatever engine. */
export function sqlDatabaseContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[M1] a transaction returns the rows of each step and is there to read', async ({ sql }, subject) => {
    const db = createBuilder(sql.dialect)
    const put = (key: string, value: string) => db.insertInto('meta').values({ key, value })
    const select = db.selectFrom('meta').select(['key', 'value']).where('key', 'in', ['a', 'b']).orderBy('key')
    const done = await sql.atomic([step(put('a', '1').returning('value'), 1), step(put('b', '2'), 1), step(select, 2)])
    const rows = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]
    assert.deepEqual(done, { ok: true, rows: [[{ value: '1' }], [], rows] })
    assert.deepEqual(await sql.read(statement(select)), rows)
    assert.deepEqual(await (await subject.reopen()).sql.read(statement(select)), rows)
    assert.deepEqual(await subject.stores.sql.atomic([]), { ok: true, rows: [] })
  })

  it('[M1] a step with another row count undoes all and is named', async ({ sql }) => {
    const db = createBuilder(sql.dialect)
    const put = step(db.insertInto('meta').values({ key: 'a', value: '1' }), 1)
    const change = db.updateTable('meta').set({ value: '2' }).where('key', '=', 'missing')
    assert.deepEqual(await sql.atomic([put, step(change, 1, 'gone')]), { ok: false, failed: 'gone' })
    assert.deepEqual(await sql.atomic([put, step(change.returning('key'), 1, 'gone')]), { ok: false, failed: 'gone' })
    const select = db.selectFrom('meta').select('key').where('key', '=', 'a')
    assert.deepEqual(await sql.read(statement(select)), [])
    assert.equal((await sql.atomic([put, step(change, 0)])).ok, true, 'none may be what is wanted')
  })

  it('[O8, D12] of the times that processes know the latest is kept, unless it was wrong', async ({ sql }) => {
    const parts = { sql, db: createBuilder(sql.dialect) }
    const now = 1_800_000_000_000
    const { behindMsMax } = SERVER_TIME_BOUNDS
    for (const [known, kept] of [
      [now, now],
      [now - 1, now],
      [now + 5, now + 5],
      [now + 5 - behindMsMax, now + 5],
      [now + 4 - behindMsMax, now + 4 - behindMsMax],
    ] as const) {
      await writeKnownTime(parts, known)
      assert.equal(await readKnownTime(parts), kept)
    }
  })

  it('[B31] of two handles that look alike one is taken, also when both come at once; older accounts may look alike', async (stores) => {
    const { sql } = stores
    const db = createBuilder(sql.dialect)
    const people = await makeAccounts(stores, 3)
    const look = (index: number) =>
      sql.atomic([step(db.updateTable('accounts').set({ likeness: 'kirno' }).where('account_id', '=', people[index]!), 1)])
    const results = await Promise.all([look(0), look(1), look(2)])
    assert.deepEqual(results.map((result) => (result.ok ? 'taken' : result.failed)).toSorted(), ['taken', 'unique', 'unique'])
  })

  it('[B32] a room tells who of its people are staff', async (stores) => {
    const { sql, resume } = stores
    const db = createBuilder(sql.dialect)
    const [staff, member, viewer] = await makeAccounts(stores, 3)
    await sql.atomic([step(db.updateTable('accounts').set({ role: 'admin' }).where('account_id', '=', staff!), 1)])
    const room = await makeGroup(stores, viewer!, [staff!, member!])
    const people = (await resume.snapshot(room, viewer!, 1))?.meta.people ?? []
    assert.deepEqual(
      people.map((person) => [person.accountId, 'staff' in person && person.staff]),
      [
        [staff, true],
        [member, false],
      ],
    )
  })

  it('[M2] a violated unique constraint fails as unique and undoes all', async (stores) => {
    const { sql } = stores
    const db = createBuilder(sql.dialect)
    const insert = (key: string) => step(db.insertInto('meta').values({ key, value: '' }))
    await sql.atomic([insert('a')])
    assert.deepEqual(await sql.atomic([insert('b'), insert('a')]), { ok: false, failed: 'unique' })
    const [a] = await makeAccounts(stores, 1)
    const [account] = await sql.read<{ handle: string }>(statement(db.selectFrom('accounts').select('handle').where('account_id', '=', a!)))
    const twin = {
      account_id: 'x',
      handle: account!.handle,
      display_name: '',
      password_hash: '',
      role: 'member',
      created_at: 1,
      password_changed_at: 1,
    } as const
    assert.deepEqual(await sql.atomic([step(db.insertInto('accounts').values(twin))]), { ok: false, failed: 'unique' })
    assert.deepEqual(await sql.read(statement(db.selectFrom('meta').select('key').where('key', '=', 'b'))), [])
  })

  it('[O4] a statement that fails hurts nobody who is committed with it', async (stores) => {
    const { sql, log } = stores
    const db = createBuilder(sql.dialect)
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    const put = (key: string) => step(db.insertInto('meta').values({ key, value: '' }))
    const outcomes = await Promise.allSettled([
      log.append([text(room, a!, '앞')], 1),
      sql.atomic([put('x'), { sql: 'select no_such_column from meta', parameters: [] }]),
      sql.atomic([put('y'), step(db.updateTable('meta').set({ value: '' }).where('key', '=', 'missing'), 1, 'gone')]),
      sql.atomic([put('z')]),
      log.append([text(room, a!, '뒤')], 1),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    )
    const [, wrong] = outcomes
    assert(wrong?.status === 'rejected' && !(wrong.reason instanceof Unavailable), 'a wrong statement is a bug, and trying again does not help')
    assert.deepEqual(await sql.read(statement(db.selectFrom('meta').select('key').where('key', 'in', ['x', 'y', 'z']))), [{ key: 'z' }])
    assert.equal((await log.read(room, 1, 10)).length, 2)
    assert.equal((await accept(stores, text(room, a!, '다음'))).seq, 4)
  })

  it('[W1] reading cannot write, and a value that cannot be stored is refused before it goes out', async ({ sql }) => {
    const db = createBuilder(sql.dialect)
    await assert.rejects(sql.read(statement(db.insertInto('meta').values({ key: 'a', value: '1' }))))
    assert.deepEqual(await sql.read(statement(db.selectFrom('meta').select('key').where('key', '=', 'a'))), [])
    await assert.rejects(sql.atomic([{ sql: 'select 1', parameters: [() => 1] }]), /a parameter is text/)
    await assert.rejects(sql.read({ sql: 'select 1', parameters: [true] }), /a parameter is text/)
  })

  it('[M4] numbers, bytes, text and null come back as they were given', async (stores) => {
    const { sql } = stores
    const db = createBuilder(sql.dialect)
    const [a] = await makeAccounts(stores, 1)
    const time = 1_795_372_997_108
    await sql.atomic([step(db.updateTable('accounts').set({ created_at: time, display_name: '이름 😀' }).where('account_id', '=', a!), 1)])
    const select = db
      .selectFrom('accounts')
      .select(['created_at', 'display_name', raw<string>`cast(created_at + ${1} as text)`.as('sum'), raw<null>`null`.as('nothing')])
      .where('account_id', '=', a!)
    assert.deepEqual(await sql.read(statement(select)), [{ created_at: time, display_name: '이름 😀', sum: `${time + 1}`, nothing: null }])
  })
}
