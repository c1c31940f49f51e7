import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry } from '@bongsu/protocol'
import { createFakeSocket } from '../../../../tests/worlds/fake-socket.ts'
import { createDeliveryWorld, type DeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId, deviceId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'

const [writer, reader] = [accountId(1), accountId(2)]

/** A group of two. The second member has a live device, or one behind a stalled socket. */
async function pair(stalled = false) {
  const world = createDeliveryWorld({ accounts: 3 })
  const room = await world.group(1, 1, 2)
  const device = new ModelDevice(reader)
  const attached = world.connect(device)
  await settle()
  assert.equal(attached.stream?.total(), 1)
  attached.socket.stalled = stalled
  const { stream } = attached
  assert.ok(stream !== null)
  return { world, room, device, socket: attached.socket, stream }
}

function seqs(device: ModelDevice, room: Parameters<DeliveryWorld['say']>[0]): readonly number[] {
  return [...(device.seen.get(room) ?? [])]
}

test('[W4] a member who left does not get the next entry, even before the account log says so', async () => {
  const { world, room, device } = await pair()
  const hints = world.bus
  hints.direct = false
  await world.write(room, reader, { kind: 'left' })
  await world.say(room, writer)
  for (const hint of hints.waiting) if (hint.t === 'entry') hints.deliver(hint)
  await settle()
  assert.deepEqual(seqs(device, room), [1])
})

test('[W4, D1] a member who left while behind gets nothing from after the leaving, even when all hints were lost', async () => {
  const { world, room, device, socket, stream } = await pair(true)
  // Enough data waits for the device that the next entry must be read from the log later.
  await world.say(room, writer, 1)
  socket.send(Buffer.from(JSON.stringify({ t: 'pong', n: 0, pad: 'x'.repeat(70_000) })))
  await world.say(room, writer)
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  await world.say(room, writer, 3)
  world.bus.waiting.length = 0
  socket.stalled = false
  socket.drain()
  await settle()
  assert.deepEqual(seqs(device, room), [1, 2, 3], 'what came before is sent, the rest is not')
  assert.deepEqual(stream.heads(), [], 'and what is asked afterwards tells nothing')
})

test('[W4, D1] a member who left and came back while behind does not get the entries in between', async () => {
  const { world, room, device, stream } = await pair()
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  await world.say(room, writer, 3)
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  await world.say(room, writer)
  const [account] = world.bus.waiting.filter((hint) => hint.t === 'account')
  world.bus.waiting.length = 0
  // Only the account log's hint arrives: the conversation was joined again, and the device's cursor is from before it left.
  world.bus.deliver(account!)
  await world.hub.sweep()
  await settle()
  device.assertComplete(world.store, [room])
  device.assertSawOnlyItsOwn(world.store)
  assert.equal(stream.total(), 7)
})

test('[D1] an old hint about a leaving does not remove a member who has come back', async () => {
  const { world, room, device, stream } = await pair()
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  const left = world.bus.waiting.find((hint) => hint.t === 'entry')!
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  for (const hint of world.bus.waiting.splice(0)) if (hint !== left) world.bus.deliver(hint)
  await settle()
  world.bus.deliver(left)
  world.bus.direct = true
  await world.say(room, writer)
  await settle()
  device.assertComplete(world.store, [room])
  assert.notEqual(stream.room(room), undefined)
})

test('[D1] the same, when the old hint arrives during the read of the new snapshot', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => false })
  const room = await world.group(1, 1, 2)
  const device = new ModelDevice(reader)
  const attached = world.connect(device)
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  const stream = attached.stream!
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  const left = world.bus.waiting.find((hint) => hint.t === 'entry')!
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  for (const hint of world.bus.waiting.splice(0)) if (hint !== left) world.bus.deliver(hint)
  await settle()
  world.held.release(0)
  await settle()
  assert.deepEqual(world.held.names, ['snapshot'])
  world.bus.deliver(left)
  assert.equal(stream.room(room), undefined, 'until the log has spoken, nothing is told of it')
  world.held.free()
  await settle()
  device.assertComplete(world.store, [room])
  assert.equal(attached.socket.closedWith, null)
})

