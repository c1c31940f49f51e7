import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES } from '@bongsu/protocol'
import { createDeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'

const [writer, reader] = [accountId(1), accountId(2)]

/** A live device that reads nothing, with exactly `waiting` bytes waiting for it. */
async function slow(waiting: number) {
  const world = createDeliveryWorld({ accounts: 2 })
  const room = await world.group(1, 1, 2)
  const attached = world.connect(new ModelDevice(reader))
  await settle()
  attached.socket.stalled = true
  if (waiting > 0) {
    const pong = (pad: string): Buffer => Buffer.from(JSON.stringify({ t: 'pong', n: 0, pad }))
    attached.socket.send(pong('x'.repeat(waiting - pong('').length)))
  }
  assert.equal(attached.socket.bufferedBytes(), waiting)
  return { world, room, ...attached, stream: attached.stream! }
}

test('[D3] at the soft bound entries are still pushed; one byte above it the device falls behind and gets them from the log when its buffer is empty', async () => {
  const at = await slow(DELIVERY_BOUNDS.bufferedBytesSoft)
  await at.world.say(at.room, writer)
  assert.equal(at.socket.of('entries').length, 1)
  const above = await slow(DELIVERY_BOUNDS.bufferedBytesSoft + 1)
  await above.world.say(above.room, writer, 5)
  await settle()
  assert.equal(above.socket.of('entries').length, 0)
  assert.equal(above.stream.total(), null, 'while it is behind no total is said [D6]')
  above.socket.drain()
  await settle()
  assert.deepEqual(
    above.socket.of('entries').map((frame) => frame.entries.length),
    [5],
  )
  above.device.assertComplete(above.world.store, [above.room])
  assert.equal(above.stream.total(), 6)
})

test('[D3] no more than the soft bound and one page waits for a device that reads nothing', async () => {
  const { world, room, socket, device } = await slow(0)
  const text = 'ㄱ'.repeat(2_000)
  for (let n = 0; n < 500; n++) await world.write(room, writer, { kind: 'text', text })
  await settle()
  const entryBytes = 2_000 * 3 + 400
  assert.ok(socket.bufferedMax <= DELIVERY_BOUNDS.bufferedBytesSoft + entryBytes, `${socket.bufferedMax} bytes`)
  assert.equal(socket.waitingForDrain, 1)
  for (let n = 0; n < 20; n++) {
    socket.drain()
    await settle()
    // Three bytes of UTF-8 for each UTF-16 unit.
    assert.ok(socket.bufferedBytes() <= DELIVERY_BOUNDS.bufferedBytesSoft + 3 * DELIVERY_BOUNDS.pageChars + entryBytes)
  }
  device.assertComplete(world.store, [room])
})

test('[D3] a device is cut when it read nothing for the stall bound, and not a moment before', async () => {
  const { world, socket, stream } = await slow(100)
  stream.checkStall()
  world.clock.advance(DELIVERY_BOUNDS.stallMs)
  stream.checkStall()
  assert.equal(socket.closedWith, null)
  world.clock.advance(1)
  stream.checkStall()
  assert.equal(socket.closedWith, CLOSE_CODES.tooSlow.code)
  assert.equal(world.hub.stats().rooms, 0, 'nothing is pushed to it while its socket closes')
})

test('[D3] a device that sometimes reads everything is never stalled', async () => {
  const { world, socket, stream } = await slow(100)
  for (let n = 0; n < 5; n++) {
    stream.checkStall()
    world.clock.advance(DELIVERY_BOUNDS.stallMs)
    socket.drain()
    stream.checkStall()
    socket.send(Buffer.from('{"t":"pong","n":1}'))
  }
  assert.equal(socket.closedWith, null)
})

test('[D3] a device at the hard bound is spared, one byte above it is cut at once', async () => {
  const at = await slow(DELIVERY_BOUNDS.bufferedBytesHard)
  at.stream.checkStall()
  assert.equal(at.socket.closedWith, null)
  const above = await slow(DELIVERY_BOUNDS.bufferedBytesHard + 1)
  above.stream.checkStall()
  assert.equal(above.socket.closedWith, CLOSE_CODES.tooSlow.code)
})

test('[D3] a slow device does not delay another in the same conversation', async () => {
  const { world, room, socket } = await slow(DELIVERY_BOUNDS.bufferedBytesSoft + 1)
  const other = world.connect(new ModelDevice(writer), 2)
  await settle()
  await world.say(room, writer, 3)
  other.device.assertComplete(world.store, [room])
  assert.equal(socket.of('entries').length, 0)
})

test('[D6] the sweep finds a last message and an account item whose hints were all lost', async () => {
  const { world, room, device, stream, socket } = await slow(0)
  socket.stalled = false
  world.bus.direct = false
  await world.say(room, writer)
  const second = await world.group(2, 1, 2)
  await settle()
  assert.equal(device.rooms.size, 1)
  await world.hub.sweep()
  await settle()
  device.assertComplete(world.store, [room, second])
  assert.equal(stream.total(), 3)
})

test('[D6] a sweep with failing reads reports it and does not affect the next one', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => false })
  const room = await world.group(1, 1, 2)
  const attached = world.connect(new ModelDevice(reader))
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  world.bus.direct = false
  await world.say(room, writer)
  const swept = world.hub.sweep()
  world.held.fail(0, new Error('the disk is gone'))
  await assert.rejects(swept, /disk is gone/)
  world.held.free()
  await world.hub.sweep()
  await settle()
  attached.device.assertComplete(world.store, [room])
})

test('[O1] a sweep longer than a heartbeat is not started a second time', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => false })
  await world.group(1, 1, 2)
  world.connect(new ModelDevice(reader))
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  const sweeps = [world.hub.sweep(), world.hub.sweep()]
  assert.deepEqual(world.held.names, ['heads'])
  world.held.release(0)
  await settle()
  world.held.release(0)
  await Promise.all(sweeps)
  void world.hub.sweep()
  assert.deepEqual(world.held.names, ['heads'], 'the next heartbeat has one again')
})
