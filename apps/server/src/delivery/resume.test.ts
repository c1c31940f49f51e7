import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, LIMITS, type ConversationId } from '@bongsu/protocol'
import { createDeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId, deviceId, roomId } from '../../../../tests/worlds/names.ts'
import { createFakeSocket } from '../../../../tests/worlds/fake-socket.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import type { Cursors } from './cursors.ts'

const [writer, reader] = [accountId(1), accountId(2)]

/** A conversation with `entries` entries, and the frames for a device at `cursor`. */
async function resumeAt(cursor: number, entries: number) {
  const world = createDeliveryWorld({ accounts: 2 })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer, entries - 1)
  const socket = createFakeSocket()
  const cursors: Cursors = { account: 0, rooms: new Map([[room, cursor]]) }
  await world.hub.open(reader, deviceId(1), socket, cursors, () => true)
  await settle()
  return { world, room, socket, sent: socket.of('entries').flatMap((frame) => frame.entries.map((entry) => entry.seq)), resets: socket.of('reset') }
}

test(`[D7] a device ${LIMITS.backfillEntriesMax} entries behind gets each of them, in pages; one more and it gets a reset`, async () => {
  const max = LIMITS.backfillEntriesMax
  const at = await resumeAt(2, max + 2)
  assert.deepEqual(
    at.sent,
    Array.from({ length: max }, (_, index) => index + 3),
  )
  assert.deepEqual(at.resets, [])
  assert.ok(at.socket.of('entries').every((frame) => frame.entries.length <= LIMITS.entriesPerPageMax))
  const beyond = await resumeAt(1, max + 2)
  assert.deepEqual(beyond.sent, [])
  assert.equal(beyond.resets[0]?.head, max + 2)
  assert.equal(beyond.resets[0]?.entries.length, LIMITS.resetTailEntries)
})

test('[D7] a cursor at the head is continued without frames; one beyond it gets a reset', async () => {
  const at = await resumeAt(5, 5)
  assert.deepEqual([at.sent, at.resets], [[], []])
  assert.deepEqual(
    at.socket.of('caught-up').map((frame) => frame.total),
    [5],
  )
  const ahead = await resumeAt(6, 5)
  assert.equal(ahead.resets[0]?.head, 5)
  assert.deepEqual(
    ahead.socket.of('caught-up').map((frame) => frame.total),
    [5],
  )
})

test('[D7, W4] a cursor from before the joining gets a reset; the one right before it continues', async () => {
  const world = createDeliveryWorld({ accounts: 2 })
  const room = await world.group(1, 1)
  await world.say(room, writer, 4)
  await world.write(room, writer, { kind: 'invited', accounts: [reader] })
  for (const [cursor, resets] of [
    [4, 1],
    [5, 0],
  ] as const) {
    const socket = createFakeSocket()
    // Entry 6 is the invitation, so 5 is right before it.
    await world.hub.open(reader, deviceId(1), socket, { account: 0, rooms: new Map([[room, cursor]]) }, () => true)
    await settle()
    assert.equal(socket.of('reset').length, resets, `from ${cursor}`)
    const seqs = [...socket.of('entries'), ...socket.of('reset')].flatMap((frame) => frame.entries.map((entry) => entry.seq))
    assert.deepEqual(seqs, [6])
  }
})

test('[D7] cursors of unknown or foreign conversations are ignored', async () => {
  const world = createDeliveryWorld({ accounts: 3 })
  const foreign = await world.group(1, 1, 3)
  const socket = createFakeSocket()
  const rooms = new Map([
    [foreign, 1],
    [roomId(99), 7],
  ])
  await world.hub.open(reader, deviceId(1), socket, { account: 0, rooms }, () => true)
  await settle()
  assert.deepEqual(socket.frames, [{ t: 'caught-up', account: 0, total: 0 }])
})

test('[D9] account items come in connected pages, before any entry', async () => {
  const world = createDeliveryWorld({ accounts: 2 })
  for (let n = 1; n <= LIMITS.itemsPerFrameMax + 1; n++) await world.group(n, 2)
  const device = new ModelDevice(reader)
  const { socket } = world.connect(device)
  await settle()
  assert.deepEqual(
    socket.of('account').map((frame) => frame.items.length),
    [LIMITS.itemsPerFrameMax, 1],
  )
  assert.ok(socket.frames.slice(0, 2).every((frame) => frame.t === 'account'))
  assert.equal(device.account, LIMITS.itemsPerFrameMax + 1)
  assert.equal(device.rooms.size, LIMITS.itemsPerFrameMax + 1)
})

test('[D2] a message during the position read is not lost, with or without its hint', async () => {
  for (const hinted of [true, false]) {
    const world = createDeliveryWorld({ accounts: 2, early: () => true })
    const room = await world.group(1, 1, 2)
    const device = new ModelDevice(reader)
    world.bus.direct = hinted
    world.connect(device)
    assert.deepEqual(world.held.names, ['position'])
    await world.say(room, writer, 2)
    world.held.release(0)
    await settle()
    // The rest is read early too, but after the entries.
    world.held.free()
    await settle()
    if (!hinted) await world.hub.sweep()
    await settle()
    device.assertComplete(world.store, [room])
  }
})

