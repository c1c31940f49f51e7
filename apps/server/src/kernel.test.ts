import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES } from '@bongsu/protocol'
import { createGatewayWorld } from '../../../tests/worlds/gateway-world.ts'
import { accountId, deviceId, messageId, roomId } from '../../../tests/worlds/names.ts'
import { until } from '../../../tests/worlds/settle.ts'
import type { Hint, Listener } from './delivery/bus.ts'

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
    assert.equal(figures.sample().cutUsers, 0)
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
