import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES } from '@bongsu/protocol'
import { createGatewayWorld } from '../../../tests/worlds/gateway-world.ts'
import { accountId, deviceId, messageId, roomId } from '../../../tests/worlds/names.ts'
import { settle, until } from '../../../tests/worlds/settle.ts'
import { createMemoryBus } from './adapters/memory/bus.ts'
import { DELIVERY_BOUNDS } from './delivery/bounds.ts'
import type { Bus, Hint, Listener } from './delivery/bus.ts'

test('[O6] a device that connects to another process is released by the first and missing in neither', async () => {
  const first = createGatewayWorld()
  const second = createGatewayWorld({ beside: first })
  const before = await first.device(1)
  first.world.clock.advance(1)
  const after = await second.device(1)
  assert.equal(before.socket.closedWith, CLOSE_CODES.superseded.code)
  assert.equal(after.socket.closedWith, null)
  before.connection.closed(CLOSE_CODES.superseded.code)
  first.world.clock.advance(60_000)
  for (const { figures } of [first, second]) {
    figures.look(() => undefined)
    assert.deepEqual(figures.sample().silent, [])
  }
})

test('[D1] a late hint about a device connected elsewhere closes neither a newer connection nor another device of the account', async () => {
  const first = createGatewayWorld()
  const second = createGatewayWorld({ beside: first })
  const { bus, clock } = first.world
  bus.direct = false
  await second.device(1)
  clock.advance(1)
  const [now, beside] = [await first.device(1), await first.device(1, 11)]
  for (const hint of bus.waiting) for (let copies = 0; copies < 2; copies++) bus.deliver(hint)
  assert.deepEqual([now.socket.closedWith, beside.socket.closedWith], [null, null])
})

test('[D8, O3] a connection that began earlier and is let in later closes no newer one at another process', async () => {
  const first = createGatewayWorld()
  const second = createGatewayWorld({ beside: first })
  const slow = first.stranger()
  first.world.clock.advance(1)
  const now = await second.device(1)
  first.world.clock.advance(1)
  slow.say(await first.hello(1))
  await until('the welcome of the slow one', () => slow.socket.of('welcome').length === 1)
  assert.equal(now.socket.closedWith, null)
})

test('[D1] a message of one process reaches the devices of another through hints alone', async () => {
  const first = createGatewayWorld({ accounts: 4 })
  const { world } = first
  await world.group(1, 1, 2)
  await world.group(2, 3, 4)
  const author = await first.device(1)
  await first.device(3)
  const heard: Hint[] = []
  const listeners = new Map<Listener, Listener>()
  const real = { ...world.bus }
  const noting = (listener: Listener): Listener => {
    const note: Listener = (hint) => {
      heard.push(hint)
      listener(hint)
    }
    const known = listeners.get(listener) ?? note
    listeners.set(listener, known)
    return known
  }
  world.bus.subscribe = (subject, listener) => real.subscribe(subject, noting(listener))
  world.bus.unsubscribe = (subject, listener) => real.unsubscribe(subject, noting(listener))
  const second = createGatewayWorld({ beside: first })
  const reader = await second.device(2)
  heard.length = 0
  author.say({ t: 'send', id: messageId(1), conversationId: roomId(1), body: { kind: 'text', text: '안녕' } })
  await until('the text', () => reader.socket.of('entries').length === 1)
  await world.say(roomId(2), accountId(3))
  world.bus.publish({ t: 'account', accountId: accountId(1) })
  world.bus.publish({ t: 'account', accountId: accountId(2) })
  world.bus.publish({ t: 'revoked', deviceId: deviceId(66) })
  assert.deepEqual(
    heard.map((hint) => [hint.t, 'conversationId' in hint ? hint.conversationId : null]),
    [
      ['entry', roomId(1)],
      ['account', null],
      ['revoked', null],
    ],
  )
  reader.connection.close(CLOSE_CODES.signedOut)
  heard.length = 0
  await world.say(roomId(1), accountId(1))
  assert.deepEqual(heard, [], 'when its device has gone, the process listens no longer')
})

test('[D13] a deaf process asks the store several times a second, once more when it hears again, and not at all otherwise', async () => {
  let deaf = true
  const ears = (): Bus => ({ ...createMemoryBus(), isDeaf: () => deaf })
  const first = createGatewayWorld({ bus: ears() })
  const second = createGatewayWorld({ beside: first, bus: ears() })
  const { clock } = first.world
  await first.world.group(1, 1, 2)
  const [writer, reader] = [await first.device(1), await second.device(2)]
  let said = 0
  const say = async (): Promise<number> => {
    writer.say({ t: 'send', id: messageId(++said), conversationId: roomId(1), body: { kind: 'text', text: '안녕' } })
    await until('the answer', () => writer.socket.of('accepted').length === said)
    return said
  }
  const got = (): number => reader.socket.of('entries').flatMap((frame) => frame.entries).length
  await say()
  clock.advance(DELIVERY_BOUNDS.lookMs)
  await until('the first message', () => got() === 1)
  await say()
  deaf = false
  clock.advance(DELIVERY_BOUNDS.lookMs)
  await until('the message from before it heard again', () => got() === 2)
  await say()
  clock.advance(DELIVERY_BOUNDS.lookMs * 10)
  await settle()
  assert.equal(got(), 2, 'a hint that is lost without a sign waits for the heartbeat')
})

test("[D8] a connection began by the processes' common clock, and not by the own one", async () => {
  const told: number[] = []
  const bus = { ...createMemoryBus(), publish: (hint: Hint) => void (hint.t === 'superseded' && told.push(hint.at)) }
  const gateway = createGatewayWorld({ bus, commonNow: () => 2 })
  await gateway.device(1)
  assert.deepEqual(told, [2])
})

test('[F3] a canary that another process has made is known before it is counted', async () => {
  let known = false
  const gateway = createGatewayWorld({ isCanary: () => known, admitting: async () => void (known = true) })
  await gateway.device(1)
  assert.equal(gateway.figures.sample().connectedUsers, 0)
})
