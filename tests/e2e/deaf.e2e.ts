import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { CLOSE_CODES, type ConversationId } from '@bongsu/protocol'
import { NatsBus } from '../../apps/server/src/adapters/nats/bus.ts'
import { systemClock } from '../../apps/server/src/adapters/system/clock.ts'
import { systemRandom } from '../../apps/server/src/adapters/system/random.ts'
import type { Clock } from '../../apps/server/src/ops/clock.ts'
import { createArrivals } from '../../apps/server/src/processes/arrivals.ts'
import { createWatchedBus } from '../../apps/server/src/processes/watched-bus.ts'
import { openAccountsWorld } from '../worlds/accounts-world.ts'
import { createGatewayWorld, type Caller, type GatewayWorld } from '../worlds/gateway-world.ts'
import { deviceId, messageId } from '../worlds/names.ts'
import { startNatsServer } from './nats-server.ts'
import { waitFor } from './wait-for.ts'

const PEOPLE = 6
const TICK_MS = 10

interface Pair {
  /** Two server processes on one store, with a real NATS server between them. */
  readonly processes: readonly [GatewayWorld, GatewayWorld]
  readonly isDeaf: () => readonly boolean[]
  readonly isDeafForLong: () => readonly boolean[]
}

/** The processes are kernels in this process. Their simulated time follows the real one. */
async function startPair(t: TestContext, servers: readonly string[]): Promise<Pair> {
  const { sql, db } = await openAccountsWorld(t)
  const buses = [1, 2].map((n) => {
    const bus = new NatsBus({ servers, credentials: null, name: `test ${n}`, clock: systemClock, random: systemRandom, failed() {} })
    t.after(() => bus.close())
    return bus
  })
  const names = [deviceId(1_001), deviceId(1_002)]
  const watched = buses.map((bus, n) => {
    const living = new Set(names.filter((_, other) => other !== n))
    const each = createWatchedBus({ bus, clock: systemClock, process: names[n]!, living: () => living })
    t.after(() => each.stop())
    return each
  })
  const clock: Clock = { ...systemClock, now: () => first.world.clock.now(), monotonic: () => first.world.clock.monotonic() }
  const make = (n: number, beside?: GatewayWorld): GatewayWorld =>
    createGatewayWorld({
      accounts: PEOPLE,
      ...(beside === undefined ? {} : { beside }),
      bus: watched[n]!,
      process: names[n]!,
      arrivals: createArrivals({ sql, db, clock, process: names[n]! }),
    })
  const first = make(0)
  const pair: Pair = {
    processes: [first, make(1, first)],
    isDeaf: () => watched.map((each) => each.isDeaf()),
    isDeafForLong: () => watched.map((each) => each.isDeafForLong()),
  }
  let last = performance.now()
  const timer = setInterval(() => {
    const passedMs = Math.floor(performance.now() - last)
    last += passedMs
    first.world.clock.advance(passedMs)
  }, TICK_MS)
  t.after(() => clearInterval(timer))
  await waitFor('both processes to hear', () => pair.isDeaf().every((deaf) => !deaf))
  return pair
}

let said = 0

/** One person writes, and another person's device, at the other process, gets it. @returns how long that took, in ms. */
async function talk(room: ConversationId, from: Caller, to: Caller): Promise<{ readonly acceptedMs: number; readonly arrivedMs: number }> {
  const id = messageId(++said)
  const startedAt = performance.now()
  from.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: `${said}` } })
  await waitFor('the answer', () => from.socket.of('accepted').some((frame) => frame.id === id), { everyMs: 2 })
  const acceptedMs = performance.now() - startedAt
  await waitFor('the message', () => to.socket.of('entries').some((frame) => frame.entries.some((entry) => entry.id === id)), {
    everyMs: 2,
    withinMs: 20_000,
  })
  return { acceptedMs, arrivedMs: performance.now() - startedAt }
}

