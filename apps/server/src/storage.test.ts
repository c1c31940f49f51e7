import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../tests/contract/sqlite-subject.ts'
import { lockStore } from './adapters/sqlite/store-lock.ts'
import { openStore, START_TOLD_MS, verifyServer } from './storage.ts'

test('[O13] a start that waits for the database tells it, again and again', async (t) => {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => silent.close())
  t.mock.timers.enable({ apis: ['setInterval'] })
  const said: string[] = []
  const logger = { info() {}, error() {}, warn: (_: object, text: string) => void said.push(text) }
  const database = `postgres://bongsu@127.0.0.1:${(silent.address() as AddressInfo).port}/bongsu`
  const opened = openStore({ directory, database, logger })
  const refused = assert.rejects(opened)
  t.mock.timers.tick(START_TOLD_MS - 1)
  assert.deepEqual(said, [])
  t.mock.timers.tick(1 + START_TOLD_MS)
  assert.equal(said.length, 2)
  while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const socket of sockets) socket.destroy()
  await refused
  t.mock.timers.tick(START_TOLD_MS)
  assert.equal(said.length, 2)
})

test('[A13] a check removes the copies that killed ones have left, and no other', async (t) => {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  const names = ['verifying-killed', 'verifying-early', 'verifying-runs', 'verifying-young', 'bongsu']
  for (const name of names) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'verifying-killed', 'bongsu.db'), 'half a copy')
  lockStore(join(directory, 'verifying-killed', 'bongsu.lock'))()
  const unlock = lockStore(join(directory, 'verifying-runs', 'bongsu.lock'))
  for (const name of names) if (name !== 'verifying-young') utimesSync(join(directory, name), 0, 0)
  // Nobody listens there.
  await assert.rejects(verifyServer({ directory, database: 'postgres://bongsu@127.0.0.1:1/bongsu' }, { violation() {} }))
  assert.deepEqual(readdirSync(directory).toSorted(), ['bongsu', 'verifying-runs', 'verifying-young'])
  unlock()
})
