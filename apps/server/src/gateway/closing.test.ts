import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { CLOSE_CODES, SUBPROTOCOL } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { until } from '../../../../tests/worlds/settle.ts'
import { encode } from '../delivery/encode.ts'
import type { Connection } from './connection.ts'
import type { GatewaySocket } from './socket.ts'
import { acceptWebSockets, CLOSE_MS } from './websocket.ts'

/** A real WebSocket whose reader reads nothing, with more sent to it than the kernel holds. */
async function slowReader(t: TestContext): Promise<{ readonly reader: WebSocket; readonly socket: GatewaySocket; readonly codes: number[] }> {
  const server = createServer()
  const accepted: GatewaySocket[] = []
  const connections = { makeRoomFor: () => undefined, hasRoomFor: () => true, reconnectSpreadMs: () => 0 }
  const accept = (socket: GatewaySocket): Connection => {
    accepted.push(socket)
    return { receive() {}, pinged() {}, ponged() {}, closed() {}, close() {} } as unknown as Connection
  }
  acceptWebSockets(server, { connections, accept }, { path: '/v1/socket', origins: new Set(), addressOf: () => '192.0.2.1' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/socket`, SUBPROTOCOL)
  const codes: number[] = []
  reader.on('close', (code) => codes.push(code))
  reader.on('error', () => undefined)
  t.after(() => {
    reader.terminate()
    server.close()
  })
  await once(reader, 'open')
  reader.pause()
  const [socket] = accepted
  assert.ok(socket)
  const large = encode({ t: 'refused', code: 'internal', re: 'x'.repeat(1_000_000) })
  for (let count = 0; count < 12; count++) socket.send(large)
  await until('data to wait', () => socket.bufferedBytes() > 1_000_000)
  return { reader, socket, codes }
}

test('[D3] a slow reader that reads on gets the code of its end, also when that takes longer than one closing time', async (t) => {
  const { reader, socket, codes } = await slowReader(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  socket.close(CLOSE_CODES.tooSlow)
  const before = socket.bufferedBytes()
  reader.resume()
  while (socket.bufferedBytes() === before) await new Promise(setImmediate)
  reader.pause()
  t.mock.timers.tick(CLOSE_MS.each)
  reader.resume()
  while (codes.length === 0) await new Promise(setImmediate)
  assert.deepEqual(codes, [CLOSE_CODES.tooSlow.code])
})

test('[D3] one that reads nothing more is ended at the closing time and not before', async (t) => {
  const { reader, socket, codes } = await slowReader(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  socket.close(CLOSE_CODES.tooSlow)
  t.mock.timers.tick(CLOSE_MS.each - 1)
  await new Promise(setImmediate)
  assert.ok(socket.bufferedBytes() > 0)
  t.mock.timers.tick(1)
  reader.resume()
  while (codes.length === 0) await new Promise(setImmediate)
  assert.deepEqual(codes, [1_006])
})