test('[D13] while NATS is gone, messages between processes arrive within two seconds and sending is as before; it is quick again afterwards', async (t) => {
  const server = await startNatsServer(t)
  const { processes, isDeaf } = await startPair(t, [server.url])
  const [here] = processes
  const room = await here.world.group(1, 1, 2, 3, 4, 5, 6)
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => processes[n % 2]!.device(n + 1)))
  const times: { acceptedMs: number; arrivedMs: number; when: string }[] = []
  let when = 'before'
  const ending = new AbortController()
  const chats = [0, 2, 4].map(async (n) => {
    for (let turn = 0; !ending.signal.aborted; turn++) {
      const [from, to] = [people[n + (turn % 2)]!, people[n + 1 - (turn % 2)]!]
      times.push({ ...(await talk(room, from, to)), when })
      await pause(40)
    }
  })
  const of = (name: string) => times.filter((each) => each.when === name)
  await waitFor('talk before', () => of('before').length > 30)
  await server.kill()
  when = 'without NATS'
  await waitFor('talk without NATS', () => of('without NATS').length > 30, { withinMs: 60_000 })
  assert.deepEqual(isDeaf(), [true, true])
  await server.start()
  await waitFor('both to hear again', () => isDeaf().every((deaf) => !deaf))
  when = 'afterwards'
  await waitFor('talk afterwards', () => of('afterwards').length > 60)
  ending.abort()
  await Promise.all(chats)
  const worst = (all: readonly number[], share = 1): number => all.toSorted((one, other) => one - other)[Math.ceil(all.length * share) - 1] ?? 0
  const figures = ['before', 'without NATS', 'afterwards'].map((name) => ({
    when: name,
    messages: of(name).length,
    acceptedMsMax: Math.round(worst(of(name).map(({ acceptedMs }) => acceptedMs))),
    arrivedMsP50: Math.round(
      worst(
        of(name).map(({ arrivedMs }) => arrivedMs),
        0.5,
      ),
    ),
    arrivedMsP99: Math.round(
      worst(
        of(name).map(({ arrivedMs }) => arrivedMs),
        0.99,
      ),
    ),
  }))
  t.diagnostic(JSON.stringify(figures))
  assert.ok(figures[1]!.arrivedMsP99 <= 2_000, JSON.stringify(figures))
  // Only hints are quicker than a look into the store.
  assert.ok(figures[0]!.arrivedMsP50 < 350 && figures[2]!.arrivedMsP50 < 350, JSON.stringify(figures))
  for (const person of people) {
    const seqs = person.socket.of('entries').flatMap((frame) => frame.entries.map((entry) => entry.seq))
    assert.deepEqual(
      seqs,
      [...new Set(seqs)].toSorted((one, other) => one - other),
      'in order, each once',
    )
  }
})

test('[D13] a bus that is silently deaf is found out, and account logs, revocations and devices that moved arrive without it', async (t) => {
  const server = await startNatsServer(t)
  const { processes, isDeafForLong } = await startPair(t, [server.url])
  const [here, there] = processes
  await here.world.group(1, 1, 2)
  const [staying, moving, gone] = [await there.device(1), await here.device(2), await there.device(3)]
  // The way between NATS servers breaks: each process is connected, and neither hears the other.
  server.signal('SIGSTOP')
  await waitFor('both to be deaf for long', () => isDeafForLong().every((deaf) => deaf))
  const moved = await there.device(2)
  await waitFor('the earlier connection to be closed', () => moving.socket.closedWith === CLOSE_CODES.superseded.code)
  assert.equal(moved.socket.closedWith, null)
  there.revokedBefore.add(deviceId(3))
  await waitFor('the revoked device to be closed', () => gone.socket.closedWith === CLOSE_CODES.revoked.code)
  const before = staying.socket.of('account').length
  await here.world.group(2, 2, 1)
  await waitFor('the membership', () => staying.socket.of('account').length > before)
  server.signal('SIGCONT')
})

test('[F2] a device that lost its connection here and came back to another process is not missed here', async (t) => {
  const server = await startNatsServer(t)
  const { processes } = await startPair(t, [server.url])
  const [here, there] = processes
  await here.world.group(1, 1, 2)
  const first = await here.device(1)
  first.connection.closed(1_006)
  assert.equal(here.figures.sample().silent.length, 1)
  await there.device(1)
  await waitFor('it not to be missed', () => here.figures.sample().silent.length === 0)
  assert.equal(there.figures.sample().connectedUsers, 1)
})

test('[D14] a hint that says a device was revoked closes nothing when the store does not say so', async (t) => {
  const server = await startNatsServer(t)
  const { processes } = await startPair(t, [server.url])
  const [here, there] = processes
  await here.world.group(1, 1, 2)
  const [person, other] = [await there.device(1), await there.device(2)]
  there.revokedBefore.add(deviceId(2))
  for (const n of [1, 2]) here.kernel.announce.revoked(deviceId(n))
  await waitFor('the revoked one to be closed', () => other.socket.closedWith === CLOSE_CODES.revoked.code)
  assert.equal(person.socket.closedWith, null)
  assert.equal(there.kernel.isRevoked(deviceId(1)), false)
})
