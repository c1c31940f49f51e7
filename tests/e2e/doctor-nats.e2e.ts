import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { natsCheck } from '../../apps/server/src/doctor/nats.ts'
import { diagnose, troubles } from './doctor.ts'
import { freePort } from './free-port.ts'
import { startNatsServer, type NatsServer } from './nats-server.ts'
import { waitFor } from './wait-for.ts'

/** Three servers of one cluster. */
async function startCluster(t: TestContext): Promise<readonly NatsServer[]> {
  const seed = await freePort()
  const ports = [seed, await freePort(), await freePort()]
  const start = (port: number, index: number): Promise<NatsServer> =>
    startNatsServer(t, [
      `--name=nats-${index + 1}`,
      '--cluster_name=bongsu',
      `--cluster=nats://127.0.0.1:${port}`,
      `--routes=nats://127.0.0.1:${seed}`,
    ])
  return Promise.all(ports.map(start))
}

/** The same server, which says that it has another version. */
async function asOlder(t: TestContext, server: NatsServer): Promise<string> {
  const between = createServer((socket) => {
    const real = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.pipe(real)
    real.on('data', (data) => socket.write(data.toString('latin1').replace(/"version":"[^"]+"/, '"version":"2.0.0"'), 'latin1'))
    for (const one of [socket, real]) one.on('error', () => undefined).on('close', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  t.after(() => between.close())
  await once(between, 'listening')
  return `nats://127.0.0.1:${(between.address() as AddressInfo).port}`
}

const addresses = (servers: readonly NatsServer[]): readonly string[] => servers.map(({ url }) => url)

async function sees(nats: readonly string[], expected: readonly string[], natsCredentials: string | null = null): Promise<void> {
  assert.deepEqual(troubles(await diagnose(natsCheck, { nats, natsCredentials })), expected)
}

test('[O17] a NATS cluster of three is fine; two of them, and one that is gone, are told', async (t) => {
  const servers = await startCluster(t)
  await waitFor('the three to find each other', async () => troubles(await diagnose(natsCheck, { nats: addresses(servers) })).length === 0)
  // One server twice is one server.
  await sees([...addresses(servers.slice(0, 2)), servers[0]!.url], ['warning nats/size'])
  const older = await asOlder(t, servers[2]!)
  await sees([...addresses(servers.slice(0, 2)), older], ['warning nats/versions'])
  await servers[2]!.kill()
  await sees(addresses(servers), ['warning nats/reached', 'warning nats/size'])
})

test('[O17] NATS servers that do not hear each other, or have one name, are told', async (t) => {
  const servers = await Promise.all(['one', 'one', 'other'].map((name) => startNatsServer(t, ['--name', name])))
  await sees(addresses(servers), ['warning nats/cluster', 'warning nats/names'])
})

test('[O17] a wrong secret for NATS is told; the right one is used', async (t) => {
  const server = await startNatsServer(t, ['--user', 'bongsu', '--pass', 'a:b'])
  await sees([server.url], ['warning nats/reached', 'warning nats/size'])
  await sees([server.url], ['warning nats/size'], 'bongsu:a:b')
  const token = await startNatsServer(t, ['--auth', 'secret'])
  await sees([token.url], ['warning nats/size'], 'secret')
})
