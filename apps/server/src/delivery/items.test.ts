import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type Act, type AccountItem, type ConversationId } from '@bongsu/protocol'
import { createDeliveryWorld, type DeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { createFakeSocket, type FakeSocket } from '../../../../tests/worlds/fake-socket.ts'
import { accountId, deviceId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import type { Cursors } from './cursors.ts'
import type { DeviceStream } from './stream.ts'

const [writer, reader, third] = [accountId(1), accountId(2), accountId(3)]
const react = (emoji: string | null): Act => ({ kind: 'reaction', value: emoji === null ? null : { emoji } })
const ERASED: Act = { kind: 'erased', value: {} }

interface Device {
  readonly socket: FakeSocket
  readonly stream: DeviceStream
  readonly changes: () => number[]
}

/** A device that has caught up from these cursors. */
async function open(
  world: DeliveryWorld,
  account = reader,
  cursors: Cursors = { account: 0, rooms: new Map(), changes: new Map() },
): Promise<Device> {
  const socket = createFakeSocket()
  let stream: DeviceStream | null = null
  await world.hub.open(account, deviceId(Number.parseInt(account.slice(-4), 16)), socket, cursors, (made) => {
    stream = made
    return true
  })
  await settle()
  return { socket, stream: stream!, changes: () => socket.of('items').flatMap(({ items }) => items.map(({ change }) => change)) }
}

/** Cursors of a device that has everything. */
function hasAll(world: DeliveryWorld, room: ConversationId, change = world.store.change(room)): Cursors {
  return { account: 0, rooms: new Map([[room, world.store.entries(room).length]]), changes: new Map([[room, change]]) }
}

async function talk(accounts = 3) {
  const world = createDeliveryWorld({ accounts })
  const room = await world.group(1, ...Array.from({ length: accounts }, (_, index) => index + 1))
  await world.say(room, writer, 2)
  return { world, room }
}

test('[I3] an act reaches every device that is there at once, from one buffer, and moves its cursor by one', async () => {
  const { world, room } = await talk()
  const [one, other] = [await open(world), await open(world, third)]
  await world.mark(room, writer, 2, react('👍'))
  await world.mark(room, reader, 2, react('❤️'))
  await world.mark(room, writer, 2, react(null))
  for (const { socket } of [one, other]) {
    assert.deepEqual(socket.of('items'), [
      { t: 'items', conversationId: room, from: 0, to: 1, items: [{ kind: 'reaction', key: `2:${writer}`, change: 1, value: { emoji: '👍' } }] },
      { t: 'items', conversationId: room, from: 1, to: 2, items: [{ kind: 'reaction', key: `2:${reader}`, change: 2, value: { emoji: '❤️' } }] },
      { t: 'items', conversationId: room, from: 2, to: 3, items: [{ kind: 'reaction', key: `2:${writer}`, change: 3, value: null }] },
    ])
  }
})

test('[I3, D6] a device that was away gets each item once, by its newest change, after the entries; totals and heads count changes', async () => {
  const { world, room } = await talk()
  const before = hasAll(world, room)
  await world.say(room, writer)
  await world.mark(room, writer, 4, react('👍'))
  await world.mark(room, writer, 4, react('❤️'))
  await world.mark(room, third, 2, react('👍'))
  const { socket, stream, changes } = await open(world, reader, before)
  assert.deepEqual(
    socket.frames.map(({ t }) => t).filter((t) => t === 'entries' || t === 'items'),
    ['entries', 'items'],
  )
  assert.deepEqual(changes(), [2, 3])
  assert.deepEqual([socket.of('caught-up')[0]?.total, stream.total()], [7, 7])
  assert.deepEqual([stream.heads(), stream.changes()], [[[room, 4]], [[room, 3]]])
  assert.deepEqual(socket.of('reset'), [])
})

test('[I3, D1] a lost hint about an item is made good by the next one, and by the sweep; doubled and late ones change nothing', async () => {
  const { world, room } = await talk()
  const { socket, changes } = await open(world)
  world.bus.direct = false
  await world.mark(room, writer, 2, react('👍'))
  await world.mark(room, third, 2, react('👍'))
  const [lost, next] = world.bus.waiting
  world.bus.deliver(next!)
  await settle()
  assert.deepEqual(changes(), [1, 2])
  for (const hint of [lost!, next!, lost!]) world.bus.deliver(hint)
  await settle()
  assert.equal(socket.of('items').length, 1)
  await world.mark(room, writer, 3, react('👍'))
  await world.hub.sweep()
  await settle()
  assert.deepEqual(changes(), [1, 2, 3])
})

test(`[I3] ${LIMITS.backfillItemsMax} changes behind are sent, in pages; one more is a reset with the marks of its own entries`, async () => {
  const { world, room } = await talk()
  await world.say(room, writer, LIMITS.resetTailEntries)
  // Of one member each, so that none replaces another.
  const crowd = Array.from({ length: LIMITS.backfillItemsMax }, (_, n) => accountId(100 + n))
  for (const one of crowd) world.store.addAccount(one)
  for (let start = 0; start < crowd.length; start += LIMITS.inviteesPerEntryMax)
    await world.write(room, writer, { kind: 'invited', accounts: crowd.slice(start, start + LIMITS.inviteesPerEntryMax) })
  await world.say(room, writer)
  const last = world.store.entries(room).length
  const before = hasAll(world, room)
  for (const one of crowd) await world.mark(room, one, last, react('👍'))
  const near = await open(world, reader, before)
  assert.equal(near.changes().length, LIMITS.backfillItemsMax)
  assert.ok(near.socket.of('items').every(({ items }) => items.length <= LIMITS.itemsPerFrameMax))
  assert.deepEqual(near.socket.of('reset'), [])
  await world.mark(room, writer, 2, react('👍'))
  const far = await open(world, third, before)
  const [reset] = far.socket.of('reset')
  assert.deepEqual(far.changes(), [])
  assert.deepEqual([reset?.change, reset?.items?.length], [LIMITS.backfillItemsMax + 1, LIMITS.backfillItemsMax])
})

test('[I3, D7] a device whose changes are ahead of the history begins anew', async () => {
  const { world, room } = await talk()
  const { socket } = await open(world, reader, hasAll(world, room, 1))
  assert.equal(socket.of('reset').length, 1)
})

test('[I3] long edits are sent in frames that a slow line can take', async () => {
  const { world, room } = await talk()
  await world.say(room, writer, 10)
  const before = hasAll(world, room)
  for (let seq = 2; seq <= 12; seq++) await world.mark(room, writer, seq, { kind: 'edit', value: { text: '가'.repeat(LIMITS.textCodePointsMax) } })
  const { socket, changes } = await open(world, reader, before)
  assert.deepEqual(
    changes(),
    Array.from({ length: 11 }, (_, index) => index + 1),
  )
  assert.ok(socket.of('items').every((frame) => JSON.stringify(frame).length < 2 * 65_536))
})

test('[W4, I3] an item about what was said before one came in is only counted, live and on coming back', async () => {
  const { world, room } = await talk()
  const late = accountId(9)
  world.store.addAccount(late)
  await world.write(room, writer, { kind: 'invited', accounts: [late] })
  await world.say(room, writer)
  const device = await open(world, late)
  const before = hasAll(world, room)
  await world.mark(room, writer, 2, react('👍'))
  await world.mark(room, writer, 5, react('👍'))
  assert.deepEqual(device.changes(), [2])
  assert.deepEqual(device.stream.changes(), [[room, 2]])
  assert.equal(device.stream.total(), 5 + 2)
  const again = await open(world, late, before)
  assert.deepEqual(again.changes(), [2])
  assert.deepEqual(again.socket.of('items').at(-1)?.to, 2)
})

test('[W4] whoever has left hears of no item that came after, though the hint of the leaving was lost', async () => {
  for (const bare of [false, true]) {
    const { world, room } = await talk()
    const { changes, stream } = await open(world)
    world.bus.direct = false
    await world.write(room, reader, { kind: 'left' })
    world.bus.waiting.length = 0
    await world.mark(room, writer, 2, react('👍'))
    const [hint] = world.bus.waiting
    assert.ok(hint?.t === 'items')
    const { item: _item, ...rest } = hint
    world.bus.deliver(bare ? rest : hint)
    await settle()
    assert.deepEqual(changes(), [])
    assert.deepEqual(stream.heads(), [])
  }
})

test('[W4] whoever leaves while items are read for them is not sent them', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => false })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer)
  await world.mark(room, writer, 2, react('👍'))
  const socket = createFakeSocket()
  void world.hub.open(reader, deviceId(2), socket, { account: 99, rooms: new Map([[room, 2]]), changes: new Map() }, () => true)
  world.bus.direct = false
  world.held.release(0)
  await settle()
  assert.deepEqual(world.held.names, ['items'])
  await world.write(room, reader, { kind: 'left' })
  await world.mark(room, writer, 2, react('❤️'))
  world.held.free()
  await settle()
  assert.deepEqual(socket.of('items'), [])
})

