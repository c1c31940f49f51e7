import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type AccountId, type Outage, type Reply } from '@bongsu/protocol'
import { createBuilder, statement } from '../../apps/server/src/accounts/builder.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { createActivity, type Activity } from '../../apps/server/src/figures/activity.ts'
import { FIGURES_BOUNDS } from '../../apps/server/src/figures/bounds.ts'
import { forgetOldReports, readReports, storeReports } from '../../apps/server/src/figures/outage-reports.ts'
import { createSimulatedClock, type SimulatedClock } from '../worlds/simulated-clock.ts'
import { makeAccounts, withStores, type OpenSubject, type Stores } from './stores.ts'

const MINUTE_MS = 60_000

interface World {
  readonly parts: AccountsParts
  readonly clock: SimulatedClock
  readonly activity: Activity
  /** Accounts that the next write finds there. */
  readonly there: Set<AccountId>
  /** Since how long, in ms. */
  agoMs: number
  readonly tell: (accountId: AccountId, outage?: Partial<Outage>) => Promise<string>
  readonly count: (from: number, to: number) => Promise<Reply<'readReports'>>
  readonly rows: () => Promise<readonly { report_id: string; began_at: number; ended_at: number }[]>
}

function worldOf({ sql }: Stores): World {
  const clock = createSimulatedClock()
  const db = createBuilder(sql.dialect)
  // Of the accounts module only its database and its clock are used here.
  const parts = { sql, db, clock } as unknown as AccountsParts
  const there = new Set<AccountId>()
  const world: World = {
    parts,
    clock,
    there,
    agoMs: 0,
    activity: createActivity(parts, { collectSeen: () => new Map([...there].map((id) => [id, world.agoMs])) }),
    async tell(accountId, outage = {}) {
      const told: Outage = { id: randomUUID(), agoMs: 0, lastedMs: MINUTE_MS, part: 'connection', unsent: 0, ...outage }
      const answered = await storeReports(parts, accountId, { outages: [told] })
      assert.ok(answered.ok)
      return told.id
    },
    async count(from, to) {
      const answered = await readReports(parts, { from, to })
      assert.ok(answered.ok)
      return answered.value
    },
    rows: () => sql.read(statement(db.selectFrom('outage_reports').select(['report_id', 'began_at', 'ended_at']).orderBy('ended_at'))),
  }
  return world
}

