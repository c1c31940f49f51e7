import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId } from '@bongsu/protocol'
import { createBuilder, statement, step } from '../../apps/server/src/accounts/builder.ts'
import { checkJournal, createJournal, JOURNAL_BOUNDS, readJournal, trimJournal, type Journal } from '../../apps/server/src/accounts/journal.ts'
import { GENESIS, hashOfRow, type JournalRow } from '../../apps/server/src/accounts/journal-chain.ts'
import type { SqlDatabase } from '../../apps/server/src/accounts/sql-database.ts'
import { createSimulatedClock, type SimulatedClock } from '../worlds/simulated-clock.ts'
import { newAccount, withStores, type OpenSubject } from './stores.ts'

interface World {
  readonly sql: SqlDatabase
  readonly db: ReturnType<typeof createBuilder>
  readonly clock: SimulatedClock
  readonly journal: Journal
  readonly rows: () => Promise<readonly JournalRow[]>
  readonly faults: () => Promise<readonly string[]>
}

/** The journal on a database. */
export function journalContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: (world: World, another: () => Promise<SqlDatabase>) => Promise<void>): void => {
    test(`${title} (${name})`, () =>
      withStores(open, async ({ sql }, subject) => {
        const db = createBuilder(sql.dialect)
        const clock = createSimulatedClock()
        const world = {
          sql,
          db,
          clock,
          journal: createJournal({ sql, db, clock }),
          rows: () => sql.read<JournalRow>(statement(db.selectFrom('journal').selectAll().orderBy('seq'))),
          async faults() {
            const faults: string[] = []
            await checkJournal({ sql, db }, (seq, what) => faults.push(`${seq} ${what}`))
            return faults
          },
        }
        await body(world, async () => (await subject.reopen()).sql)
      }))
  }

  it('[B50] a row is numbered and chained by the store, in the transaction of the act', async ({ sql, db, journal, rows, faults }) => {
    const [actor, other] = [newAccount(), newAccount()]
    const warned = journal.record({ kind: 'warned', actor, account: other, details: { reason: '욕설 "\n\u0000😀' } })
    const added = journal.record({ kind: 'device-added', actor: other })
    assert.equal((await sql.atomic([warned, added])).ok, true)
    // An act that is undone leaves no row.
    const missing = step(db.updateTable('meta').set({ value: '' }).where('key', '=', 'missing'), 1, 'gone')
    assert.deepEqual(await sql.atomic([journal.record({ kind: 'suspended', actor: 'operator' }), missing]), { ok: false, failed: 'gone' })
    const all = await rows()
    assert.deepEqual(
      all.map(({ seq, kind, actor: who, account_id }) => [seq, kind, who, account_id]),
      [
        [0, 'begun', 'system', null],
        [1, 'warned', actor, other],
        [2, 'device-added', other, null],
      ],
    )
    let before = GENESIS
    for (const row of all.slice(1)) {
      assert.equal(row.hash, hashOfRow(before, row.seq, row))
      before = row.hash
    }
    assert.deepEqual(JSON.parse(all[1]!.details), { reason: '욕설 "\n\u0000😀' })
    assert.deepEqual(await faults(), [])
  })

  it('[B50] what is changed, removed or put in between is found at its row', async ({ sql, db, journal, faults }) => {
    for (let count = 0; count < 6; count++) await sql.atomic([journal.record({ kind: 'warned', actor: 'operator', details: { count } })])
    const row = (seq: number) => db.updateTable('journal').where('seq', '=', seq)
    await sql.atomic([statement(row(2).set({ details: '{"count":9}' }))])
    assert.deepEqual(await faults(), ['2 was changed: its hash does not follow from the row before'])
    await sql.atomic([statement(row(2).set({ details: '{"count":1}' })), statement(db.deleteFrom('journal').where('seq', '=', 4))])
    assert.deepEqual(await faults(), ['5 comes after row 3: rows are missing'])
    await sql.atomic([statement(db.deleteFrom('journal').where('seq', '<', 5))])
    assert.deepEqual(await faults(), ['5 is the first one, and no row says that earlier ones were removed'])
    await sql.atomic([statement(db.deleteFrom('journal'))])
    assert.deepEqual(await faults(), ['0 is missing: the journal has no rows'])
  })

  it('[B50] the details of an event are bounded', async ({ journal }) => {
    const details = (length: number) => ({ reason: 'x'.repeat(length - JSON.stringify({ reason: '' }).length) })
    journal.record({ kind: 'warned', actor: 'operator', details: details(JOURNAL_BOUNDS.detailsLengthMax) })
    assert.throws(() => journal.record({ kind: 'warned', actor: 'operator', details: details(JOURNAL_BOUNDS.detailsLengthMax + 1) }), /bounded/)
  })

  it('[B51] what strangers cause is counted, and a window writes a bounded number of rows', async ({ journal, rows, faults }) => {
    const victim = newAccount()
    for (let times = 0; times < 50; times++) journal.count({ kind: 'sign-in-failed', account: victim, address: '192.0.2.1' })
    for (let address = 0; address < JOURNAL_BOUNDS.countsMax + 500; address++)
      journal.count({ kind: 'sign-in-failed', address: `198.51.100.${address}` })
    journal.count({ kind: 'sign-in-slowed', account: victim, address: '192.0.2.1' })
    assert.equal((await rows()).length, 1, 'nothing is written while it is counted')
    await journal.flush()
    const written = (await rows()).slice(1)
    assert.equal(written.length, JOURNAL_BOUNDS.rowsPerKindMax + 1)
    assert.deepEqual([written[0]!.account_id, JSON.parse(written[0]!.details)], [victim, { address: '192.0.2.1', times: 50 }])
    const failed = written.filter(({ kind }) => kind === 'sign-in-failed')
    const times = failed.reduce((sum, { details }) => sum + (JSON.parse(details) as { times: number }).times, 0)
    assert.equal(times, 50 + JOURNAL_BOUNDS.countsMax + 500, 'none is left out')
    assert.match(failed.at(-1)!.details, /"others"/)
    await journal.flush()
    assert.equal((await rows()).length, written.length + 1, 'each is written once')
    assert.deepEqual(await faults(), [])
  })

  it('[B51] what an account does by itself a thousand times is a bounded number of rows', async ({ sql, clock, journal, rows }) => {
    const account = newAccount()
    const act = async (): Promise<void> => {
      await sql.atomic(journal.own({ kind: 'device-revoked', actor: account, account }))
    }
    for (let count = 0; count < JOURNAL_BOUNDS.ownPerHourMax + 5; count++) await act()
    await journal.flush()
    const written = (await rows()).slice(1)
    assert.equal(written.length, JOURNAL_BOUNDS.ownPerHourMax + 1)
    assert.deepEqual(JSON.parse(written.at(-1)!.details), { times: 5 })
    clock.advance(3_600_000)
    await act()
    assert.equal((await rows()).length, written.length + 2)
  })

  it('[B52] rows are removed at the end of their time, and the chain holds across it', async (world) => {
    const { sql, db, clock, journal, rows, faults } = world
    const parts = { sql, db, clock, knownNow: () => clock.now() }
    const write = (count: number) => sql.atomic([journal.record({ kind: 'warned', actor: 'operator', details: { count } })])
    await write(1)
    clock.advance(JOURNAL_BOUNDS.trimEveryMs + 2)
    await write(2)
    clock.advance(JOURNAL_BOUNDS.keptMs - 2)
    await trimJournal(parts)
    assert.equal((await rows()).length, 3, 'the oldest one is not old enough')
    clock.advance(1)
    await Promise.all([trimJournal(parts), trimJournal(parts)])
    assert.deepEqual(
      (await rows()).map(({ seq, kind }) => [seq, kind]),
      [
        [2, 'warned'],
        [3, 'trimmed'],
      ],
    )
    assert.deepEqual(await faults(), [])
    // A row that a clock without a battery has dated removes nothing of before.
    const then = createJournal({ sql, db, clock: { now: () => 0, monotonic: () => 0 } })
    await sql.atomic([then.record({ kind: 'warned', actor: 'operator' })])
    await trimJournal(parts)
    assert.equal((await rows()).length, 3)
    await sql.atomic([statement(db.updateTable('journal').set({ details: '{"count":3}' }).where('seq', '=', 2))])
    assert.deepEqual(await faults(), ['2 was changed: its hash does not follow from the row before'])
  })

  it('[B50] the newest rows come first, also of one account', async ({ sql, db, journal }) => {
    const account: AccountId = newAccount()
    for (let count = 1; count <= 5; count++)
      await sql.atomic([journal.record({ kind: 'warned', actor: 'operator', ...(count % 2 === 0 ? { account } : {}) })])
    const seqs = async (limit: number, below?: number, whom?: AccountId) => {
      const { rows, more } = await readJournal({ sql, db }, { limit, below, account: whom })
      return [rows.map(({ seq }) => seq), more]
    }
    assert.deepEqual(await seqs(2), [[5, 4], true])
    assert.deepEqual(await seqs(3, 3), [[2, 1, 0], false])
    assert.deepEqual(await seqs(2, undefined, account), [[4, 2], false])
    assert.deepEqual(await seqs(1, undefined, account), [[4], true])
  })
}