test('[D5, D9] an invitation while connected starts with a reset and continues live', async () => {
  const world = createDeliveryWorld({ accounts: 3 })
  const room = await world.group(1, 1, 3)
  await world.say(room, writer, 30)
  const device = new ModelDevice(reader)
  const { socket } = world.connect(device)
  await settle()
  assert.equal(device.rooms.size, 0)
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  await settle()
  const [reset] = socket.of('reset')
  assert.deepEqual(
    reset?.entries.map((entry: Entry) => entry.seq),
    [32],
    'nothing from before it came in [W4]',
  )
  await world.say(room, writer, 2)
  assert.deepEqual(seqs(device, room), [32, 33, 34])
  device.assertComplete(world.store, [room])
})

test('[W4] a left conversation is no longer watched, and its typing is not sent', async () => {
  const { world, room, stream, socket } = await pair()
  stream.setWatch({ room: stream.room(room)!, from: 1, to: null })
  world.bus.publish({ t: 'typing', conversationId: room, accountId: writer })
  assert.equal(socket.of('typing').length, 1)
  await world.write(room, reader, { kind: 'left' })
  assert.equal(stream.watch, null)
  world.clock.advance(DELIVERY_BOUNDS.typingEveryMs)
  world.bus.publish({ t: 'typing', conversationId: room, accountId: writer })
  await settle()
  assert.equal(socket.of('typing').length, 1)
})

test('[D7] a refresh during a page is answered by a reset, and nothing comes twice', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  const device = new ModelDevice(reader)
  const attached = world.connect(device)
  for (let turn = 0; turn < 5; turn++) {
    world.held.release(0)
    await settle()
  }
  world.bus.direct = false
  await world.say(room, writer, 3)
  world.bus.deliver(world.bus.waiting.at(-1)!)
  await settle()
  assert.deepEqual(world.held.names, ['read'])
  assert.equal(attached.stream?.refresh(room), true)
  world.held.release(0)
  await settle()
  assert.equal(attached.socket.of('entries').length, 0, 'the page is of no use any more')
  world.held.free()
  await settle()
  assert.equal(device.resets, 2)
  device.assertComplete(world.store, [room])
})

test('[W4] a foreign conversation is not refreshed', async () => {
  const { world, stream } = await pair()
  const other = await world.group(2, 1, 3)
  assert.equal(stream.refresh(other), false)
  assert.equal(stream.room(other), undefined)
})

test('[W4] a snapshot read before the leaving is not sent after it', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  const device = new ModelDevice(reader)
  const attached = world.connect(device)
  for (let turn = 0; turn < 2; turn++) {
    world.held.release(0)
    await settle()
  }
  assert.deepEqual(world.held.names, ['snapshot'])
  await world.write(room, reader, { kind: 'left' })
  world.held.release(0)
  world.held.free()
  await settle()
  assert.equal(attached.socket.of('reset').length, 0)
  device.assertComplete(world.store, [room])
})

test('[W4] a member who leaves during their hello cannot continue beyond the leaving with any cursor', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  // Another member is in the room, so that hints raise its head here.
  world.connect(new ModelDevice(writer), 2)
  for (let turn = 0; turn < 6; turn++) {
    world.held.release(0)
    await settle()
  }
  const socket = createFakeSocket()
  const opened = world.hub.open(reader, deviceId(1), socket, { account: world.store.accountHead(reader), rooms: new Map([[room, 3]]) }, () => true)
  assert.deepEqual(world.held.names, ['position'])
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  await world.say(room, writer, 3)
  // The account log's hint is lost: only the conversation's hint arrives.
  for (const hint of world.bus.waiting.splice(0)) if (hint.t === 'entry') world.bus.deliver(hint)
  world.held.free()
  assert.equal(await opened, true)
  await settle()
  assert.deepEqual([...socket.of('entries'), ...socket.of('reset')], [])
})

test('[W4] after an unnoticed leaving and return, the earlier watch ends with the new snapshot', async () => {
  const { world, room, stream } = await pair()
  await world.say(room, writer)
  stream.setWatch({ room: stream.room(room)!, from: 1, to: null })
  world.bus.direct = false
  await world.write(room, reader, { kind: 'left' })
  await world.say(room, writer, 3)
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  assert.equal(stream.refresh(room), true)
  await settle()
  assert.equal(stream.joinedSeq(room), 7)
  assert.equal(stream.watch, null)
})