test('[D2, I3] an act that comes while a device is let in reaches it at once, though nobody else there is in the conversation', async () => {
  const world = createDeliveryWorld({ accounts: 2, early: () => true })
  const room = await world.group(1, 1, 2)
  await world.say(room, writer)
  const socket = createFakeSocket()
  const opened = world.hub.open(reader, deviceId(2), socket, { account: 0, rooms: new Map([[room, 2]]), changes: new Map() }, () => true)
  assert.deepEqual(world.held.names, ['position'])
  await world.mark(room, writer, 2, react('👍'))
  world.held.free()
  await opened
  await settle()
  assert.deepEqual(
    socket.of('items').map(({ to }) => to),
    [1],
  )
})

test('[I6] an erased entry comes erased, live as a mark, later as what it is, and no mark of it is left', async () => {
  const { world, room } = await talk()
  await world.mark(room, reader, 2, react('👍'))
  const before = hasAll(world, room, 0)
  const live = await open(world)
  await world.mark(room, writer, 2, ERASED)
  assert.deepEqual(live.socket.of('items').at(-1)?.items, [{ kind: 'erased', key: '2', change: 2, value: {} }])
  const back = await open(world, third, before)
  assert.deepEqual(
    back.socket.of('items').flatMap(({ items }) => items.map(({ kind }) => kind)),
    ['erased'],
  )
  const anew = await open(world, third)
  assert.deepEqual(anew.socket.of('reset')[0]?.entries[1]?.body, { kind: 'erased' })
})

