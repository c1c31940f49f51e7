import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, FEATURES, type AccountId } from '@bongsu/protocol'
import { createGatewayWorld, HEARTBEAT_MS, type Caller, type GatewayWorld } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, deviceId } from '../../../../tests/worlds/names.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

test('[O1] a second connection of a device replaces the first, which is told why', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const [first, second] = [await gateway.device(1), await gateway.device(1)]
  assert.equal(first.socket.closedWith, CLOSE_CODES.superseded.code)
  assert.equal(second.socket.closedWith, null)
  first.connection.closed(1_006)
  assert.equal(gateway.connections.size, 1)
  gateway.connections.revoked(deviceId(1))
  assert.equal(second.socket.closedWith, CLOSE_CODES.revoked.code, 'the newer one is the one that is known')
})

test('[O1] a connection closed during its token check replaces no other and leaves no trace', async () => {
  let release: (() => void) | null = null
  let hold = false
  const gateway = createGatewayWorld({
    tokens: (tokens) => ({
      ...tokens,
      async verify(token) {
        const claims = await tokens.verify(token)
        if (hold) await new Promise<void>((resolve) => (release = resolve))
        return claims
      },
    }),
  })
  const living = await gateway.device(1)
  hold = true
  const dying = gateway.stranger()
  dying.say(await gateway.hello(1))
  await until('the token to be looked at', () => release !== null)
  dying.connection.closed(1_006)
  ;(release as (() => void) | null)?.()
  await settle()
  assert.equal(living.socket.closedWith, null)
  assert.equal(gateway.connections.size, 1)
  gateway.connections.revoked(deviceId(1))
  assert.equal(living.socket.closedWith, CLOSE_CODES.revoked.code)
})

test('[O3] new connections are refused at the bound, and present ones stay; a socket counts until it is gone', async () => {
  const gateway = createGatewayWorld({ connectionsMax: 2 })
  const one = await gateway.device(1)
  assert.equal(gateway.connections.hasRoom(), true)
  const two = await gateway.device(2)
  assert.equal(gateway.connections.hasRoom(), false)
  assert.equal(one.socket.closedWith, null)
  two.connection.close(CLOSE_CODES.drain)
  assert.equal(gateway.connections.hasRoom(), false, 'its closing handshake is not over')
  two.connection.closed(1_006)
  assert.equal(gateway.connections.hasRoom(), true)
  assert.equal(gateway.connections.size, 1)
})

test('[O1] unauthenticated connections have their own bound, used up by closing ones too but not by devices', async () => {
  const gateway = createGatewayWorld({ connectionsMax: 100_000 })
  await gateway.device(1)
  const strangers = Array.from({ length: GATEWAY_BOUNDS.strangersMax - 1 }, () => gateway.stranger())
  assert.equal(gateway.connections.hasRoom(), true)
  const last = gateway.stranger()
  assert.equal(gateway.connections.hasRoom(), false)
  last.say(await gateway.hello(2))
  await until('a stranger to become known', () => gateway.connections.hasRoom())
  const again = gateway.stranger()
  assert.equal(gateway.connections.hasRoom(), false)
  again.connection.close(CLOSE_CODES.helloTimeout)
  assert.equal(gateway.connections.hasRoom(), false, 'it still holds its socket')
  again.connection.closed(1_006)
  assert.equal(gateway.connections.hasRoom(), true)
  for (const { connection } of strangers) connection.closed(1_006)
  assert.equal(gateway.connections.size, 2)
})

test('[O5] a drain says when to come back, closes all connections with its code, and admits nobody', async () => {
  const gateway = createGatewayWorld()
  const [device, stranger] = [await gateway.device(1), gateway.stranger()]
  gateway.connections.drain()
  for (const { socket } of [device, stranger]) {
    assert.deepEqual(socket.last(), { t: 'drain', spreadMs: 1_000 })
    assert.equal(socket.closedWith, CLOSE_CODES.drain.code)
  }
  assert.equal(gateway.connections.hasRoom(), false)
  assert.deepEqual(gateway.kernel.hub.stats(), { rooms: 0, accounts: 0 })
})

