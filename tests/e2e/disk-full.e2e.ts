import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { judge } from '../../apps/server/src/conformance/checker.ts'
import type { ClientMessageId } from '@bongsu/protocol'
import { holdingsInFile, holdingsInStore, holdingsOnScreen, untilSettled } from './holdings.ts'
import { openRaw } from './raw-socket.ts'
import { createScribe } from './scribe.ts'
import { startServerProcess } from './server-process.ts'
import { empty, fill, smallDisk } from '../worlds/small-disk.ts'
import { newestFirst } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, textsOf, untilRoom } from './world.ts'

test('[M1, C2, C3, O1] on a full disk senders wait and readers read on; with room again everything goes out once, without a restart', async (t) => {
  const later = newestFirst(t)
  const disk = smallDisk(t, later)
  if (disk === null) return

  const server = await startServerProcess(later, { directory: join(disk.path, 'data') })
  const people = await makePeople(server, 3)
  const [one, other, third] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  const room = await makeGroup(one, '가득 찬 방', [other, third])
  const devices = [makeDevice(server.url, one, { hasty: true }), makeDevice(server.url, other, { hasty: true })] as const
  await goLive(later, devices)
  for (const device of devices) await untilRoom(device, room)
  const scribe = createScribe(devices)
  const filler = join(disk.path, 'filler')

  for (let count = 1; count <= 20; count++) await scribe.write(devices[count % 2] as (typeof devices)[0], room, `자리가 있을 때 ${count}`)
  await untilSettled(server.directory, devices, 10_000)

  fill(filler)
  // A commit that fits into pages the write-ahead log already has still succeeds, so several are tried.
  for (let count = 1; count <= 15; count++) for (const device of devices) await scribe.write(device, room, `${count}: ${'가득'.repeat(2_000)}`)
  await waitFor('the disk to be full for the server', async () => (await server.ready()).status === 503)
  const { body } = (await server.ready()) as { body: { status: string; store: { writable: boolean; fault: string } } }
  assert.equal(body.status, 'not-ready')
  assert.equal(body.store.writable, false)
  assert.match(body.store.fault, /full/)

  for (const device of devices) {
    await waitFor(`${device.name} to be told`, () =>
      device.tap.refused.some((refused) => refused.code === 'unavailable' && (refused.retryAfterMs ?? 0) > 0),
    )
    const { connection, outbox } = device.handle.view()
    assert.equal(connection.state, 'live', 'the connection lives')
    assert.ok(
      outbox.length > 0 && outbox.every((item) => item.progress === 'waiting' || item.progress === 'sending'),
      JSON.stringify(outbox.map((item) => item.progress)),
    )
  }
  const raw = await openRaw(later, server.url, third.token)
  // A device that was never here reads everything, and is told the truth about its own message.
  await raw.next('reset')
  await raw.next('caught-up')
  const page = got(await third.api.call('readHistory', { params: { conversationId: room } }))
  assert.ok(page.entries.length >= 21)
  const id = randomUUID() as ClientMessageId
  raw.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: '들리나요'.repeat(2_000) } })
  const refused = await raw.next('refused', (frame) => frame.id === id)
  assert.equal(refused.code, 'unavailable')
  assert.ok((refused.retryAfterMs ?? 0) > 0)
  // HTTP says the same.
  const created = await third.api.call('createGroup', { body: { id: randomUUID() as ClientMessageId, title: '', accounts: [] } })
  assert.ok(!created.ok && created.refusal.code === 'unavailable' && (created.refusal.retryAfterMs ?? 0) > 0)
  const pid = server.pid

  empty(filler)
  await waitFor('the server to come back by itself', async () => (await server.ready()).status === 200, { withinMs: 15_000 })
  await untilSettled(server.directory, devices, 40_000)
  assert.equal(server.pid, pid)
  assert.equal(textsOf(devices[0], room).length, scribe.count)
  const screens = await Promise.all(devices.map(holdingsOnScreen))
  const stores = await Promise.all(devices.map(holdingsInStore))
  const ledger = scribe.ledger()
  assert.equal(new Set(ledger.accepted.map((accepted) => accepted.id)).size, scribe.count)
  const holdings = [...screens.flat(), ...stores.flat(), ...holdingsInFile(server.directory)]
  assert.deepEqual(judge({ ledger, holdings, rest: 'accepted' }), [])
})
