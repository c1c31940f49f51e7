import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, type UpFrame } from '@bongsu/protocol'
import { createGatewayWorld, EPOCH, HEARTBEAT_MS } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, deviceId, messageId, roomId } from '../../../../tests/worlds/names.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { createTokens, TOKEN_VALID_MS } from '../accounts/tokens.ts'
import { Unavailable } from '../conversation/log-store.ts'
import { DELIVERY_BOUNDS } from '../delivery/bounds.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const send = (n: number, text = '안녕'): UpFrame & { t: 'send' } => ({
  t: 'send',
  id: messageId(n),
  conversationId: roomId(1),
  body: { kind: 'text', text },
})

test('[W1] any frame before hello is refused and reaches no module; the refusal of a send has its id', async () => {
  const { stranger, world } = createGatewayWorld()
  await world.group(1, 1, 2)
  const { socket, say } = stranger()
  say(send(1))
  say({ t: 'ping', n: 1 })
  assert.deepEqual(socket.frames, [
    { t: 'refused', code: 'hello-expected', re: 'send', id: messageId(1) },
    { t: 'refused', code: 'hello-expected', re: 'ping' },
  ])
  assert.equal(world.store.entries(roomId(1)).length, 1)
})

test('[W1] hello is answered by a welcome first, then by everything missed; a second hello is refused', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(2)
  assert.deepEqual(
    socket.frames.map((frame) => frame.t),
    ['welcome', 'account', 'reset', 'caught-up'],
  )
  const [welcome] = socket.of('welcome')
  assert.deepEqual([welcome?.epoch, welcome?.accountId, welcome?.deviceId, welcome?.heartbeatMs], [EPOCH, accountId(2), deviceId(2), HEARTBEAT_MS])
  say(await gateway.hello(2))
  assert.deepEqual(socket.last(), { t: 'refused', code: 'hello-expected', re: 'hello' })
  assert.equal(socket.closedWith, null)
})

test('[D7] cursors of another epoch are not continued', async () => {
  const gateway = createGatewayWorld()
  const room = await gateway.world.group(1, 1, 2)
  for (const [epoch, resets] of [
    ['another', 1],
    [EPOCH, 0],
  ] as const) {
    const { socket, say } = gateway.stranger()
    say({ ...(await gateway.hello(2)), epoch, account: 1, cursors: [[room, 1]] })
    await until('caught up', () => socket.of('caught-up').length === 1)
    assert.equal(socket.of('reset').length, resets, epoch)
    assert.equal(socket.of('account').length, resets, 'and the account log begins anew as well')
  }
})

test('[W1] a forged, expired, revoked, foreign or unknown token is refused, and the connection ends for good', async () => {
  const gateway = createGatewayWorld()
  const { tokens, world } = gateway
  const now = world.clock.now()
  const good = await tokens.issue(accountId(1), deviceId(1), now)
  const [head, , signature] = good.split('.')
  const forged = Buffer.from(JSON.stringify({ device: deviceId(1), iss: 'bongsu', sub: accountId(2), iat: 1, exp: 9_999_999_999 })).toString(
    'base64url',
  )
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
  gateway.revoke(deviceId(66))
  const bad = {
    empty: '',
    garbage: 'x.y.z',
    forged: `${head}.${forged}.${signature}`,
    none,
    foreign: await createTokens(new Uint8Array(32).fill(8), world.clock).issue(accountId(1), deviceId(1), now),
    expired: await tokens.issue(accountId(1), deviceId(1), now - TOKEN_VALID_MS - 301_000),
    revoked: await tokens.issue(accountId(1), deviceId(66), now),
  }
  for (const [kind, token] of Object.entries(bad)) {
    const { socket, say } = gateway.stranger()
    say({ ...(await gateway.hello(1)), token })
    await until(`${kind} to be closed`, () => socket.closedWith !== null)
    assert.deepEqual(socket.frames, [{ t: 'refused', code: 'unauthenticated', re: 'hello' }], kind)
    assert.equal(
      socket.closedWith,
      (kind === 'expired' ? CLOSE_CODES.expired : kind === 'revoked' ? CLOSE_CODES.revoked : CLOSE_CODES.signedOut).code,
      kind,
    )
  }
  const { socket, say } = gateway.stranger()
  say(await gateway.hello(9))
  await until('nobody to be closed', () => socket.closedWith !== null)
  assert.equal(socket.closedWith, CLOSE_CODES.signedOut.code)
  assert.deepEqual(socket.frames, [])
  assert.deepEqual(gateway.kernel.hub.stats(), { rooms: 0, accounts: 0 })
})