test('[D6] every connection gets one beat in a heartbeat, and beats are spread over the steps', async () => {
  const gateway = createGatewayWorld({ accounts: 60 })
  const devices = await Promise.all(Array.from({ length: 60 }, (_, index) => gateway.device(index + 1)))
  const beats = (): number => devices.reduce((sum, { socket }) => sum + socket.of('beat').length, 0)
  let before = 0
  for (let step = 0; step < GATEWAY_BOUNDS.beatSteps; step++) {
    gateway.world.clock.advance(HEARTBEAT_MS / GATEWAY_BOUNDS.beatSteps)
    assert.ok(beats() - before <= Math.ceil(60 / GATEWAY_BOUNDS.beatSteps))
    before = beats()
  }
  assert.ok(devices.every(({ socket }) => socket.of('beat').length === 1))
})

test('[O3] the checks of the connections are spread over a second, and each connection is checked once in it', async () => {
  const gateway = createGatewayWorld()
  const checked = Array.from({ length: 40 }, () => {
    const { connection } = gateway.stranger()
    const times: number[] = []
    connection.watchOver = () => void times.push(gateway.world.clock.monotonic())
    return times
  })
  const all = (): number => checked.reduce((sum, times) => sum + times.length, 0)
  const { beatSteps, watchMs } = GATEWAY_BOUNDS
  const steps = watchMs / (HEARTBEAT_MS / beatSteps)
  for (let step = 1; step <= steps; step++) {
    gateway.world.clock.advance(HEARTBEAT_MS / beatSteps)
    assert.equal(all(), (step * 40) / steps)
  }
  gateway.world.clock.advance(watchMs)
  assert.ok(checked.every(([first = 0, second = 0, ...more]) => second - first === watchMs && more.length === 0))
})

test('[C4] a connection gets its first beat within one heartbeat of its start, and the next one heartbeat later', async () => {
  const gateway = createGatewayWorld({ accounts: 60 })
  await Promise.all(Array.from({ length: 59 }, (_, index) => gateway.device(index + 1)))
  for (const steps of [1, 7, 24]) {
    gateway.world.clock.advance((steps * HEARTBEAT_MS) / GATEWAY_BOUNDS.beatSteps)
    const late = await gateway.device(60)
    gateway.world.clock.advance(HEARTBEAT_MS)
    assert.equal(late.socket.of('beat').length, 1, `${steps} steps into a round`)
    gateway.world.clock.advance(HEARTBEAT_MS)
    assert.equal(late.socket.of('beat').length, 2)
  }
})

test('[O1] unauthenticated connections of one address do not keep out those of others; a hello or a close frees the place', async () => {
  const gateway = createGatewayWorld()
  const { connections } = gateway
  const [here, there] = [gateway.stranger().socket.address, '198.51.100.1']
  const others = Array.from({ length: GATEWAY_BOUNDS.strangersPerAddressMax - 2 }, () => gateway.stranger())
  assert.equal(connections.hasRoomFor(here), true)
  const last = gateway.stranger()
  assert.equal(connections.hasRoomFor(here), false)
  assert.equal(connections.hasRoomFor(there), true)
  last.say(await gateway.hello(1))
  await until('a stranger to become known', () => connections.hasRoomFor(here))
  const again = gateway.stranger()
  again.connection.close(CLOSE_CODES.helloTimeout)
  assert.equal(connections.hasRoomFor(here), false, 'it still holds its socket')
  again.connection.closed(1_006)
  assert.equal(connections.hasRoomFor(here), true)
  last.connection.closed(1_006)
  const further = gateway.stranger()
  assert.equal(connections.hasRoomFor(here), false, 'a device that goes gives nothing back twice')
  for (const { connection } of [...others, further]) connection.closed(1_006)
  assert.equal(connections.hasRoomFor(here), true)
})

/** Makes room and accepts, as the WebSocket door does. */
function knock(gateway: GatewayWorld, address: string): Caller | null {
  gateway.connections.makeRoomFor(address)
  return gateway.connections.hasRoomFor(address) ? gateway.stranger(address) : null
}

