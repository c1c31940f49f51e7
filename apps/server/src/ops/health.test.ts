import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { addHealth, type HealthSources } from './health.ts'

test('[O13, O15] a process that cannot write gets devices, because reading goes on; one that is about to stop gets none', async () => {
  const app = fastify()
  let [writable, draining] = [true, false]
  addHealth(app, {
    store: () => ({ writable, fault: null }),
    draining: () => draining,
    overload: { level: 0, queueingMs: 0 },
    clockOffMs: () => 0,
    bus: () => ({ deaf: false, others: 0 }),
  } as unknown as HealthSources)
  const statuses = async (): Promise<readonly number[]> =>
    Promise.all(['/readyz', '/servez'].map(async (path) => (await app.inject(path)).statusCode))
  assert.deepEqual(await statuses(), [200, 200])
  writable = false
  assert.deepEqual(await statuses(), [503, 200])
  draining = true
  assert.deepEqual(await statuses(), [503, 503])
})

test('[B74] another machine is told whether a process is ready, and nothing else', async () => {
  const app = fastify()
  const fault = 'no pg_hba.conf entry for host "10.0.0.7", user "bongsu"'
  addHealth(app, {
    store: () => ({ writable: false, fault, unsafe: [{ risk: 'fsync is off' }] }),
    draining: () => false,
    overload: { level: 0, queueingMs: 0 },
    clockOffMs: () => 0,
    bus: () => ({ deaf: false, others: 0 }),
  } as unknown as HealthSources)
  const told = async (remoteAddress: string, headers = {}): Promise<unknown> =>
    (await app.inject({ url: '/readyz', remoteAddress, headers })).json<unknown>()
  assert.deepEqual(((await told('127.0.0.1')) as { store: unknown }).store, { writable: false, fault, unsafe: ['fsync is off'] })
  assert.deepEqual(await told('10.0.0.9'), { status: 'not-ready' })
  assert.deepEqual(await told('::1', { 'x-forwarded-for': '10.0.0.9' }), { status: 'not-ready' })
})