test('[C10] a device that was revoked longer ago than its token lasts, or unknown to this process, is told that it was revoked', async () => {
  const gateway = createGatewayWorld()
  const { tokens, world } = gateway
  gateway.revokedBefore.add(deviceId(66))
  world.store.forgetDevice(deviceId(66))
  for (const agoMs of [TOKEN_VALID_MS + 301_000, 0]) {
    const { socket, say } = gateway.stranger()
    say({ ...(await gateway.hello(1)), token: await tokens.issue(accountId(1), deviceId(66), world.clock.now() - agoMs) })
    await until('it to be closed', () => socket.closedWith !== null)
    assert.equal(socket.closedWith, CLOSE_CODES.revoked.code, `${agoMs} ms`)
  }
})

test('[W4] a device unknown to the store is refused despite a valid token: a restore must not bring it back', async () => {
  const gateway = createGatewayWorld()
  gateway.world.store.forgetDevice(deviceId(7))
  const known = await gateway.device(1, 8)
  const { socket, say } = gateway.stranger()
  say(await gateway.hello(1, 7))
  await until('the device to be closed', () => socket.closedWith !== null)
  assert.equal(socket.closedWith, CLOSE_CODES.signedOut.code)
  assert.deepEqual(socket.frames, [], 'and hears nothing')
  assert.equal(known.socket.closedWith, null)
})

test('[O6] a token older than a week is replaced on connecting, one of exactly a week is not', async () => {
  const gateway = createGatewayWorld()
  const hello = await gateway.hello(1)
  gateway.world.clock.jump(GATEWAY_BOUNDS.tokenRenewMs)
  const week = gateway.stranger()
  week.say(hello)
  await until('a welcome', () => week.socket.of('welcome').length === 1)
  assert.equal(week.socket.of('welcome')[0]?.token, undefined)
  gateway.world.clock.jump(1_000)
  const older = gateway.stranger()
  older.say(hello)
  await until('a welcome', () => older.socket.of('welcome').length === 1)
  const fresh = older.socket.of('welcome')[0]?.token
  assert.equal((await gateway.tokens.verify(fresh!))?.deviceId, deviceId(1))
  assert.ok((await gateway.tokens.verify(fresh!))!.issuedAt > (await gateway.tokens.verify(hello.token))!.issuedAt)
})

test('[O1] a connection without hello in time is closed, whatever else it sends', async () => {
  const { stranger, world } = createGatewayWorld()
  const [silent, chatty] = [stranger(), stranger()]
  for (let passed = 0; passed < GATEWAY_BOUNDS.helloMs; passed += 1_000) {
    world.clock.advance(1_000)
    chatty.connection.heard()
  }
  assert.equal(silent.socket.closedWith, null, 'not before the bound')
  world.clock.advance(GATEWAY_BOUNDS.watchMs)
  assert.equal(silent.socket.closedWith, CLOSE_CODES.helloTimeout.code)
  assert.equal(chatty.socket.closedWith, CLOSE_CODES.helloTimeout.code, 'pongs do not count')
})

