import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { startTestServer } from '../../../../tests/worlds/running-server.ts'
import { createAddressOf, createProxyWatch } from './addresses.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
    connection: { remoteAddress },
  }) as unknown as IncomingMessage

test('[B26] behind a trusted proxy an address may have a port, and what is no address is no new visitor', () => {
  const addressOf = createAddressOf(['loopback'])
  const said = ['203.0.113.7', '203.0.113.7:4711', '[2001:db8::7]:4711', '2001:db8::7', 'garbage', '203.0.113.7, nonsense', ' '].map((forwarded) =>
    addressOf(from('127.0.0.1', forwarded)),
  )
  assert.deepEqual(said, ['203.0.113.7', '203.0.113.7', '2001:db8::7', '2001:db8::7', '127.0.0.1', '127.0.0.1', '127.0.0.1'])
  assert.equal(addressOf(from('198.51.100.1', '203.0.113.7')), '198.51.100.1')
})

test('[B26] a proxy that is not named is told once; a stranger who claims to be one is not believed', () => {
  const told: string[] = []
  const watch = createProxyWatch([], (address) => void told.push(address))
  watch(from('198.51.100.1', '203.0.113.7'))
  watch(from('127.0.0.1'))
  assert.equal(told.join(), '')
  watch(from('10.0.0.5', '203.0.113.7'))
  watch(from('10.0.0.6', '203.0.113.7'))
  assert.equal(told.join(), '10.0.0.5')
  createProxyWatch(['10.0.0.0/8'], (address) => void told.push(address))(from('10.0.0.5', '203.0.113.7'))
  assert.equal(told.join(), '10.0.0.5')
})

test('[B26] requests of one visitor that never end keep nobody else out, behind a proxy too', async (t) => {
  const server = await startTestServer(t, { BONGSU_TRUSTED_PROXIES: 'loopback', BONGSU_OPEN_REQUESTS_PER_MINUTE: '10000' })
  const { port } = new URL(server.base)
  const sockets: Socket[] = []
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  const head = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Forwarded-For: 192.0.2.200\r\nContent-Length: 5000\r\n\r\n{`
  const begin = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => undefined)
      sockets.push(socket)
      socket.write(head('/v1/sessions'))
      socket.once('data', (data: Buffer) => resolve(data.toString()))
    })
  for (let n = 0; n < GATEWAY_BOUNDS.requestsAtOncePerAddressMax; n++) void begin()
  const refused = await begin()
  assert.match(refused, /^HTTP\/1\.1 429 /)
  assert.match(refused, /connection: close/i)
  const other = await server.ask('signIn', {
    headers: { 'x-forwarded-for': '203.0.113.7' },
    body: { handle: 'nobody', password: 'wrong wrong wrong', deviceName: 'x' },
  })
  assert.equal(other.status, 401)
  for (const socket of sockets) socket.destroy()
  const again = async (): Promise<number> => (await server.ask('signIn', { headers: { 'x-forwarded-for': '192.0.2.200' }, body: {} })).status
  for (let n = 0; n < 100 && (await again()) === 429; n++) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await again(), 422, 'when they have gone there is room')
})
