import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { CLOSE_CODES, type ConversationId } from '@bongsu/protocol'
import { createGatewayWorld, HEARTBEAT_MS } from '../../../../tests/worlds/gateway-world.ts'
import { messageId } from '../../../../tests/worlds/names.ts'
import { startTestServer } from '../../../../tests/worlds/running-server.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const { lateStepMs, lateCharsMax, lateMsMax, lateCalmMs, lateFrameChars } = GATEWAY_BOUNDS

test('[O1, M6] frames over the rate wait, stop the reading, and are handled in order: none is refused or lost', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 5 })
  const room = await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(1)
  const accepted = (): number => socket.of('accepted').length
  for (let n = 1; n <= 4; n++) say({ t: 'send', id: messageId(n), conversationId: room, body: { kind: 'text', text: `${n}` } })
  assert.equal(socket.paused, false, 'hello was the first of the burst')
  for (let n = 5; n <= 8; n++) say({ t: 'send', id: messageId(n), conversationId: room, body: { kind: 'text', text: `${n}` } })
  await settle()
  assert.deepEqual([accepted(), socket.paused], [4, true])
  for (let n = 5; n <= 8; n++) {
    gateway.world.clock.advance(lateStepMs - 1)
    await settle()
    assert.equal(accepted(), n - 1)
    gateway.world.clock.advance(1)
    await settle()
    assert.equal(accepted(), n)
  }
  assert.deepEqual([socket.paused, gateway.refused], [false, []])
  const said = gateway.world.store.entries(room).flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
  assert.deepEqual(said, ['1', '2', '3', '4', '5', '6', '7', '8'])
})

test('[O1] a frame over the rate is not parsed before its time', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 2 })
  const { socket, say } = await gateway.device(1)
  say({ t: 'ping', n: 1 })
  for (let n = 0; n < GATEWAY_BOUNDS.badFramesMax; n++) say('{')
  assert.deepEqual([gateway.refused, socket.closedWith], [[], null])
  gateway.world.clock.advance(GATEWAY_BOUNDS.badFramesMax * lateStepMs)
  assert.equal(socket.closedWith, CLOSE_CODES.tooManyBadFrames.code)
})

test('[O1] waiting text is bounded although reading has stopped: beyond it the connection is closed', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 1, framesBurst: 1 })
  const { socket, say } = await gateway.device(1)
  const frame = ' '.repeat(1_000 - lateFrameChars)
  for (let n = 1; n <= Math.floor(lateCharsMax / 1_000); n++) say(frame)
  assert.equal(socket.closedWith, null)
  say(frame)
  assert.equal(socket.closedWith, CLOSE_CODES.unavailable.code)
  assert.equal(socket.paused, false, 'so that the end of the connection can be read')
})

test('[O1] a device delayed repeatedly is finally closed; one that rests in between is not', async () => {
  for (const restMs of [0, lateCalmMs + 1]) {
    const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 1 })
    const { socket, say, connection } = await gateway.device(1)
    let passed = 0
    for (; passed < lateMsMax && socket.closedWith === null; passed += 2 * lateStepMs) {
      say({ t: 'ping', n: 1 })
      say({ t: 'ping', n: 2 })
      gateway.world.clock.advance(2 * lateStepMs)
      if (restMs > 0 && passed % 10_000 === 0) {
        gateway.world.clock.advance(restMs)
        connection.heard()
      }
    }
    assert.equal(socket.closedWith, null, `not within ${lateMsMax} ms`)
    for (let n = 0; n < 3; n++) say({ t: 'ping', n })
    gateway.world.clock.advance(3 * lateStepMs)
    assert.equal(socket.closedWith, restMs === 0 ? CLOSE_CODES.unavailable.code : null)
  }
})

test('[O1] pings and pongs of the WebSocket count too: too many are neither answered nor read', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 10, framesBurst: 4 })
  const { socket, connection } = await gateway.device(1)
  connection.ponged()
  for (let n = 0; n < 10; n++) connection.pinged(new Uint8Array())
  assert.deepEqual([socket.pongs, socket.paused], [2, true])
  gateway.world.clock.advance(lateStepMs)
  assert.equal(socket.paused, false)
  connection.pinged(new Uint8Array())
  assert.equal(socket.pongs, 3)
})

test('[D6] a device whose frames wait does not count as silent', async () => {
  const gateway = createGatewayWorld({ framesPerSecond: 1, framesBurst: 1 })
  const { socket, say } = await gateway.device(1)
  const seconds = Math.ceil((3 * HEARTBEAT_MS) / 1_000)
  for (let n = 0; n < seconds; n++) say({ t: 'ping', n })
  gateway.world.clock.advance(seconds * 1_000)
  assert.deepEqual([socket.closedWith, socket.of('pong').length], [null, seconds])
})

test('[O1, M6] TCP slows down a real socket with ten times the allowed rate, and all its messages arrive in order', async (t) => {
  const server = await startTestServer(t, { BONGSU_FRAMES_PER_SECOND: '200', BONGSU_FRAMES_BURST: '20' })
  const member = await server.person('member')
  const made = await server.ask('createGroup', { token: member.token, body: { id: randomUUID(), title: '', accounts: [] } })
  const { conversationId } = made.body as { conversationId: ConversationId }
  const live = await server.connect(member.token)
  const texts = Array.from({ length: 300 }, (_, n) => `${n} ${'봉'.repeat(2_000)}`)
  const startedAt = performance.now()
  for (const text of texts) live.say({ t: 'send', id: randomUUID() as never, conversationId, body: { kind: 'text', text } })
  await until('all to be accepted', () => live.frames.filter((frame) => frame.t === 'accepted').length === texts.length)
  assert.ok(performance.now() - startedAt >= 1_300, 'at 200 a second')
  const arrived = live.frames.flatMap((frame) =>
    frame.t === 'entries' ? frame.entries.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : [])) : [],
  )
  assert.deepEqual(arrived, texts)
  assert.deepEqual([live.code, live.frames.filter((frame) => frame.t === 'refused')], [null, []])
})