test('[O3] silent connections from four addresses lock nobody out: the oldest one of the address with the most ends for each newcomer', async () => {
  const gateway = createGatewayWorld({ connectionsMax: 100_000 })
  const inside = await gateway.device(1)
  const silent: Caller[] = []
  for (let n = 0; n < GATEWAY_BOUNDS.strangersMax; n++) {
    const caller = knock(gateway, `192.0.2.${n % 4}`)
    assert.ok(caller, `stranger ${n}`)
    silent.push(caller)
  }
  assert.equal(knock(gateway, '198.51.100.1'), null, 'so many in one moment are too many')
  gateway.world.clock.advance(GATEWAY_BOUNDS.strangerMs)
  const newcomers = Array.from({ length: 20 }, () => knock(gateway, '198.51.100.1'))
  assert.ok(newcomers.every((caller) => caller !== null))
  const ended = silent.filter(({ socket }) => socket.closedWith !== null)
  assert.equal(ended.length, 20)
  assert.deepEqual(new Set(ended), new Set(silent.slice(0, 20)), 'those that came first')
  newcomers[0]?.say(await gateway.hello(2))
  await until('a newcomer to come in', () => newcomers[0]?.socket.of('caught-up').length === 1)
  assert.equal(inside.socket.closedWith, null)
})

test('[O3] silent connections do not lock out others at their own address, and no authenticated connection ends for a newcomer', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 16 })
  const school = '203.0.113.1'
  await gateway.device(1)
  const held = knock(gateway, school)
  held?.say(await gateway.hello(2))
  await settle()
  assert.equal(gateway.kernel.admission.held, 1)
  const silent = Array.from({ length: GATEWAY_BOUNDS.strangersPerAddressMax }, () => knock(gateway, school))
  assert.ok(silent.every((caller) => caller !== null))
  assert.equal(knock(gateway, school), null)
  gateway.world.clock.advance(GATEWAY_BOUNDS.strangerMs - 1)
  assert.equal(knock(gateway, school), null, 'they have not had their time yet')
  gateway.world.clock.advance(1)
  for (let n = 0; n < 300; n++) assert.ok(knock(gateway, school))
  assert.equal(held?.socket.closedWith, null)
  assert.equal(silent.filter((caller) => caller?.socket.closedWith !== null).length, 300)
})

test('[O3] a few unauthenticated connections all get their full time to say hello', () => {
  const gateway = createGatewayWorld()
  const first = knock(gateway, '203.0.113.1')
  gateway.world.clock.advance(GATEWAY_BOUNDS.strangerMs + 1)
  for (let n = 1; n < GATEWAY_BOUNDS.strangersPerAddressCrowd; n++) knock(gateway, '203.0.113.1')
  assert.equal(first?.socket.closedWith, null)
  knock(gateway, '203.0.113.1')
  assert.notEqual(first?.socket.closedWith, null)
})

test('[O5] devices are moved at a bounded rate, told to come at once, and nobody new is let in meanwhile', async () => {
  const gateway = createGatewayWorld({ accounts: 40 })
  const devices = await Promise.all(Array.from({ length: 40 }, (_, index) => gateway.device(index + 1)))
  const { clock } = gateway.world
  gateway.kernel.release()
  assert.equal(gateway.connections.hasRoom(), false)
  let moved = false
  void gateway.kernel.move().then(() => (moved = true))
  const each = Math.ceil((GATEWAY_BOUNDS.movesPerSecond * GATEWAY_BOUNDS.moveStepMs) / 1_000)
  const closed = (): number => devices.filter(({ socket }) => socket.closedWith !== null).length
  for (const expected of [0, each, 2 * each, 40]) {
    assert.equal(closed(), expected)
    assert.equal(moved, false)
    clock.advance(GATEWAY_BOUNDS.moveStepMs)
  }
  await new Promise(setImmediate)
  assert.equal(moved, true)
  for (const { socket } of devices) {
    assert.equal(socket.closedWith, CLOSE_CODES.drain.code)
    assert.deepEqual(socket.of('drain'), [{ t: 'drain', spreadMs: 0 }])
  }
})

/** Two processes, and this many devices at the first. */
async function twoProcesses(count: number) {
  const here = createGatewayWorld({ accounts: count })
  const there = createGatewayWorld({ beside: here })
  const devices = await Promise.all(Array.from({ length: count }, (_, index) => here.device(index + 1)))
  let left: boolean | null = null
  void here.kernel.leave().then((all) => (left = all))
  return {
    here,
    there,
    devices,
    step: async (ms: number = GATEWAY_BOUNDS.moveStepMs) => {
      here.world.clock.advance(ms)
      await settle()
    },
    left: () => left,
    told: () => devices.filter(({ socket }) => socket.of('drain').length > 0).length,
    closed: () => devices.filter(({ socket }) => socket.closedWith !== null).length,
  }
}