test('[I10] a device that does not know items is sent none, and sees a plain line where an entry was erased; its counts are right', async () => {
  const { world, room } = await talk()
  const unknown = new Set(['hidden'])
  const old = await open(world, reader, { account: 0, rooms: new Map(), unknown })
  await world.mark(room, third, 3, react('👍'))
  await world.mark(room, writer, 2, ERASED)
  await world.mark(room, reader, 3, { kind: 'hidden', value: {} })
  await settle()
  const again = await open(world, reader, { account: 0, rooms: new Map([[room, 1]]), unknown })
  const anew = await open(world, reader, { account: 0, rooms: new Map(), unknown })
  const line = { kind: 'text', text: '삭제된 메시지입니다. (Deleted message)' }
  assert.deepEqual(again.socket.of('entries')[0]?.entries[0]?.body, line)
  const [reset] = anew.socket.of('reset')
  assert.deepEqual([reset?.entries[1]?.body, reset?.items, reset?.change], [line, undefined, undefined])
  for (const { socket, stream } of [old, again, anew]) {
    assert.deepEqual(socket.of('items'), [])
    assert.equal(stream.total(), 3)
    const kinds = socket.of('account').flatMap(({ items }) => items.map(({ kind }: AccountItem) => kind))
    assert.ok(!kinds.includes('hidden'))
  }
  const today = await open(world, reader)
  assert.ok(today.socket.of('account').some(({ items }) => items.some(({ kind }) => kind === 'hidden')))
})

test('[I7, D3] a device too slow for items falls behind and gets them when it has taken what waits', async () => {
  const { world, room } = await talk()
  const { socket, changes } = await open(world)
  socket.stalled = true
  for (let n = 0; n < 20; n++) await world.say(room, writer)
  await world.mark(room, writer, 2, { kind: 'edit', value: { text: '가'.repeat(LIMITS.textCodePointsMax) } })
  await world.mark(room, writer, 3, { kind: 'edit', value: { text: '가'.repeat(LIMITS.textCodePointsMax) } })
  await world.mark(room, writer, 4, { kind: 'edit', value: { text: '가'.repeat(LIMITS.textCodePointsMax) } })
  await world.mark(room, writer, 5, react('👍'))
  assert.ok(changes().length < 4)
  socket.stalled = false
  socket.drain()
  await settle()
  assert.deepEqual(changes(), [1, 2, 3, 4])
})

