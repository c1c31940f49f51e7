import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UpFrame } from '@bongsu/protocol'
import { createGatewayWorld } from '../../../../tests/worlds/gateway-world.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { accountId, messageId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { AccountPaces } from './account-paces.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

test('[B24] all devices of an account share one budget of frames; a device of another account has its own', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 20 })
  const devices = await Promise.all([1, 11, 21, 31].map((device) => gateway.device(1, device)))
  const other = await gateway.device(2)
  const pongs = (): number => devices.reduce((sum, { socket }) => sum + socket.of('pong').length, 0)
  for (const { say } of devices) for (let n = 0; n < 19; n++) say({ t: 'ping', n })
  assert.equal(pongs(), 20 * GATEWAY_BOUNDS.accountPaceFactor, 'the others wait')
  for (let n = 0; n < 19; n++) other.say({ t: 'ping', n })
  assert.equal(other.socket.of('pong').length, 19)
  gateway.world.clock.advance(10_000)
  assert.equal(pongs(), 4 * 19, 'and none is lost')
})

test('[B24] long texts count as several frames, and a frame longer than the whole budget still comes through', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 20 })
  const room = await gateway.world.group(1, 1)
  const { say, socket } = await gateway.device(1)
  const long = (n: number): UpFrame & { t: 'send' } => ({
    t: 'send',
    id: messageId(n),
    conversationId: room,
    body: { kind: 'text', text: '가'.repeat(9 * GATEWAY_BOUNDS.charsPerFrame) },
  })
  for (let n = 1; n <= 3; n++) say(long(n))
  await settle()
  assert.equal(socket.of('accepted').length, 1, 'hello, and ten for the first')
  gateway.world.clock.advance(3_000)
  await settle()
  assert.equal(socket.of('accepted').length, 3)
  const small = createGatewayWorld({ framesPerSecond: 5, framesBurst: 5 })
  const own = await small.world.group(1, 1)
  const device = await small.device(1)
  device.say({ ...long(1), conversationId: own })
  small.world.clock.advance(2_000)
  await settle()
  assert.equal(device.socket.of('accepted').length, 1)
})

test('[B24] connecting again gains nothing, and the paces of those who have gone are forgotten', () => {
  const clock = createSimulatedClock()
  const paces = new AccountPaces(clock, { framesPerSecond: 1, framesBurst: 1 })
  const first = paces.enter(accountId(1))
  paces.leave(accountId(1))
  assert.equal(paces.enter(accountId(1)), first)
  paces.leave(accountId(1))
  clock.advance(GATEWAY_BOUNDS.accountPaceKeptMs + 1)
  for (let n = 2; n < 50; n++) {
    paces.enter(accountId(n))
    clock.advance(GATEWAY_BOUNDS.accountPaceKeptMs + 1)
    paces.leave(accountId(n))
  }
  assert.ok(paces.size <= 2, `${paces.size} are kept`)
})

test('[B24] conversations sent again are bounded for an account, however many devices ask', async () => {
  const gateway = createGatewayWorld()
  const room = await gateway.world.group(1, 1)
  const devices = await Promise.all([1, 11, 21].map((device) => gateway.device(1, device)))
  for (const { say } of devices) for (let n = 0; n < 100; n++) say({ t: 'refresh', conversationId: room })
  gateway.world.clock.advance(1)
  const refused = devices.flatMap(({ socket }) => socket.of('refused'))
  assert.deepEqual([refused.length, refused[0]?.code, refused[0]?.retryAfterMs], [200, 'busy', GATEWAY_BOUNDS.busyRetryMs])
})
