import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES } from '@bongsu/protocol'
import { createGatewayWorld, HEARTBEAT_MS, type GatewayOptions } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, messageId } from '../../../../tests/worlds/names.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { Connections, type Connected } from './connections.ts'

const { patienceMs, lookMs } = FIGURES_BOUNDS

/** A gateway that is checked once a second, as in production. */
function createWorld(options: GatewayOptions = {}) {
  const gateway = createGatewayWorld(options)
  const { clock } = gateway.world
  clock.every(lookMs, () => gateway.figures.look((troubles) => gateway.connections.tellTroubles(clock.monotonic(), troubles)))
  return {
    ...gateway,
    clock,
    sample: () => gateway.figures.sample(),
    /** Connected accounts, and ages of silent ones by slice. */
    counts: () => [gateway.figures.sample().connectedUsers, ...gateway.figures.sample().silent.map(({ agoMs, users }) => [agoMs, users])],
    device: (account: number, device?: number) => gateway.device(account, device),
    hello: (account: number, device?: number) => gateway.hello(account, device),
  }
}

test('[F2] a device that does not answer a heartbeat is silent after five seconds, since its last sign of life', async () => {
  const { device, clock, counts } = createWorld()
  const caller = await device(1)
  // Its heartbeat step is the first.
  clock.advance(HEARTBEAT_MS / GATEWAY_BOUNDS.beatSteps)
  assert.equal(caller.socket.pings, 1)
  clock.advance(patienceMs)
  assert.deepEqual(counts(), [1])
  clock.advance(lookMs)
  assert.deepEqual(counts(), [0, [6_000, 1]])
  clock.advance(HEARTBEAT_MS - patienceMs)
  assert.equal(counts()[0], 0, 'the next heartbeat does not make it well again')
  caller.connection.heard()
  clock.advance(lookMs)
  assert.deepEqual(counts(), [1])
  clock.advance(3 * HEARTBEAT_MS)
  assert.equal(caller.socket.closedWith, CLOSE_CODES.silent.code)
  const expected = Math.floor((3 * HEARTBEAT_MS + lookMs) / 2_000) * 2_000
  assert.deepEqual(counts(), [0, [expected, 1]], 'the end of the connection is no sign of life')
})

test('[F2] when several devices fall mute at once all are asked, and show it within seconds, not one heartbeat later', async () => {
  const { device, clock, counts } = createWorld({ accounts: 100 })
  const callers = []
  for (let account = 1; account <= 100; account++) callers.push(await device(account))
  for (let passedMs = 0; passedMs < 15_000; passedMs += lookMs) {
    for (const { connection } of callers.slice(30)) connection.heard()
    clock.advance(lookMs)
  }
  assert.equal(counts()[0], 70)
})

test('[F2] all are asked from 3 on and 1 % of at most 5,000, once in a heartbeat', () => {
  const { askFrom, askPart, askMax } = GATEWAY_BOUNDS
  const asked = (size: number, mute: number, passes = [0]): number => {
    const connections = new Connections(createSimulatedClock(), HEARTBEAT_MS, { connectionsMax: 10_000, hellosPerSecond: 1 })
    let asks = 0
    for (let index = 0; index < size; index++)
      connections.began({
        socket: { address: 'a' },
        tellTrouble: () => index < mute,
        ask: () => void (index === 0 && asks++),
      } as unknown as Connected)
    for (const at of passes) connections.tellTroubles(at, { silent() {}, unanswered() {} })
    return asks
  }
  assert.deepEqual([asked(100, askFrom - 1), asked(100, askFrom)], [0, 1])
  assert.deepEqual([asked(askMax, askMax * askPart - 1), asked(askMax, askMax * askPart), asked(askMax + 1, askMax)], [0, 1, 0])
  assert.deepEqual([asked(100, askFrom, [0, HEARTBEAT_MS - 1]), asked(100, askFrom, [0, HEARTBEAT_MS])], [1, 2])
})

test('[F2] a device that reads nothing is silent as long as it does not', async () => {
  const { device, clock, counts, world } = createWorld()
  const room = await world.group(1, 1, 2)
  const { socket, connection } = await device(2)
  socket.stalled = true
  await world.say(room, accountId(1))
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += lookMs) {
      clock.advance(lookMs)
      connection.heard()
    }
  }
  pass(lookMs + patienceMs)
  assert.deepEqual(counts(), [1])
  pass(lookMs)
  assert.equal(counts()[0], 0)
  socket.stalled = false
  socket.drain()
  pass(lookMs)
  assert.deepEqual(counts(), [1])
})

test('[F2] a device whose entries cannot be read from the store counts as silent until they arrive', async () => {
  const { stranger, hello, clock, counts, world } = createWorld({ early: () => true })
  const room = await world.group(1, 1, 2)
  const { socket, say, connection } = stranger()
  say(await hello(2))
  await until('the device to catch up', () => (world.held.release(0), socket.of('caught-up').length === 1))
  // Without the entry in the hint, it must be read.
  world.bus.direct = false
  await world.say(room, accountId(1))
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 2 })
  await settle()
  clock.advance(lookMs)
  connection.heard()
  clock.advance(patienceMs)
  connection.heard()
  assert.deepEqual(counts(), [1])
  clock.advance(lookMs)
  assert.equal(counts()[0], 0)
  world.held.free()
  await until('the entry', () => socket.of('entries').length === 1)
  connection.heard()
  clock.advance(lookMs)
  assert.deepEqual(counts(), [1])
})