test('[D3, I3] the largest reset, of the longest texts, all edited, with as many reactions as ride along, fits under the hard bound', async () => {
  const { world, room } = await talk(2)
  // In JSON, each of these characters takes six bytes.
  const text = '\u0001'.repeat(LIMITS.textCodePointsMax - 1) + '글'
  const mentions = Array.from({ length: LIMITS.mentionsMax }, (_, n) => ({ who: accountId(1 + (n % 2)), at: 9_000 + n, length: 1 }))
  const crowd = Array.from({ length: LIMITS.itemsPerPageMax - LIMITS.resetTailEntries }, (_, n) => accountId(100 + n))
  for (const one of crowd) world.store.addAccount(one)
  for (let start = 0; start < crowd.length; start += LIMITS.inviteesPerEntryMax)
    await world.write(room, writer, { kind: 'invited', accounts: crowd.slice(start, start + LIMITS.inviteesPerEntryMax) })
  for (let n = 0; n < LIMITS.resetTailEntries; n++) {
    await world.write(room, writer, { kind: 'text', text, mentions, replyTo: 2 })
    await world.mark(room, writer, world.store.entries(room).length, { kind: 'edit', value: { text, mentions } })
  }
  const last = world.store.entries(room).length
  for (const one of crowd) await world.mark(room, one, last, react('👩🏽‍❤️‍💋‍👨🏿'))
  const { socket } = await open(world)
  const [reset] = socket.of('reset')
  assert.deepEqual([reset?.entries.length, reset?.items?.length], [LIMITS.resetTailEntries, LIMITS.itemsPerPageMax])
  const bytes = Buffer.byteLength(JSON.stringify(reset))
  assert.ok(bytes + DELIVERY_BOUNDS.bufferedBytesSoft < DELIVERY_BOUNDS.bufferedBytesHard, `${bytes} bytes`)
})

test('[I10, D1] a device that does not know items gets none, also when it was slow while another found a hint to be wrong', async () => {
  const { world, room } = await talk()
  await world.mark(room, writer, 2, react('👍'))
  const quick = await open(world, third)
  const slow = await open(world, reader, { account: 0, rooms: new Map() })
  slow.socket.stalled = true
  slow.socket.send(Buffer.from(JSON.stringify({ t: 'pong', n: 0, pad: 'x'.repeat(DELIVERY_BOUNDS.bufferedBytesSoft) })))
  world.bus.deliver({ t: 'entry', conversationId: room, seq: 99 })
  await settle()
  assert.equal(quick.stream.total(), 4)
  slow.socket.drain()
  await settle()
  assert.deepEqual(slow.socket.of('items'), [])
  assert.equal(slow.stream.total(), 3)
  await world.say(room, writer)
  await settle()
  assert.deepEqual(
    slow.socket.of('entries').flatMap(({ entries }) => entries.map(({ seq }) => seq)),
    [4],
  )
})

test('[I10] a device that knows version 1 alone sees a place as a text: at once, when it was away, and in a reset', async () => {
  const { world, room } = await talk()
  const old = { account: 0, rooms: new Map([[room, 3]]) }
  const there = await open(world, reader, old)
  await world.write(room, writer, { kind: 'place', geo: '37.56650,126.97800', withinM: 20 })
  await settle()
  const away = await open(world, reader, old)
  const fresh = await open(world, reader, { account: 0, rooms: new Map() })
  const bodies = [
    ...there.socket.of('entries').flatMap(({ entries }) => entries),
    ...away.socket.of('entries').flatMap(({ entries }) => entries),
    ...fresh.socket.of('reset').flatMap(({ entries }) => entries.slice(-1)),
  ].map(({ body }) => body)
  assert.deepEqual(
    bodies,
    Array.from({ length: 3 }, () => ({ kind: 'text', text: '위치: 37.56650,126.97800 (Location)' })),
  )
  const knowing = await open(world, third, hasAll(world, room))
  await world.write(room, writer, { kind: 'place', geo: '37.56650,126.97800', withinM: 20 })
  assert.equal(knowing.socket.of('entries').at(-1)?.entries[0]?.body.kind, 'place')
})