/** What devices report, and who was there, on whatever engine. */
export function outageReportsContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: (stores: Stores) => Promise<void>): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[F4] an outage is placed by the server’s clock, and told again changes nothing; the same id of somebody else is another', async (stores) => {
    const { tell, rows, clock, count } = worldOf(stores)
    const [one, other] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    const now = clock.now()
    const id = await tell(one, { agoMs: 2_000, lastedMs: 10_000, unsent: 3 })
    assert.deepEqual(await rows(), [{ report_id: id, began_at: now - 12_000, ended_at: now - 2_000 }])
    clock.advance(5_000)
    await tell(one, { id, agoMs: 7_000, lastedMs: 10_000, unsent: 900 })
    assert.equal((await rows()).length, 1)
    assert.equal((await count(now - 60_000, now)).unsent, 3)
    await tell(other, { id, unsent: 4 })
    assert.deepEqual(await count(now - 60_000, now), { activeUsers: 2, affectedUsers: 2, signInUsers: 0, connectionUsers: 2, unsent: 7 })
  })

  it('[F4] counted are those that overlap the span, to the millisecond, each account once and by part', async (stores) => {
    const { tell, clock, count } = worldOf(stores)
    const [one, other] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    const end = clock.now()
    const begin = end - MINUTE_MS
    await tell(one, { lastedMs: MINUTE_MS, unsent: 1 })
    await tell(one, { lastedMs: MINUTE_MS, part: 'sign-in', unsent: 1 })
    await tell(other, { lastedMs: MINUTE_MS, unsent: 1 })
    const all = { activeUsers: 2, affectedUsers: 2, signInUsers: 1, connectionUsers: 2, unsent: 3 }
    const none = { activeUsers: 0, affectedUsers: 0, signInUsers: 0, connectionUsers: 0, unsent: 0 }
    for (const [from, to] of [
      [end, end + 1],
      [begin - 1, begin],
      [begin + 1, end - 1],
      [begin - 1_000, begin - 1_000 + LIMITS.reportsSpanMsMax],
    ] as const)
      assert.deepEqual(await count(from, to), all, `${from}..${to}`)
    assert.deepEqual(await count(end + 1, end + 2), none)
    assert.deepEqual(await count(begin - 2, begin - 1), none)
  })

  it('[F4, F8] reports by the thousand from one account have the weight of one account', async (stores) => {
    const { parts, tell, clock, count } = worldOf(stores)
    const [one, other] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    const now = clock.now()
    await tell(other, { unsent: 3 })
    for (let batch = 0; batch < 1_000 / LIMITS.outagesPerReportMax; batch++) {
      const outages = Array.from({ length: LIMITS.outagesPerReportMax }, (_, n): Outage => {
        const part = n % 2 === 0 ? 'connection' : 'sign-in'
        return { id: randomUUID(), agoMs: n * 1_000, lastedMs: MINUTE_MS, part, unsent: LIMITS.unsentMax }
      })
      assert.ok((await storeReports(parts, one, { outages })).ok)
    }
    const unsent = LIMITS.unsentMax + 3
    assert.deepEqual(await count(now - MINUTE_MS, now), { activeUsers: 2, affectedUsers: 2, signInUsers: 1, connectionUsers: 2, unsent })
    // Nobody else was there.
    await forgetOldReports(parts)
    clock.advance(FIGURES_BOUNDS.reportsKeptMs + 1)
    await forgetOldReports(parts)
    assert.deepEqual(await count(now - MINUTE_MS, now), { activeUsers: 0, affectedUsers: 0, signInUsers: 0, connectionUsers: 0, unsent: 0 })
  })

  it('[F4] who could not be written down for a while was there for as long, and no longer', async (stores) => {
    const { parts, clock } = worldOf(stores)
    const [one] = (await makeAccounts(stores, 1)) as [AccountId]
    let seen = new Map<AccountId, number>()
    let away = false
    const atomic: typeof stores.sql.atomic = (steps) => (away ? Promise.reject(new Error('away')) : stores.sql.atomic(steps))
    const activity = createActivity({ ...parts, sql: { ...stores.sql, atomic } }, { collectSeen: () => seen })
    await activity.write(0)
    clock.advance(5 * MINUTE_MS)
    away = true
    for (const there of [[one], [], []]) {
      seen = new Map(there.map((id) => [id, 0]))
      await assert.rejects(activity.write(0), /away/)
      clock.advance(5 * MINUTE_MS)
    }
    away = false
    seen = new Map()
    await activity.write(0)
    const [row] = await stores.sql.read<{ active_since: number }>(statement(parts.db.selectFrom('account_activity').select('active_since')))
    assert.equal(row?.active_since, clock.now() - 15 * MINUTE_MS)
  })

  it('[F4] a span that ends before it begins, or is too long, is refused', async (stores) => {
    const { parts, clock } = worldOf(stores)
    const to = clock.now()
    assert.equal((await readReports(parts, { from: to - LIMITS.reportsSpanMsMax, to })).ok, true)
    for (const from of [to + 1, to - LIMITS.reportsSpanMsMax - 1])
      assert.deepEqual(await readReports(parts, { from, to }), { ok: false, code: 'body-invalid' })
  })

  it('[F4] of one account the newest two hundred are kept, others’ all the same, and none for longer than 90 days', async (stores) => {
    const { parts, tell, rows, clock } = worldOf(stores)
    const [one, other] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    await tell(other, { agoMs: 10 * MINUTE_MS })
    const oldest = await tell(one)
    const second: string[] = []
    for (let n = 1; n <= FIGURES_BOUNDS.reportsPerAccountMax; n += LIMITS.outagesPerReportMax) {
      clock.advance(LIMITS.outagesPerReportMax)
      const outages = Array.from({ length: LIMITS.outagesPerReportMax }, (_, index): Outage => ({
        id: randomUUID(),
        agoMs: index,
        lastedMs: 6_000,
        part: 'connection',
        unsent: 0,
      }))
      second.push(...outages.map(({ id }) => id))
      assert.ok((await storeReports(parts, one, { outages })).ok)
    }
    const kept = (await rows()).map((row) => row.report_id)
    assert.equal(kept.length, FIGURES_BOUNDS.reportsPerAccountMax + 1)
    assert.equal(kept.includes(oldest), false)
    assert.ok(second.every((id) => kept.includes(id)))

    clock.advance(FIGURES_BOUNDS.reportsKeptMs - 10 * MINUTE_MS)
    const before = (await rows()).length
    await forgetOldReports(parts)
    assert.equal((await rows()).length, before - 1, 'that of the other one, which is older')
    clock.advance(20 * MINUTE_MS)
    await forgetOldReports(parts)
    assert.deepEqual(await rows(), [])
  })

  it('[F4] those were there who were there last after the span began, and whose stay began before it ended', async (stores) => {
    const { activity, there, clock, count } = worldOf(stores)
    const [stayer, goer, newcomer] = (await makeAccounts(stores, 3)) as [AccountId, AccountId, AccountId]
    const write = async (afterMs: number, ...ids: readonly AccountId[]): Promise<number> => {
      clock.advance(afterMs)
      there.clear()
      for (const id of ids) there.add(id)
      await activity.write(0)
      return clock.now()
    }
    const first = await write(0, stayer, goer)
    const second = await write(5 * MINUTE_MS, stayer)
    const third = await write(5 * MINUTE_MS, stayer, newcomer)
    const active = async (from: number, to: number): Promise<number> => (await count(from, to)).activeUsers
    assert.deepEqual([await active(first, first), await active(first + 1, second), await active(third, third)], [2, 1, 2])
    assert.equal(await active(first - 2, first - 1), 0)
    // A pause up to the bound is part of a stay; a longer one begins another.
    const back = await write(FIGURES_BOUNDS.activityPauseMs, stayer)
    assert.equal(await active(third + 1, back - 1), 1)
    await write(FIGURES_BOUNDS.activityPauseMs + 1, stayer)
    assert.equal(await active(third + 1, back - 1), 0)
  })

  it('[F4] whoever is written down late was there since they came', async (stores) => {
    const world = worldOf(stores)
    const { activity, there, clock, count } = world
    const [one] = (await makeAccounts(stores, 1)) as [AccountId]
    there.add(one)
    world.agoMs = 4 * MINUTE_MS
    await activity.write(0)
    const active = async (at: number): Promise<number> => (await count(at, at)).activeUsers
    assert.deepEqual([await active(clock.now() - 4 * MINUTE_MS), await active(clock.now() - 5 * MINUTE_MS)], [1, 0])
  })

  it('[F4] a clock that was set back leaves a stay that can be counted', async (stores) => {
    const { activity, there, clock, count } = worldOf(stores)
    const [one] = (await makeAccounts(stores, 1)) as [AccountId]
    there.add(one)
    await activity.write(0)
    clock.jump(-3_600_000)
    await activity.write(0)
    assert.equal((await count(clock.now(), clock.now())).activeUsers, 1)
  })

  it('[F3] canaries are not counted, whatever they tell', async (stores) => {
    const { activity, there, clock, count, tell, parts } = worldOf(stores)
    const [person, canary] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    await parts.sql.atomic([statement(parts.db.updateTable('accounts').set({ canary: 1 }).where('account_id', '=', canary))])
    there.add(person).add(canary)
    await activity.write(0)
    await tell(canary, { unsent: 9 })
    assert.deepEqual(await count(clock.now(), clock.now()), {
      activeUsers: 1,
      affectedUsers: 0,
      signInUsers: 0,
      connectionUsers: 0,
      unsent: 0,
    })
  })

  it('[F2] who was there is written in batches, not sooner than asked for, and again when it could not be', async (stores) => {
    const { activity, there, clock, count, parts } = worldOf(stores)
    const people = await makeAccounts(stores, FIGURES_BOUNDS.activityBatch + 1)
    for (const id of people) there.add(id)
    await activity.write(FIGURES_BOUNDS.activityAgainMs)
    assert.equal((await count(clock.now(), clock.now())).activeUsers, people.length)
    const second = clock.now() + FIGURES_BOUNDS.activityAgainMs
    clock.advance(FIGURES_BOUNDS.activityAgainMs - 1)
    await activity.write(FIGURES_BOUNDS.activityAgainMs)
    clock.advance(1)
    assert.equal((await count(second, second)).activeUsers, 0)
    let away = true
    const late = createActivity(
      { ...parts, sql: { ...parts.sql, atomic: (steps) => (away ? Promise.reject(new Error('away')) : parts.sql.atomic(steps)) } },
      { collectSeen: () => new Map(away ? [[people[0] as AccountId, 0]] : []) },
    )
    await assert.rejects(late.write(0), /away/)
    away = false
    await late.write(0)
    assert.equal((await count(second, second)).activeUsers, 1)
  })
}
