import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ConversationId } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { createQuotas, QUOTA_BOUNDS, type Quotas } from './quotas.ts'

const [one, other] = ['one', 'other'] as [AccountId, AccountId]
const [room, elsewhere] = ['room', 'elsewhere'] as [ConversationId, ConversationId]
const BYTES = 1_000_000

function make() {
  const clock = createSimulatedClock()
  const limits = createMemoryLimits(clock)
  const disk = { isShort: false }
  const create = (): Quotas =>
    createQuotas({
      clock,
      limits,
      bytesPerHour: BYTES,
      isDiskShort: () => disk.isShort,
      failed(cause) {
        throw cause
      },
    })
  return { clock, disk, create, quotas: create() }
}

/** Writes until it is refused. @returns the bytes that were taken. */
async function fill(quotas: readonly Quotas[], accountId: AccountId, into = room, bytes = 5_000, most = 100 * BYTES): Promise<number> {
  for (let taken = 0, n = 0; ; taken += bytes + QUOTA_BOUNDS.entryBytes, n++) {
    if (taken >= most || quotas[n % quotas.length]?.write(accountId, into, bytes) !== null) return taken
    await Promise.resolve()
    await Promise.resolve()
  }
}

const near = (bytes: number, wanted: number): void => assert.ok(bytes >= 0.95 * wanted && bytes <= 1.1 * wanted, `${bytes} bytes of ${wanted}`)

test('[B23] one account writes so many bytes in an hour, with all devices and through all processes; others go on', async () => {
  const { clock, create, quotas } = make()
  const others = [create(), create()]
  let taken = await fill([quotas, ...others], one)
  // A process that has not counted a whole part since learns of it with its next one.
  for (const each of [quotas, ...others]) taken += await fill([each], one)
  near(taken, BYTES)
  const refusal = quotas.write(one, elsewhere, 1)
  assert.deepEqual([refusal?.code, refusal?.limit], ['rate-limited', 'textBytesPerHourMax'])
  assert.ok((refusal?.retryAfterMs ?? 0) > 0 && (refusal?.retryAfterMs ?? Infinity) <= QUOTA_BOUNDS.windowMs)
  assert.equal(quotas.write(other, room, 5_000), null)
  clock.advance(QUOTA_BOUNDS.windowMs)
  assert.equal(quotas.write(one, room, 5_000), null)
})

test('[B23] many accounts together fill no conversation beyond its bound, and write elsewhere', async () => {
  const { quotas } = make()
  let taken = 0
  for (let n = 0; n < 20; n++) taken += await fill([quotas], `account${n}` as AccountId, room, 5_000, 0.8 * BYTES)
  near(taken, BYTES * QUOTA_BOUNDS.accountsPerRoom)
  assert.equal(quotas.write(other, room, 1)?.limit, 'roomBytesPerHourMax')
  assert.equal(quotas.write(other, elsewhere, 1), null)
})

test('[B23] short texts count with what is stored besides them', async () => {
  const { quotas } = make()
  near(await fill([quotas], one, room, 0), BYTES)
})

test('[B23] one account makes so many conversations in an hour, also at the same moment, and those that came to nothing do not count', async () => {
  const { clock, quotas } = make()
  const max = LIMITS.conversationsPerHourMax
  const all = await Promise.all(Array.from({ length: max + 1 }, () => quotas.begin(one, 1, 0)))
  assert.equal(all.filter(({ ok }) => ok).length, max)
  for (const each of all) if (each.ok) await each.end(0, 0)
  for (let n = 0; n < max; n++) {
    const each = await quotas.begin(one, 1, 0)
    assert.ok(each.ok)
    await each.end(1, 0)
  }
  assert.deepEqual(await quotas.begin(one, 1, 0), {
    ok: false,
    code: 'rate-limited',
    retryAfterMs: QUOTA_BOUNDS.windowMs,
    limit: 'conversationsPerHourMax',
  })
  assert.equal((await quotas.begin(one, 0, 1)).ok, true, 'it may still invite')
  assert.equal((await quotas.begin(other, 1, 0)).ok, true)
  clock.advance(QUOTA_BOUNDS.windowMs)
  assert.equal((await quotas.begin(one, 1, 0)).ok, true)
})

test('[B23] one account puts so many people into conversations in an hour', async () => {
  const { quotas } = make()
  const most = LIMITS.joinsPerHourMax
  const begun = await quotas.begin(one, 0, most)
  assert.ok(begun.ok)
  await begun.end(0, most - 1)
  assert.equal((await quotas.begin(one, 0, 2)).ok, false)
  const last = await quotas.begin(one, 1, 1)
  assert.ok(last.ok)
  await last.end(1, 1)
  const refused = await quotas.begin(one, 1, 1)
  assert.equal(!refused.ok && refused.limit, 'joinsPerHourMax')
  assert.equal((await quotas.begin(one, 1, 0)).ok, true)
})

test('[B25] on the reserve of the disk nothing new is made, and people write on, each a tenth as much', async () => {
  const { disk, quotas } = make()
  disk.isShort = true
  const refused = { ok: false, code: 'unavailable', retryAfterMs: QUOTA_BOUNDS.shortRetryMs }
  assert.deepEqual([await quotas.begin(one, 1, 0), quotas.short()], [refused, refused])
  near(await fill([quotas], one, room, 500), BYTES / QUOTA_BOUNDS.shortFactor)
  assert.equal(quotas.write(other, room, 500), null)
  disk.isShort = false
  assert.deepEqual([(await quotas.begin(other, 1, 0)).ok, quotas.short()], [true, null])
})

test('[B64] one account makes so many reports in an hour, with all its devices and through all processes, and none on a short disk', async () => {
  const { clock, disk, create, quotas } = make()
  const processes = [quotas, create()]
  for (let n = 0; n < LIMITS.reportsPerHourMax; n++) assert.equal(await processes[n % 2]?.report(one), null)
  const refusal = await quotas.report(one)
  assert.deepEqual([refusal?.code, refusal?.limit], ['rate-limited', 'reportsPerHourMax'])
  assert.equal(await quotas.report(other), null)
  clock.advance(QUOTA_BOUNDS.windowMs)
  assert.equal(await quotas.report(one), null)
  disk.isShort = true
  assert.equal((await quotas.report(other))?.code, 'unavailable')
})
