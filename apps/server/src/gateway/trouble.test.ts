import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES } from '@bongsu/protocol'
import { createGatewayWorld, HEARTBEAT_MS, type GatewayOptions } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, messageId } from '../../../../tests/worlds/names.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const { patienceMs, lookMs } = FIGURES_BOUNDS

/** A gateway that is checked once a second, as in production. */
function createWorld(options: GatewayOptions = {}) {
  const gateway = createGatewayWorld(options)
  const { clock } = gateway.world
  clock.every(lookMs, () => gateway.figures.look((tell) => gateway.connections.tellTroubles(clock.monotonic(), tell)))
  return {
    ...gateway,
    clock,
    sample: () => gateway.figures.sample(),
    device: (account: number, device?: number) => gateway.device(account, device),
    hello: (account: number, device?: number) => gateway.hello(account, device),
  }
}

test('[F2] a device that does not answer a heartbeat is late after five seconds, until it answers or is cut', async () => {
  const { device, clock, sample } = createWorld()
  const caller = await device(1)
  // Its heartbeat step is the first.
  clock.advance(HEARTBEAT_MS / GATEWAY_BOUNDS.beatSteps)
  assert.equal(caller.socket.pings, 1)
  clock.advance(patienceMs)
  assert.equal(sample().lateUsers, 0)
  clock.advance(lookMs)
  assert.deepEqual([sample().lateUsers, sample().affectedUsers, sample().activeUsers], [1, 1, 1])
  clock.advance(HEARTBEAT_MS - patienceMs)
  assert.equal(sample().lateUsers, 1, 'the next heartbeat does not make it well again')
  caller.connection.heard()
  clock.advance(lookMs)
  assert.equal(sample().lateUsers, 0)
  clock.advance(3 * HEARTBEAT_MS)
  assert.equal(caller.socket.closedWith, CLOSE_CODES.silent.code)
  assert.deepEqual([sample().lateUsers, sample().cutUsers, sample().activeUsers], [0, 1, 1])
})

test('[F2] a device that reads nothing is late as long as it does not', async () => {
  const { device, clock, sample, world } = createWorld()
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
  assert.equal(sample().lateUsers, 0)
  pass(lookMs)
  assert.equal(sample().lateUsers, 1)
  socket.stalled = false
  socket.drain()
  pass(lookMs)
  assert.equal(sample().lateUsers, 0)
})

test('[F2] a device whose entries cannot be read from the store is late until they arrive', async () => {
  const { stranger, hello, clock, sample, world } = createWorld({ early: () => true })
  const room = await world.group(1, 1, 2)
  const { socket, say, connection } = stranger()
  say(await hello(2))
  await until('the device to catch up', () => (world.held.release(0), socket.of('caught-up').length === 1))
  // Without the entry in the hint, it must be read.
  world.bus.direct = false
  await world.say(room, accountId(1))
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 2 })
  await settle()
  clock.advance(lookMs + patienceMs)
  connection.heard()
  assert.equal(sample().lateUsers, 0)
  clock.advance(lookMs)
  assert.equal(sample().lateUsers, 1)
  world.held.free()
  await until('the entry', () => socket.of('entries').length === 1)
  connection.heard()
  clock.advance(lookMs)
  assert.equal(sample().lateUsers, 0)
})

test('[F2] a broken connection is a loss, a farewell is not, and the counts say so', async () => {
  const { device, clock, sample, connections } = createWorld()
  const [first, second, third] = [await device(1), await device(2), await device(3)]
  assert.deepEqual([sample().activeUsers, sample().connections], [3, 3])
  first.connection.closed(1_006)
  second.connection.closed(1_001)
  connections.revoked(third.connection.deviceId!)
  assert.deepEqual([sample().activeUsers, sample().connections], [1, 0])
  clock.advance(patienceMs + 1)
  assert.equal(sample().cutUsers, 1)
  await device(1)
  assert.deepEqual([sample().cutUsers, sample().reconnects, sample().activeUsers], [0, 1, 1])
})

test('[F2] a device told its turn, or lost while waiting, counts as missing; one without a valid token does not count', async () => {
  const { stranger, hello, clock, sample, device } = createWorld({ hellosPerSecond: 16, accounts: 9 })
  await device(1)
  const held = [2, 3, 4, 5, 6].map(() => stranger())
  for (const [index, caller] of held.entries()) {
    caller.say(await hello(index + 2))
    await settle()
  }
  assert.equal(sample().activeUsers, 1, 'whoever still waits is neither here nor missed')
  const [told, nobody] = [stranger(), stranger()]
  told.say(await hello(7))
  nobody.say({ ...(await hello(8)), token: 'forged' })
  await settle()
  assert.equal(told.socket.closedWith, CLOSE_CODES.unavailable.code)
  assert.equal(nobody.socket.closedWith, CLOSE_CODES.signedOut.code)
  held[2]?.connection.closed(1_006)
  held[3]?.connection.closed(1_001)
  assert.deepEqual([sample().activeUsers, sample().refusedBusy], [3, 1])
  clock.advance(patienceMs + 1)
  await settle()
  assert.deepEqual([sample().cutUsers, sample().activeUsers], [2, 6], 'three of those held have come in meanwhile')
})

test('[F2, F3] accepted and deferred messages are counted, those of canaries are not', async () => {
  let sheds = false
  const { device, world, sample } = createWorld({ canaries: [2], sheds: (work) => sheds && work === 'send' })
  const room = await world.group(1, 1, 2)
  const [person, canary] = [await device(1), await device(2)]
  assert.equal(sample().connections, 1)
  for (const [n, caller] of [person, canary].entries()) {
    caller.say({ t: 'send', id: messageId(n + 100), conversationId: room, body: { kind: 'text', text: '안녕' } })
    await until('the answer', () => caller.socket.of('accepted').length === 1)
  }
  assert.equal(sample().accepted, 1)
  sheds = true
  for (const [n, caller] of [person, canary].entries())
    caller.say({ t: 'send', id: messageId(n + 200), conversationId: room, body: { kind: 'text', text: '안녕' } })
  assert.equal(sample().refusedBusy, 1)
  canary.connection.closed(1_006)
  assert.equal(sample().activeUsers, 1)
})
