import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { CLOSE_CODES, LIMITS, SUBPROTOCOL, type ConversationId } from '@bongsu/protocol'
import { startTestServer, type TestServer } from '../../../../tests/worlds/running-server.ts'
import { until } from '../../../../tests/worlds/settle.ts'

/** A TCP connection on which the test writes every byte. */
interface RawSocket {
  readonly socket: Socket
  received: Buffer
  closed: boolean
}

function open(server: TestServer): Promise<RawSocket> {
  const socket = connect(server.running.port, '127.0.0.1')
  const raw: RawSocket = { socket, received: Buffer.alloc(0), closed: false }
  socket.on('data', (data: Buffer) => (raw.received = Buffer.concat([raw.received, data])))
  socket.on('close', () => (raw.closed = true))
  socket.on('error', () => {})
  server.closers.push(() => socket.destroy())
  return new Promise((resolve) => socket.on('connect', () => resolve(raw)))
}

async function handshake(
  server: TestServer,
  path = '/v1/socket',
  headers: Readonly<Record<string, string>> = {},
): Promise<RawSocket & { readonly status: number }> {
  const raw = await open(server)
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': SUBPROTOCOL,
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  raw.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`)
  await until('an answer to the handshake', () => raw.received.includes('\r\n\r\n'))
  const status = Number(raw.received.toString('latin1').split(' ')[1])
  raw.received = raw.received.subarray(raw.received.indexOf('\r\n\r\n') + 4)
  return Object.assign(raw, { status })
}

/** One masked frame with a mask of zeros. */
function masked(opcode: number, payload: Buffer, final = true): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 6 : payload.length < 65_536 ? 8 : 14)
  head[0] = (final ? 0x80 : 0) | opcode
  if (payload.length < 126) head[1] = 0x80 | payload.length
  else if (payload.length < 65_536) {
    head[1] = 0x80 | 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}

/** The code of the received close frame, the server's last frame. */
function closeCode(received: Buffer): number | null {
  const at = received.lastIndexOf(Buffer.from([0x88, 0x02]))
  return at === -1 ? null : received.readUInt16BE(at + 2)
}

test('[W1] a handshake with a foreign origin, a wrong path or another subprotocol is answered in plain HTTP, and its socket ended', async (t) => {
  const server = await startTestServer(t)
  const own = `http://localhost:${server.running.port}`
  for (const [about, path, headers, status] of [
    ['a foreign origin', '/v1/socket', { Origin: 'https://evil.example' }, 403],
    ['no origin at all, as of a page in a sandbox', '/v1/socket', { Origin: 'null' }, 403],
    ['an origin that only begins like ours', '/v1/socket', { Origin: `${own}.evil.example` }, 403],
    ['another port', '/v1/socket', { Origin: 'http://localhost:1' }, 403],
    ['no version we speak', '/v1/socket', { 'Sec-WebSocket-Protocol': 'bongsu.v999' }, 426],
    ['no subprotocol', '/v1/socket', { 'Sec-WebSocket-Protocol': 'chat' }, 426],
    ['a token in the address', '/v1/socket?token=x', {}, 404],
    ['another path', '/v1/sockets', {}, 404],
    ['a bad key', '/v1/socket', { 'Sec-WebSocket-Key': 'x' }, 400],
  ] as const) {
    const raw = await handshake(server, path, headers)
    assert.equal(raw.status, status, about)
    await until(`the socket of ${about} to be ended`, () => raw.closed)
  }
  for (const Origin of [own, `http://127.0.0.1:${server.running.port}`]) assert.equal((await handshake(server, '/v1/socket', { Origin })).status, 101)
})

test('[W1] only configured origins are accepted', async (t) => {
  const server = await startTestServer(t, { BONGSU_ORIGINS: 'https://talk.example.kr' })
  assert.equal((await handshake(server, '/v1/socket', { Origin: 'https://talk.example.kr' })).status, 101)
  assert.equal((await handshake(server, '/v1/socket', { Origin: `http://localhost:${server.running.port}` })).status, 403)
})

