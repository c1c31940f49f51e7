import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { createDeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'

const [writer, reader, third] = [accountId(1), accountId(2), accountId(3)]
const GATHERED_MS = 80

async function watched(entries: number, from = 1, to: number | null = null) {
  const world = createDeliveryWorld({ accounts: 3 })
  const room = await world.group(1, 1, 2, 3)
  await world.say(room, writer, entries - 1)
  const attached = world.connect(new ModelDevice(reader))
  await settle()
  const stream = attached.stream!
  stream.setWatch({ room: stream.room(room)!, from, to })
  world.unread.tell(stream)
  await settle()
  const read = async (account: typeof reader, seq: number): Promise<void> => {
    await world.store.receipts.raise([{ conversationId: room, accountId: account, seq }])
    world.bus.publish({ t: 'reads', conversationId: room })
  }
  const told = (): (readonly [from: number, counts: readonly number[]])[] => attached.socket.of('unread').map((frame) => [frame.from, frame.counts])
  return { world, room, read, told, ...attached, stream }
}

test('[R4] a device that starts to watch gets the numbers at once', async () => {
  const { told } = await watched(3)
  assert.deepEqual(told(), [[1, [2, 2, 2]]])
})

test('[R4] changes are gathered, and only the stretch that differs is sent', async () => {
  const { world, room, read, told } = await watched(4)
  await read(reader, 1)
  await read(third, 1)
  world.clock.advance(GATHERED_MS - 1)
  await settle()
  assert.equal(told().length, 1)
  world.clock.advance(1)
  await settle()
  assert.deepEqual(told().slice(1), [[1, [0]]])
  await read(third, 3)
  world.clock.advance(GATHERED_MS)
  await settle()
  assert.deepEqual(told().slice(2), [[2, [1, 1]]], 'the first and the last are as they were')
  world.bus.publish({ t: 'reads', conversationId: room })
  world.clock.advance(10_000)
  await settle()
  assert.equal(told().length, 3, 'and nothing is sent when nothing changes')
})

test('[R4] a view that follows the head gets numbers of new entries; one with an end does not', async () => {
  const following = await watched(2)
  const fixed = await watched(2, 1, 2)
  for (const { world, room } of [following, fixed]) {
    await world.say(room, writer)
    world.clock.advance(GATHERED_MS)
    await settle()
  }
  assert.deepEqual(following.told().slice(1), [[3, [2]]])
  assert.deepEqual(fixed.told().slice(1), [])
})

test('[O2] a slow device misses numbers and gets them with the next change or sweep', async () => {
  const { world, read, told, socket } = await watched(3)
  socket.stalled = true
  socket.send(Buffer.from(JSON.stringify({ t: 'pong', n: 0, pad: 'x'.repeat(DELIVERY_BOUNDS.bufferedBytesSoft) })))
  await read(third, 3)
  world.clock.advance(GATHERED_MS)
  await settle()
  assert.equal(told().length, 1)
  socket.stalled = false
  socket.drain()
  await world.hub.sweep()
  world.clock.advance(GATHERED_MS)
  await settle()
  assert.deepEqual(told().slice(1), [[1, [1, 1, 1]]])
})

test('[D1, R4] the sweep makes up for a lost hint of a watermark', async () => {
  const { world, read, told } = await watched(2)
  world.bus.direct = false
  await read(third, 2)
  await world.hub.sweep()
  world.clock.advance(GATHERED_MS)
  await settle()
  assert.deepEqual(told().slice(1), [[1, [1, 1]]])
})

test(`[O1] of a view wider than ${LIMITS.watchEntriesMax} entries only the newest are sent, of one exactly that wide all`, async () => {
  const max = LIMITS.watchEntriesMax
  const exact = await watched(max)
  assert.deepEqual([exact.told()[0]?.[0], exact.told()[0]?.[1].length], [1, max])
  const wide = await watched(max + 1)
  assert.deepEqual([wide.told()[0]?.[0], wide.told()[0]?.[1].length], [2, max])
  const fixed = await watched(max + 50, 0, max + 10)
  assert.deepEqual([fixed.told()[0]?.[0], fixed.told()[0]?.[1].length], [11, max])
})

test('[R2, R4] a view of future entries, or one that ends before it begins, gets nothing', async () => {
  assert.deepEqual((await watched(3, 9)).told(), [])
  assert.deepEqual((await watched(3, 3, 2)).told(), [])
  assert.deepEqual((await watched(3, 2, 900)).told(), [[2, [2, 2]]])
})

test('[W4] no numbers are sent for entries from before the joining', async () => {
  const world = createDeliveryWorld({ accounts: 3 })
  const room = await world.group(1, 1, 3)
  await world.say(room, writer, 4)
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  const attached = world.connect(new ModelDevice(reader))
  await settle()
  const stream = attached.stream!
  stream.setWatch({ room: stream.room(room)!, from: 1, to: null })
  world.unread.tell(stream)
  await settle()
  assert.deepEqual(
    attached.socket.of('unread').map((frame) => [frame.from, frame.counts.length]),
    [[6, 1]],
  )
})

test('[O1] a device that stops watching or disconnects gets nothing more and is forgotten', async () => {
  const { world, room, read, told, stream } = await watched(2)
  const live = stream.room(room)!
  await read(third, 2)
  stream.setWatch(null)
  assert.equal(live.watchers, null)
  world.clock.advance(GATHERED_MS)
  await settle()
  assert.equal(told().length, 1)
  stream.setWatch({ room: live, from: 1, to: null })
  world.hub.close(stream)
  assert.equal(live.watchers, null)
})

test('[R4] numbers counted for an old view are not sent for the new one', async () => {
  const world = createDeliveryWorld({ accounts: 3, early: () => true })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer, 3)
  const attached = world.connect(new ModelDevice(reader))
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  const stream = attached.stream!
  stream.setWatch({ room: stream.room(room)!, from: 1, to: 2 })
  world.unread.tell(stream)
  stream.setWatch({ room: stream.room(room)!, from: 4, to: 4 })
  world.unread.tell(stream)
  assert.deepEqual(world.held.names, ['unread'])
  world.held.release(0)
  await settle()
  assert.deepEqual(attached.socket.of('unread'), [])
  world.held.release(0)
  await settle()
  assert.deepEqual(
    attached.socket.of('unread').map((frame) => frame.from),
    [4],
  )
})

