import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { startTestServer } from '../../../../tests/worlds/running-server.ts'
import { systemClock } from '../clock.ts'
import { createAsk } from './ask.ts'
import { connectWithinMs, tryConnect } from './canary-connect.ts'
import { trySignInLightly } from './sign-in-try.ts'

/** A clock whose waits end at once when they are of the limit. */
const hurried = {
  after(delayMs: number, run: () => void) {
    assert.equal(delayMs, connectWithinMs)
    return systemClock.after(50, run)
  },
}

test('[S1] a new connection is a light try: good with our server, unreachable where it is refused, not in time where nothing answers', async (t) => {
  const server = await startTestServer(t)
  assert.equal(await tryConnect(systemClock, server.base, 'Test/1'), 'ok')

  const sockets: Socket[] = []
  const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
  assert.equal(await tryConnect(hurried, url, 'Test/1'), 'unaccepted')
  for (const socket of sockets) socket.destroy()
  mute.close()
  await once(mute, 'close')
  assert.equal(await tryConnect(systemClock, url, 'Test/1'), 'unreachable')
})

test('[S1] a sign-in with an empty form is a light try: good when our server refuses the form, and nothing when we ask too often', async (t) => {
  const server = await startTestServer(t)
  const ask = createAsk(systemClock, 'Test/1')
  assert.equal(await trySignInLightly(ask, server.base, 'key'), 'ok')
  const answers = async (status: number, text: string): Promise<string | null> =>
    trySignInLightly(async () => ({ kind: 'answer', status, contentType: 'application/json', text }), server.base, 'key')
  assert.deepEqual([await answers(502, ''), await answers(503, '{"code":"unavailable"}')], ['refused', 'refused'])
  assert.equal(await answers(429, '{"code":"rate-limited"}'), null)
  assert.equal(await trySignInLightly(ask, 'http://127.0.0.1:1', 'key'), 'unreachable')
})
