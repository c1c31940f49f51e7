import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createApi } from '@bongsu/client'
import type { ConversationId } from '@bongsu/protocol'
import { judge } from '../../apps/server/src/conformance/checker.ts'
import { startPostgres } from '../contract/postgres-server.ts'
import { startBalancer, type Balancer } from './balancer.ts'
import { holdingsInStore, holdingsOnScreen } from './holdings.ts'
import { startNatsServer, type NatsServer } from './nats-server.ts'
import { createScribe, startChatter, type Scribe } from './scribe.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { makeTown, type Town } from './town.ts'
import { waitFor } from './wait-for.ts'

interface Cluster {
  readonly nats: NatsServer
  readonly servers: readonly [ServerProcess, ServerProcess]
  readonly balancer: Balancer
}

async function startCluster(t: TestContext): Promise<Cluster> {
  const [postgres, nats] = await Promise.all([startPostgres(), startNatsServer(t)])
  t.after(() => postgres.remove())
  const env = { BONGSU_DATABASE: await postgres.makeDatabase(), BONGSU_NATS: nats.url, BONGSU_HEARTBEAT_MS: '5000' }
  const first = await startServerProcess(t, { env })
  const second = await startServerProcess(t, { env })
  const balancer = await startBalancer(t, [first.port, second.port])
  for (const server of [first, second]) {
    await waitFor('the processes to know of each other', async () => {
      const { bus } = (await server.ready()).body as { bus: { deaf: boolean; others: number } }
      return bus.others === 1 && !bus.deaf
    })
  }
  return { nats, servers: [first, second], balancer }
}

/** Everything written has been accepted and has come to every device. */
async function untilAtRest(town: Town): Promise<void> {
  const cursors = (): readonly string[] =>
    town.rooms.map((room) => [...new Set(town.devices.flatMap(({ handle }) => handle.view().replica.rooms.get(room)?.cursor ?? []))].join())
  await waitFor(
    () => `rest; outboxes ${town.devices.map(({ handle }) => handle.view().outbox.length).join()}; heads ${cursors().join(' ')}`,
    () =>
      town.devices.every(({ handle }) => handle.view().outbox.length === 0 && handle.view().connection.state === 'live') &&
      cursors().every((all) => !all.includes(',')),
    { withinMs: 30_000 },
  )
}

async function assertSound(town: Town, scribe: Scribe): Promise<void> {
  const screens = await Promise.all(town.devices.map(holdingsOnScreen))
  const stores = await Promise.all(town.devices.map(holdingsInStore))
  assert.deepEqual(judge({ ledger: scribe.ledger(), holdings: [...screens, ...stores].flat(), marks: scribe.marks(), rest: 'accepted' }), [])
}

const isSpread = ({ balancer }: Cluster, least: number): boolean => balancer.connections().every((count) => count >= least)

test('[D8, D12, M5, R3, R4, O15] people on two processes talk, one is killed and one is stopped: nothing is lost, and marks and unread numbers agree', async (t) => {
  const cluster = await startCluster(t)
  const { servers, balancer } = cluster
  const [first, second] = servers
  const town = await makeTown(t, { url: balancer.url, firstAdminCode: second.firstAdminCode })
  assert.ok(isSpread(cluster, 4), balancer.connections().join())
  const scribe = createScribe(town.devices)
  // Numbers and marks, across the processes.
  const [room] = town.rooms as [ConversationId]
  const inRoom = town.devices.filter(({ handle }) => handle.view().replica.rooms.has(room))
  for (const { handle } of inRoom) handle.watch({ conversationId: room, from: 1, to: null })
  await scribe.write(inRoom[0]!, room, '읽어 주세요')
  await untilAtRest(town)
  const head = inRoom[0]!.handle.view().replica.rooms.get(room)!.cursor
  for (const { handle } of inRoom.filter((_, n) => n % 2 === 0)) handle.markRead(room, head)
  await waitFor('every device to know that its person has read', () =>
    inRoom.every(({ handle }) => handle.view().replica.rooms.get(room)!.readSeq === head),
  )
  await waitFor(
    () => `the unread number to be 0; it is ${inRoom.map(({ handle }) => handle.view().replica.rooms.get(room)!.unread.get(head)).join()}`,
    () => inRoom.every(({ handle }) => handle.view().replica.rooms.get(room)!.unread.get(head) === 0),
    { withinMs: 15_000 },
  )

  const chatter = startChatter(scribe, town.devices, Math.random, 400)
  await pause(1_500)

  await second.kill()
  await pause(1_500)
  await second.start()
  await waitFor('all to be live again', () => town.devices.every(({ handle }) => handle.view().connection.state === 'live'))

  const codes = town.devices.map(({ tap }) => tap.closed.length)
  const offline = new Set<string>()
  const watching = setInterval(() => {
    for (const { name, handle } of town.devices) if (handle.view().connection.state === 'waiting') offline.add(name)
  }, 5)
  await waitFor('the first to know of the second', async () => ((await first.ready()).body as { bus: { others: number } }).bus.others === 1)
  first.signal('SIGTERM')
  assert.deepEqual(await first.exited, { code: 0, signal: null }, first.said)
  clearInterval(watching)
  assert.deepEqual([...offline], [], 'every device had its next connection before the present one ended')
  assert.ok(
    town.devices.some(({ tap }, n) => tap.closed.length > codes[n]!),
    'devices were moved',
  )
  await chatter.stop()
  await untilAtRest(town)

  assert.ok(scribe.count > 100)
  t.diagnostic(`${scribe.count} messages; connections ${balancer.connections().join(' and ')}`)
  await assertSound(town, scribe)
})

test('[D13, O14] without NATS people on two processes talk on, and wrong passwords count together', async (t) => {
  const cluster = await startCluster(t)
  const { nats, servers, balancer } = cluster
  const town = await makeTown(t, { url: balancer.url, firstAdminCode: servers[1].firstAdminCode })
  const scribe = createScribe(town.devices)
  await nats.kill()
  for (const server of servers)
    await waitFor('the health to tell it', async () => {
      const { status, body } = await server.ready()
      return status === 200 && (body as { bus: { deaf: boolean } }).bus.deaf
    })
  const chatter = startChatter(scribe, town.devices, Math.random, 300)
  await pause(2_500)
  await chatter.stop()
  await untilAtRest(town)
  const codes: string[] = []
  // The address is known by its people: it has ten failures of its own, and then shares ten with strangers [B20].
  for (let tries = 0; tries < 22; tries++) {
    const stranger = createApi({ baseUrl: servers[tries % 2]!.url, token: () => null })
    const answer = await stranger.call('signIn', { body: { handle: 'person7', password: 'wrong wrong wrong', deviceName: '남의 기기' } })
    codes.push(answer.ok ? 'ok' : answer.refusal.code)
  }
  assert.deepEqual(codes, [...Array.from({ length: 20 }, () => 'sign-in-failed'), 'rate-limited', 'rate-limited'])
  await assertSound(town, scribe)
})

test('[D13] two processes that were given no NATS servers know of each other and tell it', async (t) => {
  const postgres = await startPostgres()
  t.after(() => postgres.remove())
  const env = { BONGSU_DATABASE: await postgres.makeDatabase() }
  const bus = async (server: ServerProcess): Promise<string> => JSON.stringify(((await server.ready()).body as { bus: object }).bus)
  const first = await startServerProcess(t, { env })
  assert.equal(await bus(first), '{"deaf":false,"others":0}')
  const second = await startServerProcess(t, { env })
  for (const server of [first, second]) await waitFor('both to be deaf', async () => (await bus(server)) === '{"deaf":true,"others":1}')
})
