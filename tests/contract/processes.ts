import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId, DeviceId } from '@bongsu/protocol'
import { createBuilder, step } from '../../apps/server/src/accounts/builder.ts'
import { createSignInGuard, GUARD_BOUNDS } from '../../apps/server/src/accounts/sign-in-guard.ts'
import { createArrivals } from '../../apps/server/src/processes/arrivals.ts'
import { PROCESSES_BOUNDS } from '../../apps/server/src/processes/bounds.ts'
import { openCommonClock } from '../../apps/server/src/processes/common-clock.ts'
import { openRoll, type Roll } from '../../apps/server/src/processes/roll.ts'
import { createSharedLimits } from '../../apps/server/src/processes/shared-limits.ts'
import { createSimulatedClock } from '../worlds/simulated-clock.ts'
import { withStores, type OpenSubject, type Stores } from './stores.ts'

const KEY = new Uint8Array(32).fill(1)
const WINDOW_MS = 900_000

/** A process of its own on the database, with a clock of its own. */
function createProcess({ sql }: Stores) {
  const clock = createSimulatedClock()
  return { sql, db: createBuilder(sql.dialect), clock, process: randomUUID() }
}

/** What server processes tell each other by the database. */
export function processesContract(name: string, open: OpenSubject): void {
  test(`[O14] ${name}: a process lives while its number rises, and is gone 10 s later or when it leaves, whatever the clocks say`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores), createProcess(stores)] as const
      parts[1].clock.jump(-9_000)
      const [one, other] = [await openRoll(parts[0]), await openRoll(parts[1])]
      const pass = async (ms: number, ...beating: readonly Roll[]): Promise<void> => {
        for (const { clock } of parts) clock.advance(ms)
        for (const roll of beating) await roll.beat()
      }
      await pass(PROCESSES_BOUNDS.beatMs, one, other, one)
      assert.deepEqual([...one.living()], [parts[1].process])
      assert.deepEqual([...other.living()], [parts[0].process])
      const third = await openRoll(parts[2])
      assert.equal(third.living().size, 0, 'a row that was there before may be that of a dead process')
      await pass(PROCESSES_BOUNDS.beatMs, one, other, third, one)
      assert.equal(third.living().size, 2)
      await pass(PROCESSES_BOUNDS.goneMs - 1, one)
      assert.equal(one.living().size, 2)
      await third.leave()
      await pass(1, one)
      assert.equal(one.living().size, 0, 'the second was not heard of for 10 s, and the third has left')
      await other.beat()
      await one.beat()
      assert.equal(one.living().size, 1, 'it only stood still')
    }))

  test(`[D8, O14] ${name}: processes have one clock, however wrong their own are`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores)] as const
      const { dialect } = stores.sql
      if (dialect === 'sqlite') return assert.equal((await openCommonClock(parts[0])).now(), parts[0].clock.now())
      parts[1].clock.jump(-86_400_000)
      const read = async (): Promise<number> => {
        const [row] = await stores.sql.read<{ now: number }>({
          sql: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
          parameters: [],
        })
        return row!.now
      }
      const before = await read()
      const [one, other] = [await openCommonClock(parts[0]), await openCommonClock(parts[1])]
      const after = await read()
      assert.ok(before <= one.now() && one.now() <= other.now() && other.now() <= after)
      const was = one.now()
      parts[0].clock.jump(3_600_000)
      assert.equal(one.now(), was)
      parts[0].clock.advance(1_000)
      assert.equal(one.now(), was + 1_000)
      await one.set()
      assert.ok((await read()) >= one.now())
    }))

  test(`[D13] ${name}: a device's newest arrival is told to the other processes, once written, for a minute`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores)] as const
      const [one, other] = [createArrivals(parts[0]), createArrivals(parts[1])]
      const [accountId, deviceId] = [randomUUID() as AccountId, randomUUID() as DeviceId]
      const now = parts[0].clock.now()
      one.note(accountId, deviceId, now)
      assert.deepEqual(await one.exchange(), [], 'nothing of its own')
      assert.deepEqual(await other.exchange(), [{ accountId, deviceId, process: parts[0].process, at: now }])
      other.note(accountId, deviceId, now + 5)
      await other.exchange()
      one.note(accountId, deviceId, now + 2)
      assert.deepEqual(await one.exchange(), [{ accountId, deviceId, process: parts[1].process, at: now + 5 }], 'the newer one stays')
      parts[0].clock.advance(PROCESSES_BOUNDS.arrivalsKeptMs + 6)
      assert.deepEqual(await one.exchange(), [])
    }))

  test(`[O1] ${name}: arrivals that nobody asks for are kept for 5 s, at most ${PROCESSES_BOUNDS.arrivalsMax} of them`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores)] as const
      const [one, other] = [createArrivals(parts[0]), createArrivals(parts[1])]
      one.note(randomUUID() as AccountId, randomUUID() as DeviceId, parts[0].clock.now())
      parts[0].clock.advance(PROCESSES_BOUNDS.arrivalsMs)
      for (let n = 0; n <= PROCESSES_BOUNDS.arrivalsReadMax; n++) one.note(randomUUID() as AccountId, randomUUID() as DeviceId, parts[0].clock.now())
      await one.exchange()
      assert.equal((await other.exchange()).length, PROCESSES_BOUNDS.arrivalsReadMax)
      const written = await stores.sql.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM arrivals', parameters: [] })
      assert.equal(Number(written[0]?.n), PROCESSES_BOUNDS.arrivalsReadMax + 1)
    }))

  test(`[O14] ${name}: points are counted by all processes together, also by simultaneous tries, and no key is stored as it is`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores)] as const
      const limits = parts.map((each) => createSharedLimits({ ...each, secret: KEY }, 'failures'))
      const [one, other] = limits as [(typeof limits)[0], (typeof limits)[0]]
      const pass = (ms: number): void => parts.forEach(({ clock }) => clock.advance(ms))
      assert.deepEqual(await one.look('a', 3), { points: 3, windowMs: 0 })
      const spent = await Promise.all(Array.from({ length: 6 }, (_, n) => limits[n % 2]!.spend('a', 3, WINDOW_MS)))
      assert.equal(spent.filter(({ ok }) => ok).length, 3)
      pass(1_000)
      assert.deepEqual(await other.look('a', 3), { points: 0, windowMs: WINDOW_MS - 1_000 })
      assert.deepEqual(await other.spend('a', 3, WINDOW_MS), { ok: false, retryAfterMs: WINDOW_MS - 1_000 })
      assert.deepEqual(await other.spend('b', 3, WINDOW_MS), { ok: true })
      const rows = await stores.sql.read<{ key: string }>({ sql: 'SELECT key FROM limits', parameters: [] })
      assert.ok(rows.every(({ key }) => /^failures\.[\w-]{43}$/.test(key)))
      pass(WINDOW_MS - 1_000)
      assert.deepEqual(await one.look('a', 3), { points: 3, windowMs: 0 })
      assert.deepEqual(await one.spend('a', 1, WINDOW_MS), { ok: true }, 'the next window')
      await other.forget('a')
      assert.deepEqual(await one.look('a', 3), { points: 3, windowMs: 0 })
      pass(WINDOW_MS)
      await one.tidy()
      assert.equal((await stores.sql.read({ sql: 'SELECT key FROM limits', parameters: [] })).length, 0)
    }))

  test(`[O1, O14] ${name}: a kind of limits beyond its bound loses those that end first, and no other kind loses any`, () =>
    withStores(open, async (stores) => {
      const parts = createProcess(stores)
      const [failures, familiar] = (['failures', 'familiar'] as const).map((kind) => createSharedLimits({ ...parts, secret: KEY }, kind, 3))
      for (const [n, key] of ['a', 'b', 'c', 'd', 'e'].entries()) await familiar!.spend(key, 1, WINDOW_MS * (n + 2))
      for (const key of ['a', 'b', 'c']) await failures!.spend(key, 1, WINDOW_MS)
      await familiar!.tidy()
      await failures!.tidy()
      const left = async (limits: typeof familiar) =>
        (await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => limits!.look(key, 1)))).map(({ points }) => points)
      assert.deepEqual(
        [await left(familiar), await left(failures)],
        [
          [1, 1, 0, 0, 0],
          [0, 0, 0, 1, 1],
        ],
      )
      const many = Array.from({ length: PROCESSES_BOUNDS.tidyBatch + 1 }, (_, n) => ({ key: `old ${n}`, taken: 1, began_at: 1, ends_at: 2 }))
      await stores.sql.atomic([step(parts.db.insertInto('limits').values(many))])
      await familiar!.tidy()
      assert.equal((await stores.sql.read({ sql: 'SELECT key FROM limits', parameters: [] })).length, 6, 'a batch after the other')
    }))

  test(`[O14] ${name}: a window that began in the future, by a wrong clock, locks nobody out`, () =>
    withStores(open, async (stores) => {
      const parts = [createProcess(stores), createProcess(stores)] as const
      const limits = parts.map((each) => createSharedLimits({ ...each, secret: KEY }, 'failures'))
      parts[0].clock.jump(86_400_000)
      await limits[0]?.spend('a', 1, WINDOW_MS)
      assert.deepEqual(await limits[1]?.look('a', 1), { points: 1, windowMs: 0 })
      assert.deepEqual(await limits[1]?.spend('a', 1, WINDOW_MS), { ok: true })
      assert.deepEqual(await limits[1]?.look('a', 1), { points: 0, windowMs: WINDOW_MS })
    }))

  test(`[O14] ${name}: guessing through several processes gains nothing, and who signed in through one is known to all`, () =>
    withStores(open, async (stores) => {
      const guards = [1, 2].map(() => {
        const parts = { ...createProcess(stores), secret: KEY }
        const [failures, familiar] = [createSharedLimits(parts, 'failures'), createSharedLimits(parts, 'familiar')]
        return createSignInGuard({ failuresPerHandle: 4, failuresPerAddress: 8, windowMs: WINDOW_MS }, failures, familiar, () => 2)
      })
      const begin = (n: number, handle: string) => guards[n]!.begin({ handle, address: '192.0.2.1', device: null })
      const known = await begin(0, 'known')
      assert.ok(known.ok)
      await known.succeeded()
      const tries = await Promise.all([0, 0, 0, 1, 1, 1].map((n) => begin(n, 'victim')))
      assert.deepEqual(
        tries.map((each) => (each.ok ? 'ok' : each.code)),
        ['ok', 'ok', 'busy', 'ok', 'ok', 'busy'],
        'each process checks its part of the tries that are left',
      )
      for (const each of tries) if (each.ok) await each.failed()
      for (const n of [0, 1]) assert.deepEqual(await begin(n, 'victim'), { ok: false, code: 'rate-limited', retryAfterMs: GUARD_BOUNDS.slowHandleMs })
      for (const n of [0, 1, 0, 1]) {
        const each = await begin(n, `other${n}`)
        assert.ok(each.ok)
        await each.failed()
      }
      const stranger = await begin(1, 'stranger')
      assert.equal(stranger.ok, false, 'the address has used up its tries')
      assert.equal((await begin(1, 'known')).ok, true)
    }))
}