test('[O3] beyond the bound a handshake is refused with a time to come back', async (t) => {
  const server = await startTestServer(t, { BONGSU_CONNECTIONS_MAX: '1' })
  const first = await handshake(server)
  const raw = await open(server)
  raw.socket.write(
    `GET /v1/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  )
  await until('the refusal', () => raw.closed)
  assert.match(raw.received.toString(), /^HTTP\/1.1 503 .*\r\nRetry-After: \d+\r\n/)
  assert.equal(first.closed, false)
})

test('[W1] frames that violate the WebSocket protocol close it with the right code, and others do not notice', async (t) => {
  const server = await startTestServer(t)
  const member = await server.person('member')
  const made = await server.ask('createGroup', { token: member.token, body: { id: randomUUID(), title: '', accounts: [] } })
  const { conversationId } = made.body as { conversationId: ConversationId }
  const quiet = await server.connect(member.token)
  const heard = (): number => quiet.frames.filter((frame) => frame.t !== 'beat').length
  const before = heard()

  const big = (bytes: number): Buffer => masked(1, Buffer.alloc(bytes, ' '))
  for (const [about, bytes, code] of [
    ['a frame one byte too large', big(LIMITS.upFrameBytesMax + 1), 1009],
    [
      'ten megabytes in small pieces',
      Buffer.concat([masked(1, Buffer.alloc(65_000), false), masked(0, Buffer.alloc(65_000), false), masked(0, Buffer.alloc(65_000), true)]),
      1009,
    ],
    ['a head that promises ten megabytes', masked(1, Buffer.alloc(10 * 1024 * 1024)).subarray(0, 100), 1009],
    ['broken UTF-8', masked(1, Buffer.from([0xc3, 0x28])), 1007],
    ['an encoded lone surrogate', masked(1, Buffer.from([0xed, 0xa0, 0x80])), 1007],
    ['a reserved opcode', masked(3, Buffer.alloc(0)), 1002],
    ['a frame without mask', Buffer.from([0x81, 0x01, 0x20]), 1002],
  ] as const) {
    const raw = await handshake(server)
    raw.socket.write(bytes)
    await until(`the close of ${about}`, () => closeCode(raw.received) !== null)
    assert.equal(closeCode(raw.received), code, about)
  }
  const exact = await handshake(server)
  exact.socket.write(big(LIMITS.upFrameBytesMax))
  await until('a refusal', () => exact.received.includes('frame-malformed'))

  const odd = await server.connect(member.token.slice(0, -1))
  assert.equal(odd.code, CLOSE_CODES.signedOut.code)
  assert.equal(heard(), before, 'nothing of it reached the other')
  quiet.say({ t: 'send', id: randomUUID() as never, conversationId, body: { kind: 'text', text: '안녕' } })
  await until('an answer', () => quiet.frames.some((one) => one.t === 'accepted'))
  assert.equal(quiet.code, null)
})

test('[W1] binary frames and deep nesting are refused on an open connection, which continues', async (t) => {
  const server = await startTestServer(t)
  const live = await server.connect((await server.person('member')).token)
  live.socket.send(Buffer.from([1, 2, 3]), { binary: true })
  live.say(`{"t":"ping","n":${'['.repeat(60_000)}${']'.repeat(60_000)}}`)
  live.say('\u0000')
  live.say({ t: 'ping', n: 7 })
  await until('a pong', () => live.frames.some((frame) => frame.t === 'pong'))
  assert.deepEqual(
    live.frames.flatMap((frame) => (frame.t === 'refused' ? [frame.code] : [])),
    ['frame-not-text', 'frame-malformed', 'frame-malformed'],
  )
  assert.equal(live.code, null)
})

test('[W1] a revoked device is closed at once everywhere, and its token is invalid', async (t) => {
  const server = await startTestServer(t)
  const member = await server.person('member')
  const second = await server.signIn(member)
  const [one, two] = [await server.connect(member.token), await server.connect(second.token)]
  assert.equal((await server.ask('revokeDevice', { token: member.token, params: { deviceId: second.deviceId } })).status, 200)
  await until('the second to be closed', () => two.code !== null)
  assert.equal(two.code, CLOSE_CODES.revoked.code)
  assert.equal((await server.ask('listDevices', { token: second.token })).status, 401)
  assert.equal((await server.connect(second.token)).code, CLOSE_CODES.revoked.code)
  await until('the other device to hear of it', () =>
    one.frames.some(
      (frame) => frame.t === 'account' && frame.items.some((item) => item.kind === 'device' && item.key === second.deviceId && item.value === null),
    ),
  )
  assert.equal(one.code, null)
})

test('[W1] a stop sends drain, and ends although a socket does not answer', async (t) => {
  const server = await startTestServer(t)
  const live = await server.connect((await server.person('member')).token)
  await server.running.stop()
  assert.equal(live.frames.at(-1)?.t, 'drain')
  await until('the close', () => live.code !== null)
  assert.equal(live.code, CLOSE_CODES.drain.code)
})

test('[W4] no token, code or password is ever in a log line', async (t) => {
  const server = await startTestServer(t)
  const member = await server.person('member')
  const live = await server.connect(member.token)
  live.say('{"t":"send","body":{"kind":"text","text":"비밀 이야기"}}')
  live.say({ t: 'ping', n: 1 })
  await until('a pong', () => live.frames.some((frame) => frame.t === 'pong'))
  await server.ask('signIn', { body: { handle: 'member', password: 'wrong password here', deviceName: 'x' } })
  await server.raw(`/v1/socket?token=${member.token}`)
  await server.ask('listDevices', { token: `${member.token}x` })
  const all = server.logged.join('\n')
  for (const secret of [member.token, member.password, 'wrong password here', '비밀', server.running.firstAdminCode!])
    assert.ok(!all.includes(secret))
})
