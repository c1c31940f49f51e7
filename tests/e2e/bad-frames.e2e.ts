import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { before, test } from 'node:test'
import { LIMITS, SUBPROTOCOL, type ClientMessageId, type ConversationId, type RefusalCode } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { startBystanders, type Bystanders } from './bystanders.ts'
import { openRaw, type RawSocket } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { untilOver } from './until-over.ts'
import { makeGroup, makePeople, type Person } from './world.ts'

// Everything wrong a stranger or a broken client can send, through the real door, while two others talk.

const all = untilOver()
let server: ServerProcess
let people: readonly Person[]
let room: ConversationId
let bystanders: Bystanders
const person = (place: number): Person => people[place] as Person

before(async () => {
  server = await startServerProcess(all)
  people = await makePeople(server, 4)
  room = await makeGroup(person(0), '', [person(1)])
  bystanders = await startBystanders(all, server.url, person(2), person(3))
})

async function signedIn(t: { after(run: () => void): void }): Promise<RawSocket> {
  const raw = await openRaw(t, server.url, person(0).token)
  await raw.next('caught-up')
  return raw
}

/** The connection still serves. */
async function serves(raw: RawSocket): Promise<void> {
  const n = Math.floor(Math.random() * 1_000_000)
  raw.say({ t: 'ping', n })
  await raw.next('pong', (frame) => frame.n === n)
}

const id = (): string => randomUUID()
const sendFrame = (change: object): string =>
  JSON.stringify({ t: 'send', id: id(), conversationId: room, body: { kind: 'text', text: '안녕' }, ...change })
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** Frames that are refused while the connection goes on. */
const REFUSED: readonly (readonly [what: string, frame: () => string, code: RefusalCode, re: string | undefined])[] = [
  ['no JSON', () => 'hello?', 'frame-malformed', undefined],
  ['an empty frame', () => '', 'frame-malformed', undefined],
  ['null', () => 'null', 'frame-malformed', undefined],
  ['a list', () => '[]', 'frame-malformed', undefined],
  ['no type', () => '{}', 'frame-malformed', undefined],
  ['a type that is no text', () => '{"t":7}', 'frame-malformed', undefined],
  ['an unknown type', () => '{"t":"shout"}', 'frame-unknown', 'shout'],
  ['a type named as a property of every object', () => '{"t":"constructor"}', 'frame-unknown', 'constructor'],
  ['a type named __proto__', () => '{"t":"__proto__"}', 'frame-unknown', '__proto__'],
  ['a down frame', () => '{"t":"accepted"}', 'frame-unknown', 'accepted'],
  ['a missing field', () => '{"t":"ping"}', 'frame-malformed', 'ping'],
  ['a field of the wrong type', () => '{"t":"ping","n":"1"}', 'frame-malformed', 'ping'],
  ['a number that is no whole one', () => '{"t":"ping","n":1.5}', 'frame-malformed', 'ping'],
  ['a number below the bound', () => '{"t":"ping","n":-1}', 'frame-malformed', 'ping'],
  ['an unknown field', () => '{"t":"ping","n":1,"x":1}', 'frame-malformed', 'ping'],
  ['a body only the server writes', () => sendFrame({ body: { kind: 'created', title: '', accounts: [] } }), 'frame-malformed', 'send'],
  ['an id in capitals', () => sendFrame({ id: id().toUpperCase() }), 'frame-malformed', 'send'],
  [
    'more invitees than an entry may name',
    () => sendFrame({ body: { kind: 'invited', accounts: Array.from({ length: LIMITS.inviteesPerEntryMax + 1 }, id) } }),
    'frame-malformed',
    'send',
  ],
  ['100,000 open brackets', () => '['.repeat(100_000), 'frame-malformed', undefined],
  ['60,000 levels as a body', () => sendFrame({ body: 0 }).replace('"body":0', `"body":${nested(60_000)}`), 'frame-malformed', 'send'],
  ['60,000 levels in an unknown type', () => `{"t":"x","y":${nested(60_000)}}`, 'frame-unknown', 'x'],
  [
    'hello a second time',
    () => JSON.stringify({ t: 'hello', token: person(0).token, epoch: null, account: 0, cursors: [] }),
    'hello-expected',
    'hello',
  ],
]

for (const [what, frame, code, re] of REFUSED) {
  test(`[W1] ${what} is refused as ${code}, and nobody else notices`, async (t) => {
    const raw = await signedIn(t)
    raw.sendRaw(frame())
    const refused = await raw.next('refused')
    assert.equal(refused.code, code)
    assert.equal(refused.re, re)
    await serves(raw)
    await bystanders.stillTalk()
  })
}

test('[W1] a refusal names the send that could not be read', async (t) => {
  const raw = await signedIn(t)
  const name = id()
  raw.sendRaw(sendFrame({ id: name, conversationId: 'here' }))
  assert.equal((await raw.next('refused')).id, name)
})