test('[O11] a held connection is not closed for time, is told again when its turn comes late, and then has the time of its step', async () => {
  const verified = Promise.withResolvers<null>()
  const gateway = createGatewayWorld({ tokens: (tokens) => ({ ...tokens, verify: () => verified.promise }) })
  const { clock } = gateway.world
  const [told, untold] = [gateway.stranger(), gateway.stranger()]
  const hello = await gateway.hello(1)
  for (const { say } of [told, untold]) say(hello)
  told.connection.hold(4_000, true)
  untold.connection.hold(4_000, false)
  clock.advance(4_000 + GATEWAY_BOUNDS.turnAgainMs)
  assert.deepEqual(told.socket.frames, [{ t: 'turn', inMs: 4_000 }], 'not before the bound')
  clock.advance(GATEWAY_BOUNDS.watchMs)
  assert.deepEqual(told.socket.frames.slice(1), [{ t: 'turn', inMs: GATEWAY_BOUNDS.turnAgainMs }])
  assert.ok(GATEWAY_BOUNDS.turnAgainMs + GATEWAY_BOUNDS.watchMs < GATEWAY_BOUNDS.helloMs, 'before the device gives it up')
  clock.advance(HEARTBEAT_MS * GATEWAY_BOUNDS.silentHeartbeats * 2)
  assert.deepEqual([told.socket.closedWith, untold.socket.closedWith, untold.socket.frames.length], [null, null, 0])
  for (const { connection } of [told, untold]) assert.ok(connection.comeIn(() => new Promise(() => {})))
  clock.advance(GATEWAY_BOUNDS.helloMs)
  assert.equal(told.socket.closedWith, null)
  clock.advance(GATEWAY_BOUNDS.watchMs)
  for (const { socket } of [told, untold]) assert.equal(socket.closedWith, CLOSE_CODES.helloTimeout.code)
  // A near turn comes before it matters to anybody.
  const near = gateway.stranger()
  near.connection.hold(GATEWAY_BOUNDS.tellTurnMs, true)
  assert.deepEqual(near.socket.frames, [])
  near.connection.hold(GATEWAY_BOUNDS.tellTurnMs + 1, true)
  assert.equal(near.socket.frames.length, 1)
})

test('[W1] the twentieth bad frame ends the connection, the nineteenth does not', async () => {
  const gateway = createGatewayWorld()
  const { socket, connection, say } = await gateway.device(1)
  connection.receiveBinary()
  for (let n = 2; n < GATEWAY_BOUNDS.badFramesMax; n++) say('{')
  assert.equal(socket.closedWith, null)
  assert.equal(socket.of('refused').length, GATEWAY_BOUNDS.badFramesMax - 1)
  say('{"t":"edit"}')
  assert.equal(socket.closedWith, CLOSE_CODES.tooManyBadFrames.code)
  assert.deepEqual(new Set(socket.of('refused').map((frame) => frame.code)), new Set(['frame-malformed', 'frame-not-text', 'frame-unknown']))
  assert.deepEqual(gateway.kernel.hub.stats(), { rooms: 0, accounts: 0 })
})

test('[M5] accepted is said only after the append has resolved, and before the entry itself arrives', async () => {
  const gateway = createGatewayWorld({ holdAppends: true })
  const room = await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(1)
  const before = socket.frames.length
  say(send(1))
  await settle()
  assert.equal(socket.frames.length, before, 'nothing is said while the disk works')
  gateway.appends.release(0)
  await settle()
  const [accepted, entries] = socket.frames.slice(before)
  const { tide } = accepted as { tide?: string }
  assert.deepEqual(accepted, { t: 'accepted', id: messageId(1), conversationId: room, seq: 2, acceptedAt: gateway.world.clock.now(), tide })
  assert.equal(entries?.t === 'entries' && entries.entries[0]?.seq, 2)
})

test('[M2] a repeated send gets the same answer, and the entry exists once', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(1)
  say(send(1))
  say(send(1))
  say({ ...send(1), body: { kind: 'text', text: 'something else' } })
  await settle()
  const accepted = socket.of('accepted')
  assert.equal(accepted.length, 2)
  assert.deepEqual(accepted[0], accepted[1])
  assert.equal(socket.of('entries').length, 1)
  assert.deepEqual(socket.of('refused'), [{ t: 'refused', re: 'send', code: 'id-conflict', id: messageId(1) }])
})