test('[D2] a hint during the position read is enough for a conversation with no other device here', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer)
  const socket = createFakeSocket()
  const opened = world.hub.open(reader, deviceId(1), socket, { account: 1, rooms: new Map([[room, 2]]) }, () => true)
  await world.say(room, writer)
  world.held.free()
  assert.equal(await opened, true)
  await settle()
  assert.deepEqual(
    socket.of('entries').flatMap((frame) => frame.entries.map((entry) => entry.seq)),
    [3],
  )
})

test('[O1] a device that disconnects during the position read leaves nothing behind', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  await world.group(1, 1, 2)
  const attached = world.connect(new ModelDevice(reader))
  assert.deepEqual(world.hub.stats(), { rooms: 0, accounts: 1 })
  world.disconnect(attached)
  world.held.release(0)
  await attached.opened
  assert.deepEqual(world.hub.stats(), { rooms: 0, accounts: 0 })
  assert.deepEqual(attached.socket.frames, [])
})

test('[O1] an unknown account is reported, and a failed position read throws: neither leaves anything', async () => {
  const world = createDeliveryWorld({ accounts: 1, early: () => true })
  const nobody = world.connect(new ModelDevice(accountId(9)))
  world.held.release(0)
  assert.equal(await nobody.opened, false)
  const failing = world.connect(new ModelDevice(accountId(1)))
  world.held.fail(0, new Error('the disk is gone'))
  await assert.rejects(failing.opened, /disk is gone/)
  assert.deepEqual(world.hub.stats(), { rooms: 0, accounts: 0 })
})

test('[D7] a failed read closes the device once, is counted once, and others continue', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  const [one, other] = [world.connect(new ModelDevice(reader), 1), world.connect(new ModelDevice(writer), 2)]
  for (let turn = 0; turn < 10; turn++) {
    world.held.release(0)
    await settle()
  }
  world.bus.direct = false
  await world.say(room, writer, 2)
  // Without the entry in the hint, so that both must read. One read is for both, and the other device reads again when it fails.
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 3 })
  await settle()
  assert.deepEqual(world.held.names, ['read'])
  world.held.fail(0, new Error('the disk is gone'))
  await settle()
  assert.deepEqual(world.held.names, ['read'])
  assert.equal(one.socket.closedWith, CLOSE_CODES.unavailable.code)
  assert.equal(other.socket.closedWith, null)
  // The socket has yet to close. Until then nothing is read for it again.
  world.held.free()
  await world.say(room, writer)
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 4 })
  await settle()
  assert.equal(world.failures.length, 1)
  other.device.assertComplete(world.store, [room])
})

test('[D1] a hint beyond the readable entries is forgotten, and the entry is found when it exists', async () => {
  const world = createDeliveryWorld({ accounts: 2 })
  const room = await world.group(1, 1, 2)
  const device = new ModelDevice(reader)
  const attached = world.connect(device)
  await settle()
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 2 })
  await settle()
  assert.equal(attached.stream?.total(), 1)
  world.bus.direct = false
  await world.say(room, writer)
  await world.hub.sweep()
  await settle()
  device.assertComplete(world.store, [room])
})

test('[D2] a message during the admission of a device reaches it at once, without other devices in the conversation', async () => {
  for (const hasCursor of [true, false]) {
    const world = createDeliveryWorld({ accounts: 2, early: () => true })
    const room = await world.group(1, 1, 2)
    const socket = createFakeSocket()
    const cursors: Cursors = { account: 0, rooms: new Map(hasCursor ? [[room, 1]] : []) }
    const opened = world.hub.open(reader, deviceId(1), socket, cursors, () => true)
    assert.deepEqual(world.held.names, ['position'])
    await world.say(room, writer)
    world.held.free()
    await opened
    await settle()
    const seqs = [...socket.of('reset'), ...socket.of('entries')].flatMap((frame) => frame.entries.map(({ seq }) => seq))
    assert.deepEqual(seqs, hasCursor ? [2] : [1, 2])
  }
})

test('[O1] conversations listened to during admission are bounded; the sweep finds missed changes', async () => {
  for (const [others, heard] of [
    [DELIVERY_BOUNDS.awaitedMax - 1, 1],
    [DELIVERY_BOUNDS.awaitedMax, 0],
  ] as const) {
    const world = createDeliveryWorld({ accounts: 2, early: () => true })
    const room = await world.group(1, 1, 2)
    const made = Array.from({ length: others }, (_, n) => [`made-up-${n}` as ConversationId, 1] as const)
    const socket = createFakeSocket()
    const opened = world.hub.open(reader, deviceId(1), socket, { account: 0, rooms: new Map([...made, [room, 1]]) }, () => true)
    await world.say(room, writer)
    world.held.free()
    await opened
    await settle()
    assert.equal(socket.of('entries').length, heard)
    await world.hub.sweep()
    await settle()
    assert.equal(socket.of('entries').length, 1)
  }
})
