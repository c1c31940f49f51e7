import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { AccountId, DeviceId, DownFrameOf } from '@bongsu/protocol'
import { settle, uuidOf } from '../fakes/clock.ts'
import { openDevice, openFileStore } from './node.ts'

/** The platform's WebSocket, with the server controlled by the test. */
class FakeWebSocket extends EventTarget {
  static readonly OPEN = 1
  static last: FakeWebSocket | null = null
  readonly readyState = FakeWebSocket.OPEN

  constructor() {
    super()
    FakeWebSocket.last = this
  }

  send(): void {
    return
  }

  close(): void {
    return
  }

  say(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
}

test('[O4] a program that cannot store a renewed token continues with the old one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-program-'))
  const file = join(folder, 'bot.db')
  const platform = globalThis.WebSocket
  Object.assign(globalThis, { WebSocket: FakeWebSocket })
  t.after(() => {
    Object.assign(globalThis, { WebSocket: platform })
    rmSync(folder, { recursive: true, force: true })
  })
  const store = openFileStore(file)
  store.writeSession({ token: 'token-1', deviceId: uuidOf(0xd, 1) as DeviceId })
  store.close()
  let signedOut = false
  const device = await openDevice({
    serverUrl: 'http://127.0.0.1:1',
    handle: 'bot',
    password: '',
    deviceName: 'bot',
    file,
    onSignedOut: () => (signedOut = true),
  })
  t.after(() => device.stop())
  await device.start()
  const socket = FakeWebSocket.last ?? assert.fail()
  const other = new DatabaseSync(file)
  other.exec('ALTER TABLE kept RENAME TO gone')
  socket.dispatchEvent(new Event('open'))
  const welcome: DownFrameOf<'welcome'> = {
    t: 'welcome',
    epoch: 'epoch-1',
    accountId: uuidOf(0xa, 1) as AccountId,
    deviceId: uuidOf(0xd, 1) as DeviceId,
    now: 1,
    heartbeatMs: 20_000,
    reconnectSpreadMs: 1_000,
    token: 'token-2',
  }
  // An error thrown here would end the program, and this test with it.
  socket.say(welcome)
  await settle()
  assert.equal(device.view().replica.epoch, 'epoch-1')
  socket.dispatchEvent(Object.assign(new Event('close'), { code: 4_100 }))
  await settle()
  assert.equal(signedOut, true, 'its program is told all the same')
  other.close()
})