test('[O2] an unwritable store gives unavailable, a full queue busy, a bug internal: each with a time', async () => {
  const gateway = createGatewayWorld({ holdAppends: true })
  await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(1)
  const causes = [new Unavailable('disk full', { retryAfterMs: 700 }), new Unavailable('too much', { full: true }), new Error('a bug')]
  for (const [index, cause] of causes.entries()) {
    say(send(index))
    gateway.appends.fail(0, cause)
    await settle()
  }
  assert.deepEqual(
    socket.of('refused').map(({ id, code, retryAfterMs }) => [id, code, retryAfterMs]),
    [
      [messageId(0), 'unavailable', 700],
      [messageId(1), 'busy', 1_000],
      [messageId(2), 'internal', 1_000],
    ],
  )
  assert.deepEqual(gateway.failures, causes)
  assert.equal(socket.closedWith, null)
})

test('[O1] sends that wait for the store are bounded: a further one is busy, and there is room again when one is done', async () => {
  const gateway = createGatewayWorld({ holdAppends: true })
  await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(1)
  const max = GATEWAY_BOUNDS.sendsInFlightMax
  for (let n = 0; n < max; n++) say(send(n))
  assert.equal(socket.of('refused').length, 0)
  say(send(max))
  assert.deepEqual(socket.of('refused'), [{ t: 'refused', re: 'send', code: 'busy', retryAfterMs: GATEWAY_BOUNDS.busyRetryMs, id: messageId(max) }])
  gateway.appends.release(0)
  await settle()
  say(send(max))
  assert.equal(socket.of('refused').length, 1)
  assert.equal(gateway.appends.waiting, max)
})

test('[D3] a device that asks and does not read is cut at the hard bound', async () => {
  const gateway = createGatewayWorld({ framesBurst: 100_000, accounts: 2 })
  for (let n = 1; n <= 200; n++) await gateway.world.group(n, 1)
  const { socket, say } = await gateway.device(1)
  socket.stalled = true
  for (let n = 0; n < 1_000 && socket.closedWith === null; n++) say({ t: 'ask-heads' })
  assert.equal(socket.closedWith, CLOSE_CODES.tooSlow.code)
  const [heads] = socket.of('heads')
  assert.equal(heads?.heads.length, 200)
  assert.ok(socket.bufferedMax <= DELIVERY_BOUNDS.bufferedBytesHard + JSON.stringify(heads).length)
})

test('[D6] a beat has the account cursor and the total; a device silent for two and a half heartbeats is cut', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const { socket, connection } = await gateway.device(1)
  gateway.world.clock.advance(HEARTBEAT_MS)
  const [{ now, tide }] = socket.of('beat') as unknown as [{ now: number; tide?: string }]
  assert.deepEqual(socket.of('beat'), [{ t: 'beat', now, account: 1, total: 1, reconnectSpreadMs: 1_000, tide }])
  assert.equal(socket.pings, 1)
  connection.heard()
  gateway.world.clock.advance(2.5 * HEARTBEAT_MS)
  assert.equal(socket.closedWith, null)
  gateway.world.clock.advance(GATEWAY_BOUNDS.watchMs)
  assert.equal(socket.closedWith, CLOSE_CODES.silent.code)
})

test('[W4] a process that was stopped for longer than a device may be silent sends nothing when it wakes, whatever it does first', async () => {
  const longest = 2.5 * HEARTBEAT_MS
  for (const [sleptMs, first] of [
    [longest, 'hint'],
    [longest + 1, 'hint'],
    [longest + 1, 'frame'],
    [longest + 1, 'pong'],
    [longest + 1, 'timer'],
  ] as const) {
    const gateway = createGatewayWorld()
    const room = await gateway.world.group(1, 1, 2)
    const { socket, connection, say } = await gateway.device(2)
    const before = socket.frames.length
    gateway.world.clock.sleep(sleptMs)
    if (first === 'frame') say({ t: 'ping', n: 1 })
    if (first === 'pong') connection.ponged()
    if (first === 'timer') gateway.world.clock.advance(HEARTBEAT_MS / GATEWAY_BOUNDS.beatSteps)
    await gateway.world.say(room, accountId(1))
    await settle()
    const isTold = socket.frames.length > before
    assert.deepEqual(
      [isTold, socket.closedWith],
      sleptMs === longest ? [true, null] : [false, CLOSE_CODES.silent.code],
      `${first} after ${sleptMs} ms`,
    )
  }
})