test('[O15] a process that stops serves each device until it has connected to another one, and sends them at a bounded rate', async () => {
  const { there, devices, step, left, told, closed, here } = await twoProcesses(90)
  assert.equal(here.connections.hasRoom(), false)
  for (let n = 0; n < 20; n++) await step()
  assert.equal(told(), GATEWAY_BOUNDS.leaveFirst, 'the first ones show whether another process takes them')
  assert.equal(closed(), 0)
  devices[0]!.say({ t: 'ping', n: 1 })
  assert.equal(devices[0]!.socket.of('pong').length, 1)
  await there.device(1)
  assert.deepEqual([devices[0]!.socket.closedWith, closed()], [CLOSE_CODES.superseded.code, 1])
  await step()
  assert.equal(told(), GATEWAY_BOUNDS.leaveFirst + Math.ceil((GATEWAY_BOUNDS.movesPerSecond * GATEWAY_BOUNDS.moveStepMs) / 1_000))
  await step(GATEWAY_BOUNDS.leaveGraceMs)
  await step(GATEWAY_BOUNDS.leaveGraceMs)
  await step()
  assert.deepEqual([closed(), left()], [90, true], 'whoever stays longer is closed')
  assert.equal(devices[89]!.socket.closedWith, CLOSE_CODES.drain.code)
})

test('[O15] when no device arrives elsewhere, no more are sent, and the others are still served', async () => {
  const { step, left, told, devices } = await twoProcesses(60)
  await step(GATEWAY_BOUNDS.leaveProofMs - 1)
  assert.equal(left(), null)
  await step(GATEWAY_BOUNDS.moveStepMs)
  assert.equal(left(), false)
  assert.equal(told(), GATEWAY_BOUNDS.leaveFirst)
  assert.equal(devices[59]!.socket.closedWith, null)
})

test('[B55] a suspended account is closed at once and turned away, by another process within a heartbeat, until it is over', async () => {
  const ends = new Map<AccountId, number | null>()
  const one = createGatewayWorld({ suspended: ends })
  await one.world.group(1, 1, 2)
  const two = createGatewayWorld({ suspended: ends, beside: one })
  const [here, older, there, other] = [await one.today(1, 1), await one.device(1, 11), await two.today(1, 12), await one.today(2)]
  ends.set(accountId(1), one.world.clock.now() + 60_000)
  await one.kernel.suspensionsChanged([])
  assert.deepEqual(
    [here, older].map(({ socket }) => socket.closedWith),
    [CLOSE_CODES.suspended.code, CLOSE_CODES.expired.code],
  )
  assert.deepEqual(
    [there, other].map(({ socket }) => socket.closedWith),
    [null, null],
  )
  one.world.clock.advance(HEARTBEAT_MS)
  await settle()
  assert.equal(there.socket.closedWith, CLOSE_CODES.suspended.code)
  const back = one.stranger()
  back.say({ ...(await one.hello(1)), features: [...FEATURES], changes: [] })
  await until('the answer', () => back.socket.closedWith !== null)
  assert.deepEqual([back.socket.of('refused')[0]?.code, back.socket.closedWith], ['suspended', CLOSE_CODES.suspended.code])
  one.world.clock.advance(60_000 - HEARTBEAT_MS)
  await one.today(1, 1)
})

test('[B55] a hint about a closed device makes another process look at once', async () => {
  const suspended = new Map<AccountId, number | null>()
  const one = createGatewayWorld({ suspended })
  await one.world.group(1, 1, 2)
  const two = createGatewayWorld({ suspended, beside: one })
  const there = await two.today(1, 12)
  suspended.set(accountId(1), null)
  await one.kernel.suspensionsChanged([deviceId(12)])
  await until('the other process to close it', () => there.socket.closedWith !== null)
  assert.equal(there.socket.closedWith, CLOSE_CODES.suspended.code)
  // And of one whose suspension was lifted, which has no connection [B82].
  suspended.clear()
  await one.kernel.suspensionsChanged([deviceId(12)])
  await until('the other process to let it in', () => !two.kernel.isSuspended(accountId(1)))
  assert.equal((await two.today(1, 12)).socket.closedWith, null)
})