/** A watching device whose reads wait until the test lets them continue. */
async function held() {
  const world = createDeliveryWorld({ accounts: 2, early: () => false })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer, 9)
  const attached = world.connect(new ModelDevice(reader))
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  const stream = attached.stream!
  const watch = (from: number): void => {
    stream.setWatch({ room: stream.room(room)!, from, to: null })
    world.unread.tell(stream)
  }
  return { world, room, watch, told: () => attached.socket.of('unread').map((frame) => frame.from) }
}

test('[O1] a device that moves its view fast has one running count, and the next count is for its last view', async () => {
  const { world, watch, told } = await held()
  for (let from = 1; from <= 8; from++) watch(from)
  assert.deepEqual(world.held.names, ['unread'])
  world.held.release(0)
  await settle()
  assert.deepEqual(told(), [], 'it looks elsewhere by now')
  assert.deepEqual(world.held.names, ['unread'])
  world.held.release(0)
  await settle()
  assert.deepEqual([told(), world.held.names], [[8], []])
})

test('[O1, R4] a room is counted once at a time, and changes meanwhile are counted afterwards', async () => {
  const { world, room, watch, told } = await held()
  watch(1)
  world.held.release(0)
  await settle()
  const change = async (): Promise<void> => {
    world.bus.publish({ t: 'reads', conversationId: room })
    world.clock.advance(GATHERED_MS)
    await settle()
  }
  for (let n = 0; n < 5; n++) await change()
  assert.deepEqual(world.held.names, ['unread'])
  world.held.release(0)
  await settle()
  await world.say(room, writer)
  world.clock.advance(2 * GATHERED_MS)
  await settle()
  assert.deepEqual(world.held.names, ['unread'])
  world.held.release(0)
  await settle()
  assert.deepEqual(told(), [1, 11])
})

test('[O2] under overload numbers are gathered for longer and are still right', async () => {
  const { world, read, told } = await watched(4)
  world.overloaded = true
  await read(reader, 1)
  world.clock.advance(4_999)
  await settle()
  assert.equal(told().length, 1)
  await read(third, 4)
  world.clock.advance(1)
  await settle()
  assert.equal(told().length, 2)
})