test('[W1] a binary frame is refused as frame-not-text', async (t) => {
  const raw = await signedIn(t)
  raw.sendRaw(Buffer.from('{"t":"ping","n":1}'), true)
  assert.equal((await raw.next('refused')).code, 'frame-not-text')
  await serves(raw)
  await bystanders.stillTalk()
})

test('[W1] a frame of 10 MB, and one a byte too long, end the connection with 1009; one at the bound is read', async (t) => {
  for (const bytes of [10 * 1_024 * 1_024, LIMITS.upFrameBytesMax + 1]) {
    const raw = await signedIn(t)
    raw.sendRaw(' '.repeat(bytes))
    assert.equal(await raw.closed(), 1_009)
  }
  const raw = await signedIn(t)
  raw.sendRaw('{"t":"ping","n":3}'.padEnd(LIMITS.upFrameBytesMax))
  await raw.next('pong', (frame) => frame.n === 3)
  await bystanders.stillTalk()
})

test('[W1] broken UTF-8 ends the connection with 1007', async (t) => {
  for (const bytes of [[0xc3, 0x28], [0xed, 0xa0, 0x80], [0xff], [0xf4, 0x90, 0x80, 0x80]]) {
    const raw = await signedIn(t)
    raw.sendRaw(Buffer.concat([Buffer.from('{"t":"ping","n":1,"x":"'), Buffer.from(bytes), Buffer.from('"}')]))
    assert.equal(await raw.closed(), 1_007)
  }
  await bystanders.stillTalk()
})

test('[W1] the twentieth bad frame ends the connection with 4006', async (t) => {
  const raw = await signedIn(t)
  for (let count = 1; count < 20; count++) raw.sendRaw('?')
  await serves(raw)
  assert.equal(raw.closeCode, null)
  raw.sendRaw('?')
  assert.equal(await raw.closed(), 4_006)
  await bystanders.stillTalk()
})

test('[W1] every frame before hello is refused as hello-expected', async (t) => {
  const raw = await openRaw(t, server.url, null)
  for (const frame of [sendFrame({}), '{"t":"ping","n":1}', '{"t":"ask-heads"}']) raw.sendRaw(frame)
  await raw.next('refused', () => raw.frames.length === 3)
  assert.deepEqual(
    raw.frames.map((frame) => frame.t === 'refused' && frame.code),
    ['hello-expected', 'hello-expected', 'hello-expected'],
  )
  raw.say({ t: 'hello', token: person(1).token, epoch: null, account: 0, cursors: [] })
  await raw.next('caught-up')
})

test('[O1] frames faster than the bound are read at its pace: none is refused or lost, and others talk on meanwhile', async (t) => {
  const raw = await signedIn(t)
  for (let n = 0; n < 400; n++) raw.say({ t: 'ping', n })
  await bystanders.stillTalk()
  assert.ok(raw.frames.filter((frame) => frame.t === 'pong').length < 400, 'not all of them are answered yet')
  await raw.next('pong', ({ n }) => n === 399)
  assert.deepEqual(
    raw.frames.flatMap((frame) => (frame.t === 'pong' ? [frame.n] : [])),
    Array.from({ length: 400 }, (_, n) => n),
  )
  assert.equal(raw.frames.filter((frame) => frame.t === 'refused').length, 0)
  await serves(raw)
})

/** The HTTP status with which a handshake is turned away. */
function handshake(path: string, protocol: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, protocol, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode)
    })
    socket.on('error', () => undefined)
  })
}

test('[W1] a handshake from another origin, without the protocol, or with anything in the address is turned away', async () => {
  assert.equal(await handshake('/v1/socket', SUBPROTOCOL, {}), 101)
  assert.equal(await handshake('/v1/socket', SUBPROTOCOL, { origin: `http://localhost:${server.port}` }), 101)
  assert.equal(await handshake('/v1/socket', SUBPROTOCOL, { origin: 'https://evil.example' }), 403)
  assert.equal(await handshake('/v1/socket', SUBPROTOCOL, { origin: `http://localhost:${server.port}.evil.example` }), 403)
  assert.equal(await handshake('/v1/socket', SUBPROTOCOL, { origin: 'null' }), 403)
  assert.equal(await handshake('/v1/socket', 'bongsu.v999', {}), 426)
  assert.equal(await handshake(`/v1/socket?token=${person(0).token}`, SUBPROTOCOL, {}), 404)
  assert.equal(await handshake('/v1/other', SUBPROTOCOL, {}), 404)
  await bystanders.stillTalk()
})

test('[W1] bytes that are no HTTP hurt nobody', async () => {
  for (const bytes of ['\0\0\0\0\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`]) {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(bytes))
      socket.resume()
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
    })
  }
  await bystanders.stillTalk()
})

test('[W1] after all this the room holds what was accepted and nothing else', async (t) => {
  const raw = await signedIn(t)
  const name = id() as ClientMessageId
  raw.say({ t: 'send', id: name, conversationId: room, body: { kind: 'text', text: '이제 됐다' } })
  assert.equal((await raw.next('accepted')).seq, 2)
})
