import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DOCTOR_BOUNDS } from '../../apps/server/src/doctor/bounds.ts'
import { postgresCheck } from '../../apps/server/src/doctor/postgres.ts'
import { binFolder, startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { diagnose, troubles } from './doctor.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

// Real servers with real wrong settings.

const check = postgresCheck(150_000)
let primary: PostgresServer
const standbys: PostgresServer[] = []

before(async () => {
  primary = await startPostgres({ fsync: 'off', full_page_writes: 'off', synchronous_commit: 'local' })
})
after(async () => {
  for (const server of [...standbys, primary]) await server.remove()
})

const address = (server: PostgresServer): string => server.url('postgres')

async function sees(expected: readonly string[], part: { readonly database?: string; readonly standbys?: readonly string[] } = {}): Promise<void> {
  assert.deepEqual(troubles(await diagnose(check, { database: address(primary), ...part })), expected)
}

async function addStandby(name: string): Promise<PostgresServer> {
  const standby = await startPostgres({ cluster_name: name }, primary)
  standbys.push(standby)
  await untilConfirming(name, 1)
  return standby
}

/** So many standbys of that name confirm commits. */
async function untilConfirming(name: string, count: number): Promise<void> {
  await waitFor(`${count} standbys to confirm commits`, async () => {
    const asked = `SELECT 1 FROM pg_stat_replication WHERE sync_state = 'quorum' AND application_name = '${name}'`
    return (await primary.run(address(primary), asked)).length === count
  })
}

test('[O17] a PostgreSQL that loses data says so, setting by setting', async () => {
  const findings = await diagnose(check, { database: address(primary) })
  assert.deepEqual(troubles(findings), [
    'fault postgres/fsync',
    'fault postgres/full_page_writes',
    'fault postgres/synchronous_commit',
    'fault postgres/synchronous_standby_names',
    'warning postgres/data_checksums',
  ])
  for (const { level, risk, todo } of findings.values()) assert.equal(risk !== '' && todo !== '', level !== 'good')
  assert.deepEqual(troubles(await diagnose(postgresCheck(990_000), { database: address(primary) })).slice(-2), [
    'fault postgres/version',
    'warning postgres/data_checksums',
  ])
})

test('[O17] a standby that should confirm commits, and is not attached, is a fault', async () => {
  await primary.stop()
  const { uid, gid } = statSync(primary.folder)
  const enabled = spawnSync(join(binFolder(), 'pg_checksums'), ['--enable', '-D', join(primary.folder, 'data')], { uid, gid, encoding: 'utf8' })
  assert.equal(enabled.status, 0, enabled.stderr)
  await primary.start({ fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', synchronous_standby_names: 'ANY 1 (seoul, busan)' })
  await sees(['fault postgres/restart_after_crash', 'fault postgres/standby'])
})

test('[O17] with one standby of one, the next failure would stop all writes', async () => {
  await primary.stop()
  await primary.start({ restart_after_crash: 'off' })
  await addStandby('seoul')
  await sees(['warning postgres/standby'])
})

test('[O17] a cluster as it should be has no finding, and two standbys with one name are found', async () => {
  const busan = await addStandby('busan')
  await sees([], { standbys: standbys.map(address) })
  await busan.stop()
  await busan.start({ cluster_name: 'seoul', fsync: 'off' })
  await untilConfirming('seoul', 2)
  await sees(['fault postgres/names', 'fault standby-2/fsync'], { standbys: standbys.map(address) })
})

test('[O17] a replica given as the primary is a fault, and a primary given as a standby', async () => {
  await sees(['fault postgres/role', 'fault standby-1/role'], { database: address(standbys[0]!), standbys: [address(primary)] })
})

test('[O17] what a role or a database sets for itself counts, and what a role may not see is told', async () => {
  await primary.run(address(primary), 'CREATE ROLE poor LOGIN')
  await primary.run(address(primary), 'ALTER ROLE poor SET synchronous_commit = remote_write')
  const database = address(primary).replace('//bongsu@', '//poor@')
  await sees(['fault postgres/names', 'fault postgres/synchronous_commit', 'warning postgres/standby'], { database })
  await primary.run(address(primary), 'ALTER ROLE poor SET synchronous_commit = remote_apply')
  await primary.run(address(primary), 'GRANT pg_read_all_stats TO poor')
  await sees(['fault postgres/names'], { database })
})

test('[O17] a minute between two clocks is a fault', async () => {
  const off = async (ms: number) => (await diagnose(check, { database: address(primary), now: () => Date.now() + ms })).get('postgres/clock')
  for (const sign of [1, -1]) {
    assert.equal((await off(sign * (DOCTOR_BOUNDS.clocksApartMs - 5_000)))?.level, 'good')
    assert.equal((await off(sign * (DOCTOR_BOUNDS.clocksApartMs + 5_000)))?.level, 'fault')
  }
})

test('[O17] servers that do not answer are faults', async () => {
  const database = `postgres://bongsu@127.0.0.1:${await freePort()}/postgres`
  await sees(['fault postgres/reached', 'fault standby-1/reached'], { database, standbys: [database] })
})
