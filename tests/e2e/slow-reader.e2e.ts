import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WAITING_BYTES_MAX } from './bounds-of-delivery.ts'
import { openRaw } from './raw-socket.ts'
import { readMetric } from './read-metric.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, openDirect, untilRoom, type Person } from './world.ts'

test('[D3] a reader that takes nothing is cut with 4001 at its bound and resumes; the others do not notice', async (t) => {
  // The heartbeat as it is by default: with a short one the reader would be cut for its silence first.
  const server = await startServerProcess(t, { env: { BONGSU_FRAMES_PER_SECOND: '5000', BONGSU_FRAMES_BURST: '5000' } })
  const people = (await makePeople(server, 3)) as [Person, Person, Person]
  const metric = (name: string): Promise<number> => readMetric(server.url, name)
  const room = await makeGroup(people[0], '느린 방', [people[1], people[2]])
  // A room that is live only while the slow one is served: it tells when that ends.
  await openDirect(people[2], people[2])
  const [author, reader] = [makeDevice(server.url, people[0]), makeDevice(server.url, people[1])]
  await goLive(t, [author, reader])
  for (const device of [author, reader]) await untilRoom(device, room)
  const roomsWithout = await metric('bongsu_live_rooms')
  const slow = await openRaw(t, server.url, people[2].token)
  const { epoch } = await slow.next('welcome')
  await slow.next('caught-up')
  assert.ok((await metric('bongsu_live_rooms')) > roomsWithout)
  slow.socket.pause()
  let waitedMost = 0

  // More than the kernel holds for one connection, then a trickle until the reader is cut for having stalled.
  const text = '느린 사람을 위한 긴 글 '.repeat(1_000).slice(0, 9_990)
  let slowest = 0
  const startedAt = performance.now()
  let last = 0
  for (let count = 0; ; count++) {
    assert.ok(performance.now() - startedAt < 60_000, 'it was never cut')
    const sentAt = performance.now()
    const outcome = await author.handle.settled(await author.handle.send(room, { kind: 'text', text: `${count} ${text}` }))
    assert.ok(outcome.accepted)
    last = outcome.seq
    await waitFor('the other reader', () => (reader.handle.view().replica.rooms.get(room)?.cursor ?? 0) >= last, { everyMs: 5 })
    slowest = Math.max(slowest, performance.now() - sentAt)
    if (count % 10 === 0) waitedMost = Math.max(waitedMost, await metric('bongsu_waiting_bytes_max'))
    if (count < 350) continue
    await new Promise((resolve) => setTimeout(resolve, 200))
    if ((await metric('bongsu_live_rooms')) === roomsWithout) break
  }
  const cutAfterMs = performance.now() - startedAt
  assert.ok(cutAfterMs > 20_000, 'the bound is 20 s without taking anything')
  assert.ok(slowest < 3_000, `a message of the others took ${Math.round(slowest)} ms`)
  // Something did wait, and never more than the bound, above which one frame may stand.
  assert.ok(waitedMost > 0 && waitedMost <= WAITING_BYTES_MAX, `${waitedMost} bytes waited for the slow one`)
  slow.socket.resume()
  assert.equal(await slow.closed(), 4_001)
  t.diagnostic(
    `cut after ${Math.round(cutAfterMs / 1_000)} s and ${last} entries; slowest of the others ${Math.round(slowest)} ms; at most ${waitedMost} bytes waited for it`,
  )
  for (const device of [author, reader]) assert.deepEqual(device.tap.closed, [])

  const again = await openRaw(t, server.url, null)
  const cursor = slow.frames.reduce(
    (highest, frame) => (frame.t === 'entries' && frame.conversationId === room ? Math.max(highest, frame.entries.at(-1)?.seq ?? 0) : highest),
    1,
  )
  again.say({ t: 'hello', token: people[2].token, epoch, account: 0, cursors: [[room, cursor]] })
  await again.next('caught-up')
  const seqs = again.frames.flatMap((frame) =>
    frame.t === 'entries' && frame.conversationId === room ? frame.entries.map((entry) => entry.seq) : [],
  )
  assert.deepEqual(
    seqs,
    Array.from({ length: last - cursor }, (_, index) => cursor + 1 + index),
  )
})
