import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { ClientMessageId } from '@bongsu/protocol'
import { openRaw } from './raw-socket.ts'
import { startServerProcess } from './server-process.ts'
import { startSlowLine } from './slow-line.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, signInAgain, untilRoom, type Person } from './world.ts'

const MESSAGES = 400
/** 30,000 bytes each. */
const TEXT = '긴 글을 천천히 받아 갑니다 '.repeat(1_000).slice(0, 10_000)

test('[D2, D3] a device on a slow line that was away gets all it missed, however long the texts, and is never cut for being slow', async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '8000', BONGSU_FRAMES_PER_SECOND: '5000', BONGSU_FRAMES_BURST: '5000' } })
  const [one, other] = (await makePeople(server, 2)) as [Person, Person]
  const room = await makeGroup(one, '', [other])
  const slowUrl = await startSlowLine(t, server.port, 600_000)
  const device = makeDevice(slowUrl, other)
  await goLive(t, [device])
  await untilRoom(device, room)
  await device.handle.stop()

  const author = await openRaw(t, server.url, (await signInAgain(server.url, one, '글쓴이')).token)
  await author.next('caught-up')
  for (let count = 1; count <= MESSAGES; count++) {
    author.say({ t: 'send', id: randomUUID() as ClientMessageId, conversationId: room, body: { kind: 'text', text: TEXT } })
    if (count % 32 === 0) await author.next('accepted', (frame) => frame.seq === count + 1)
  }
  await author.next('accepted', (frame) => frame.seq === MESSAGES + 1)

  const before = device.tap.closed.length
  const startedAt = performance.now()
  await device.handle.start()
  await waitFor(
    () => `all entries; the device is at ${device.handle.view().replica.rooms.get(room)?.cursor}, closed with ${device.tap.closed.join()}`,
    () => device.handle.view().replica.rooms.get(room)?.cursor === MESSAGES + 1,
    { withinMs: 60_000, everyMs: 100 },
  )
  t.diagnostic(`${Math.round((performance.now() - startedAt) / 1_000)} s for ${MESSAGES} long texts`)
  assert.deepEqual(device.tap.closed.slice(before), [])
})