test('[W4] a process that was stopped while it let a device in closes it, and its stream listens to no conversation', async () => {
  const gateway = createGatewayWorld()
  const { world } = gateway
  const room = await world.group(1, 1, 2)
  const { resume } = world.ports
  const heard: string[] = []
  const subscribe = world.bus.subscribe.bind(world.bus)
  Object.assign(world.bus, {
    subscribe(...to: Parameters<typeof subscribe>) {
      heard.push(to[0])
      subscribe(...to)
    },
  })
  const position = resume.position.bind(resume)
  Object.assign(resume, {
    async position(...of: Parameters<typeof position>) {
      const read = await position(...of)
      world.clock.sleep(2.5 * HEARTBEAT_MS + 1)
      return read
    },
  })
  const { socket, say } = gateway.stranger()
  say(await gateway.hello(2))
  await until('closed', () => socket.closedWith !== null)
  await settle()
  assert.deepEqual([socket.closedWith, socket.frames], [CLOSE_CODES.silent.code, []])
  assert.deepEqual([heard.includes(accountId(2)), heard.includes(room)], [true, false])
})

test('[W4] read, typing, watch and refresh in foreign conversations are refused without revealing anything', async () => {
  const gateway = createGatewayWorld()
  const foreign = await gateway.world.group(1, 1, 2)
  const { socket, say } = await gateway.device(3)
  for (const conversationId of [foreign, roomId(99)]) {
    say({ t: 'read', conversationId, seq: 1 })
    say({ t: 'typing', conversationId })
    say({ t: 'watch', conversationId, from: 1, to: null })
    say({ t: 'refresh', conversationId })
    say({ ...send(1), conversationId })
  }
  await settle()
  const refusals = socket.of('refused').map(({ code, re }) => [re, code])
  assert.equal(refusals.length, 10)
  assert.ok(refusals.every(([, code]) => code === 'not-a-member'))
  assert.ok(!JSON.stringify(socket.frames).includes(foreign))
  say({ t: 'ask-heads' })
  assert.deepEqual(socket.of('heads')[0]?.heads, [])
})

test('[R3, W2] each frame has its one effect: read comes back as an item, typing reaches watchers, refresh gives a reset', async () => {
  const gateway = createGatewayWorld()
  const room = await gateway.world.group(1, 1, 2)
  await gateway.world.say(room, accountId(1))
  const [one, two] = [await gateway.device(1), await gateway.device(2)]
  two.say({ t: 'watch', conversationId: room, from: 1, to: null })
  await settle()
  assert.deepEqual(two.socket.of('unread')[0]?.counts, [1, 1])
  one.say({ t: 'typing', conversationId: room })
  assert.deepEqual(two.socket.of('typing'), [{ t: 'typing', conversationId: room, accountId: accountId(1) }])
  assert.equal(one.socket.of('typing').length, 0)
  two.say({ t: 'read', conversationId: room, seq: 2 })
  await settle()
  assert.deepEqual(two.socket.of('account').at(-1)?.items, [{ kind: 'read', key: room, value: { seq: 2 } }])
  two.say({ t: 'watch', conversationId: null, from: 0, to: null })
  gateway.world.clock.advance(DELIVERY_BOUNDS.typingEveryMs)
  one.say({ t: 'typing', conversationId: room })
  assert.equal(two.socket.of('typing').length, 1)
  one.say({ t: 'refresh', conversationId: room })
  await settle()
  assert.equal(one.socket.of('reset').length, 2)
  assert.deepEqual(gateway.refused, [])
})