test('[F2] a broken connection is a loss, a farewell is not, and the counts say so', async () => {
  const { device, clock, sample, counts, connections } = createWorld()
  const [first, second, third] = [await device(1), await device(2), await device(3)]
  assert.deepEqual([...counts(), sample().connections], [3, 3])
  first.connection.closed(1_006)
  second.connection.closed(1_001)
  connections.revoked(third.connection.deviceId!)
  assert.deepEqual([...counts(), sample().connections], [0, [0, 1], 0])
  clock.advance(patienceMs)
  assert.deepEqual(counts(), [0, [4_000, 1]])
  await device(1)
  assert.deepEqual([...counts(), sample().reconnects], [1, 1])
})

test('[F2] a device told its turn, or lost while waiting, counts as missing; one without a valid token does not count', async () => {
  const { stranger, hello, clock, sample, counts, device } = createWorld({ hellosPerSecond: 16, accounts: 9 })
  await device(1)
  const held = [2, 3, 4, 5, 6].map(() => stranger())
  for (const [index, caller] of held.entries()) {
    caller.say(await hello(index + 2))
    await settle()
  }
  assert.deepEqual(counts(), [1], 'whoever still waits is neither here nor missed')
  const [told, nobody] = [stranger(), stranger()]
  told.say(await hello(7))
  nobody.say({ ...(await hello(8)), token: 'forged' })
  await settle()
  assert.equal(told.socket.closedWith, CLOSE_CODES.unavailable.code)
  assert.equal(nobody.socket.closedWith, CLOSE_CODES.signedOut.code)
  held[2]?.connection.closed(1_006)
  held[3]?.connection.closed(1_001)
  assert.deepEqual([...counts(), sample().refusedBusy, sample().failedUsers], [1, [0, 2], 1, 1])
  clock.advance(patienceMs + 1)
  await settle()
  assert.deepEqual([...counts(), sample().failedUsers], [4, [4_000, 2], 1], 'three of those held have come in meanwhile')
})

test('[F2, F3] accepted and deferred messages are counted, those of canaries are not', async () => {
  let sheds = false
  const { device, world, sample, counts } = createWorld({ canaries: [2], sheds: (work) => sheds && work === 'send' })
  const room = await world.group(1, 1, 2)
  const [person, canary] = [await device(1), await device(2)]
  assert.equal(sample().connections, 1)
  for (const [n, caller] of [person, canary].entries()) {
    caller.say({ t: 'send', id: messageId(n + 100), conversationId: room, body: { kind: 'text', text: '안녕' } })
    await until('the answer', () => caller.socket.of('accepted').length === 1)
  }
  assert.deepEqual([sample().accepted, sample().failedUsers], [1, 0])
  sheds = true
  for (const [n, caller] of [person, canary].entries())
    caller.say({ t: 'send', id: messageId(n + 200), conversationId: room, body: { kind: 'text', text: '안녕' } })
  assert.deepEqual([sample().refusedBusy, sample().failedUsers], [1, 1])
  sheds = false
  person.say({ t: 'send', id: messageId(300), conversationId: room, body: { kind: 'text', text: '안녕' } })
  await until('the answer', () => person.socket.of('accepted').length === 2)
  assert.deepEqual([sample().accepted, sample().failedUsers], [2, 0], 'served since')
  canary.connection.closed(1_006)
  assert.deepEqual(counts(), [1])
})

test('[F2] an account has been failed when its message waits for more than five seconds, until it is served', async () => {
  const { device, world, clock, sample, appends } = createWorld({ holdAppends: true })
  const room = await world.group(1, 1, 2)
  const { say, socket } = await device(1)
  say({ t: 'send', id: messageId(1), conversationId: room, body: { kind: 'text', text: '안녕' } })
  clock.advance(patienceMs)
  assert.equal(sample().failedUsers, 0)
  clock.advance(lookMs)
  assert.equal(sample().failedUsers, 1)
  appends.free()
  await until('the answer', () => socket.of('accepted').length === 1)
  clock.advance(lookMs)
  assert.equal(sample().failedUsers, 0)
})

test('[F2] an account has been failed when its hello waits for more than five seconds, until it is welcomed', async () => {
  const { stranger, hello, clock, sample, world } = createWorld({ early: () => false })
  const { say, socket } = stranger()
  say(await hello(1))
  await settle()
  clock.advance(patienceMs)
  assert.equal(sample().failedUsers, 0)
  clock.advance(lookMs)
  assert.equal(sample().failedUsers, 1)
  world.held.free()
  await until('the welcome', () => socket.of('welcome').length === 1)
  clock.advance(lookMs)
  assert.equal(sample().failedUsers, 0)
})
