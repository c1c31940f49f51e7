import { test } from 'node:test'
import assert from 'node:assert/strict'
import { CLOSE_CODES, LIMITS, type ConversationId, type DownFrame, type UpFrame } from '@bongsu/protocol'
import { createWorld } from '../fakes/device.ts'
import { settle } from '../fakes/clock.ts'
import { DEVICE_BOUNDS } from './bounds.ts'
import { watchDoubtMs, watchGatherMs } from './watching.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalChange, LocalStore } from './ports.ts'
import { gatherMs as readGatherMs, readsAtOnceMax } from './read-telling.ts'
import { refreshesInFlightMax } from './refreshes.ts'
import { unreadCount } from './select.ts'
import { EMPTY_STATE } from './state.ts'
import { typingShownMs, typingToldMs } from './typing.ts'

const { tailEntries, expectMs } = DEVICE_BOUNDS
const hello = { kind: 'text', text: '안녕' } as const
const isKind =
  <T extends UpFrame['t']>(t: T) =>
  (frame: UpFrame): frame is Extract<UpFrame, { t: T }> =>
    frame.t === t

test('[R3] watermarks are gathered, sent once, sent again after a break until confirmed, and never fall [R1]', async () => {
  const world = createWorld()
  const { device, server, network, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  for (let index = 0; index < 5; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  network.onUp = (frame) => frame.t !== 'read'
  for (const seq of [3, 5, 4]) device.markRead(room, seq)
  assert.equal(device.view().replica.rooms.get(room)?.readSeq, 5)
  await clock.pass(readGatherMs)
  assert.deepEqual(
    network
      .line()
      .up.filter(isKind('read'))
      .map((frame) => frame.seq),
    [5],
  )
  assert.equal(server.conversations.get(room)?.reads.get(me), undefined, 'it was lost on the way')
  await clock.pass(100)
  const again = world.restart()
  network.onUp = () => true
  await again.start()
  await clock.pass(5_000)
  assert.equal(server.conversations.get(room)?.reads.get(me), 5)
  await clock.pass(5_000)
  assert.equal(network.line().up.filter(isKind('read')).length, 1)
  again.markRead(room, 99)
  assert.equal(again.view().replica.rooms.get(room)?.readSeq, 6, '[R2]')
})

test('[O1] watermarks of many rooms are sent a few at a time', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const rooms = Array.from({ length: readsAtOnceMax + 1 }, () => server.addConversation('group', [other, me]))
  await device.start()
  await clock.pass(1_000)
  for (const room of rooms) device.markRead(room, 1)
  await clock.pass(readGatherMs)
  assert.equal(network.line().up.filter(isKind('read')).length, readsAtOnceMax)
  await clock.pass(readGatherMs)
  assert.equal(network.line().up.filter(isKind('read')).length, readsAtOnceMax + 1)
})

test('[D6] a lost last message is found with the next heartbeat', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(1_000)
  network.onDown = (frame) => frame.t !== 'entries'
  server.say(other, room, 'lost')
  await clock.pass(1_000)
  assert.equal(device.view().replica.rooms.get(room)?.cursor, 1)
  for (const link of server.links) server.beat(link)
  await clock.pass(1_000)
  assert.equal(device.view().replica.rooms.get(room)?.cursor, 2)
})

test('[D6] a lost change of the account is found too: the device resumes when it does not come by itself', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  await device.start()
  await clock.pass(1_000)
  network.onDown = (frame) => frame.t !== 'account'
  server.befriend(me, other, true)
  await clock.pass(1_000)
  network.onDown = () => true
  for (const link of server.links) server.beat(link)
  await clock.pass(expectMs)
  assert.equal(network.lines.length, 1)
  await clock.pass(5_000)
  assert.equal(network.lines.length, 2)
  assert.equal(device.view().replica.friends.has(other), true)
})

test('[O1] many gaps are requested a few at a time, each once', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const rooms = Array.from({ length: refreshesInFlightMax + 3 }, () => server.addConversation('group', [other, me]))
  await device.start()
  await clock.pass(1_000)
  let most = 0
  let open = 0
  network.onDown = (frame) => frame.t !== 'entries'
  for (const room of rooms) server.say(other, room, 'lost')
  network.onDown = (frame) => {
    if (frame.t === 'reset') open--
    return true
  }
  network.onUp = (frame) => {
    if (frame.t === 'refresh') most = Math.max(most, ++open)
    return true
  }
  for (const link of server.links) server.beat(link)
  await clock.pass(1_000)
  assert.equal(network.line().up.filter(isKind('refresh')).length, rooms.length)
  for (const room of rooms) assert.equal(device.view().replica.rooms.get(room)?.cursor, 2)
  assert.ok(most <= refreshesInFlightMax)
})

for (const [way, restarted] of [
  ['the connection', false],
  ['the device', true],
] as const) {
  test(`[R3] the count for a risen watermark is requested again when ${way} ended before the answer`, async () => {
    const world = createWorld()
    const { server, network, clock, me, other } = world
    const room = server.addConversation('direct', [me, other])
    for (let index = 0; index < 30; index++) server.say(other, room, `${index}`)
    await world.device.start()
    await clock.pass(1_000)
    network.onUp = (frame) => frame.t !== 'refresh'
    server.raise(me, room, 11)
    await clock.pass(1_000)
    network.line().cut(1_006)
    const device = restarted ? world.restart() : world.device
    network.onUp = () => true
    if (restarted) await device.start()
    await clock.pass(5_000)
    const known = device.view().replica.rooms.get(room) ?? assert.fail()
    assert.deepEqual([unreadCount(known, device.view().replica), known.inexact], [20, false])
  })
}

test('[R2, R3] for a watermark below memory the server is asked for the count, and only while it is unknown', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  for (let index = 0; index < 30; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  device.markRead(room, 11)
  await clock.pass(5_000)
  for (let beats = 0; beats < 3; beats++) {
    for (const link of server.links) server.beat(link)
    await clock.pass(1_000)
  }
  assert.equal(unreadCount(device.view().replica.rooms.get(room) ?? assert.fail(), device.view().replica), 20)
  assert.ok(network.line().up.filter(isKind('refresh')).length <= 2)
})

test('[D7] another epoch empties the replica and keeps the outbox', async () => {
  const { device, server, network, clock, me, other, store } = createWorld()
  const room = server.addConversation('direct', [me, other])
  server.say(other, room, 'old')
  await device.start()
  await clock.pass(1_000)
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  await device.send(room, hello)
  server.epoch = 'epoch-2'
  server.conversations.get(room)?.log.splice(1)
  network.reachable = true
  device.wake()
  await clock.pass(5_000)
  const log = server.conversations.get(room)?.log ?? []
  assert.equal(log.length, 2)
  assert.deepEqual(device.view().replica.rooms.get(room)?.entries, log)
  assert.deepEqual(await store.readEntries(room, 1, 9), log)
})

test('[D4] older entries come from the store, else from the server, until the beginning', async () => {
  const world = createWorld()
  const { device, server, network, clock, me, other, http } = world
  const calls: string[] = []
  const call = http.call.bind(http)
  Object.assign(http, { call: (...given: Parameters<typeof call>) => (calls.push(given[0]), call(...given)) })
  const room = server.addConversation('direct', [me, other])
  for (let index = 0; index < 30; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  const seqs = (from = device) =>
    from
      .view()
      .replica.rooms.get(room)
      ?.entries.map((entry) => entry.seq) ?? []
  assert.equal(seqs()[0], 28)
  assert.equal(unreadCount(device.view().replica.rooms.get(room) ?? assert.fail(), device.view().replica), 30)
  assert.deepEqual(await device.loadOlder(room, 7), { more: true })
  assert.equal(seqs()[0], 21)
  assert.deepEqual(calls.filter((name) => name === 'readHistory').length, 1)
  assert.equal(unreadCount(device.view().replica.rooms.get(room) ?? assert.fail(), device.view().replica), 30, 'still exact')
  await clock.pass(1_000)
  const again = world.restart()
  network.reachable = false
  await again.start()
  await clock.pass(100)
  while ((seqs(again)[0] ?? 0) > 21) await again.loadOlder(room, 3)
  assert.deepEqual(seqs(again), [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31])
  assert.equal(calls.filter((name) => name === 'readHistory').length, 1, 'nothing was asked of the server')
  let more = true
  while (more) ({ more } = await again.loadOlder(room, 9))
  assert.equal(seqs(again)[0], 1)
  assert.deepEqual(again.view().replica.rooms.get(room)?.ranges, [{ first: 1, last: 31 }])
})

test('[D4] unavailable older entries reject, and do not count as the beginning', async () => {
  const http = { call: async () => ({ ok: false, refusal: { code: 'unavailable' }, offline: true }) } as never
  const { device, server, clock, me, other } = createWorld(1, { http })
  const room = server.addConversation('direct', [me, other])
  for (let index = 0; index < 9; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  await assert.rejects(device.loadOlder(room, 5), /unavailable/)
  assert.equal(device.view().replica.rooms.get(room)?.entries[0]?.seq, 7)
})

test('[O1] a room that is not open keeps its tail in memory, one that is open grows, and closing cuts it', async () => {
  const { device, server, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  const open = server.addConversation('group', [me, other])
  await device.start()
  await clock.pass(1_000)
  device.watch({ conversationId: open, from: 1, to: null })
  for (let index = 0; index < 2 * tailEntries + 5; index++) {
    server.say(other, room, `${index}`)
    server.say(other, open, `${index}`)
  }
  await clock.pass(1_000)
  const inMemory = (id: ConversationId) => device.view().replica.rooms.get(id)?.entries.length
  assert.ok((inMemory(room) ?? 0) <= 2 * tailEntries && (inMemory(room) ?? 0) >= tailEntries)
  assert.equal(inMemory(open), 2 * tailEntries + 6)
  assert.equal(unreadCount(device.view().replica.rooms.get(room) ?? assert.fail(), device.view().replica), 2 * tailEntries + 5)
  device.closeRoom(open)
  assert.equal(inMemory(open), tailEntries)
  assert.equal(unreadCount(device.view().replica.rooms.get(open) ?? assert.fail(), device.view().replica), 2 * tailEntries + 5)
})

test('[R4] a room loaded again while in view stays open: entries in view are not trimmed from memory', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('group', [me, other])
  await device.start()
  await clock.pass(1_000)
  device.watch({ conversationId: room, from: 1, to: null })
  // Another history: the room is dropped and loaded again.
  server.epoch = 'epoch-2'
  network.line().cut(1_006)
  await clock.pass(60_000)
  assert.equal(device.view().replica.epoch, 'epoch-2')
  for (let index = 0; index < 2 * tailEntries + 5; index++) server.say(other, room, `${index}`)
  await clock.pass(1_000)
  assert.equal(device.view().replica.rooms.get(room)?.entries.length, 2 * tailEntries + 6)
})

test('[R4] the view is sent, gathered during scrolling, limited to the bound, and sent again after a break', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  for (let seq = 2; seq <= 1_000; seq++) server.say(other, room, `${seq}`)
  await device.start()
  await clock.pass(1_000)
  for (const from of [900, 800, 100]) device.watch({ conversationId: room, from, to: 1_000 })
  await clock.pass(watchGatherMs)
  const watches = () => network.line().up.filter(isKind('watch'))
  assert.deepEqual(watches(), [{ t: 'watch', conversationId: room, from: 1_001 - LIMITS.watchEntriesMax, to: 1_000 }])
  network.line().cut(1_006)
  await clock.pass(5_000)
  assert.equal(watches().length, 1)
  device.watch(null)
  await clock.pass(watchGatherMs)
  assert.equal(watches().at(-1)?.conversationId, null)
})

test('[R4] of a view that reaches beyond the last entry, as after a restore, the entries that are there are watched', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  for (let seq = 2; seq <= 1_000; seq++) server.say(other, room, `${seq}`)
  await device.start()
  await clock.pass(1_000)
  device.watch({ conversationId: room, from: 0, to: 1_000 })
  await clock.pass(watchGatherMs)
  server.restore('epoch-2', () => 500)
  network.line().cut(1_006)
  await clock.pass(5_000)
  assert.deepEqual(network.line().up.filter(isKind('watch')).at(-1), {
    t: 'watch',
    conversationId: room,
    from: 501 - LIMITS.watchEntriesMax,
    to: 1_000,
  })
})

test('[R4] a read also made on another device is not subtracted twice: numbers that the server does not send again are requested', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('group', [other, me], '모임')
  for (let index = 0; index < 3; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  device.watch({ conversationId: room, from: 1, to: null })
  await clock.pass(watchGatherMs)
  const watches = () => network.line().up.filter(isKind('watch')).length
  const say = (frame: DownFrame) => network.line().events.message(JSON.stringify(frame))
  const numbers = () => [2, 3, 4].map((seq) => device.view().replica.rooms.get(room)?.unread.get(seq))
  say({ t: 'unread', conversationId: room, from: 2, counts: [5, 5, 5] })
  // The server counts the watermark, and all numbers are known.
  device.markRead(room, 3)
  assert.deepEqual(numbers(), [4, 4, 5])
  await clock.pass(1_000)
  say({ t: 'unread', conversationId: room, from: 2, counts: [4, 4] })
  await clock.pass(watchDoubtMs)
  assert.equal(watches(), 1)
  // The watermark was known before from another device: the numbers from then already exclude this account.
  device.markRead(room, 4)
  assert.deepEqual(numbers(), [4, 4, 4])
  await clock.pass(1_000)
  say({ t: 'unread', conversationId: room, from: 2, counts: [3] })
  await clock.pass(watchDoubtMs - 1_000)
  assert.equal(watches(), 1)
  await clock.pass(1_000)
  assert.equal(watches(), 2)
})

test('[R4] a room left and joined again while on the screen is watched again', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('group', [other, me], '모임')
  await device.start()
  await clock.pass(1_000)
  device.watch({ conversationId: room, from: 0, to: null })
  await clock.pass(watchGatherMs)
  const watches = () => network.line().up.filter(isKind('watch')).length
  assert.equal(watches(), 1)
  server.append(me, room, server.newId(), { kind: 'left' })
  await clock.pass(1_000)
  server.append(other, room, server.newId(), { kind: 'invited', accounts: [me] })
  await clock.pass(1_000)
  assert.equal(watches(), 2, 'the server has forgotten the first')
})

test('[C3] an accepted entry does not stay in the outbox when its room is left before its arrival', async () => {
  const { device, clock, server, network, me, other } = createWorld()
  const room = server.addConversation('group', [other, me], '모임')
  await device.start()
  await clock.pass(1_000)
  network.onDown = (frame) => frame.t !== 'entries'
  await device.send(room, { kind: 'text', text: '먼저 갈게' })
  await clock.pass(1_000)
  assert.equal(device.view().outbox[0]?.progress, 'sent')
  server.append(me, room, server.newId(), { kind: 'left' })
  await clock.pass(1_000)
  assert.equal(device.view().replica.rooms.has(room), false)
  const { link } = network.line()
  server.beat(link ?? assert.fail())
  await clock.pass(1_000)
  assert.deepEqual(device.view().outbox, [])
})

test('[O2] typing is sent at most once in three seconds and shown for five', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(1_000)
  device.typing(room)
  await clock.pass(typingToldMs - 1)
  device.typing(room)
  assert.equal(network.line().up.filter(isKind('typing')).length, 1)
  await clock.pass(1)
  device.typing(room)
  assert.equal(network.line().up.filter(isKind('typing')).length, 2)
  const say = (accountId: typeof me) => network.line().events.message(JSON.stringify({ t: 'typing', conversationId: room, accountId }))
  say(other)
  say(me)
  assert.deepEqual(device.view().typing.get(room), [other])
  await clock.pass(typingShownMs - 1)
  assert.deepEqual(device.view().typing.get(room), [other])
  await clock.pass(1)
  assert.equal(device.view().typing.size, 0)
  say(other)
  server.say(other, room, 'written')
  await clock.pass(10)
  assert.equal(device.view().typing.size, 0, 'who has written is not writing')
})

test('[D9] unknown names are looked up automatically', async () => {
  const { device, server, clock, me, other, third } = createWorld()
  const room = server.addConversation('group', [other, me, third], 'town')
  await device.start()
  await clock.pass(1_000)
  const newcomer = server.addAccount('newcomer')
  server.append(other, room, server.newId(), { kind: 'invited', accounts: [newcomer] })
  await clock.pass(1_000)
  assert.equal(device.view().replica.people.get(newcomer)?.displayName, 'newcomer')
  assert.equal(
    device
      .view()
      .replica.rooms.get(room)
      ?.meta.people.find((person) => person.accountId === newcomer)?.displayName,
    'newcomer',
  )
})

test('[O6] a new token is stored and used, and an invalid token is reported', async () => {
  const { device, network, clock, told } = createWorld()
  network.onDown = (frame) => {
    if (frame.t === 'welcome') Object.assign(frame, { token: 'token-2' })
    return true
  }
  await device.start()
  await clock.pass(100)
  assert.deepEqual(told, ['token-2'])
  network.line().cut(1_006)
  await clock.pass(5_000)
  const [greeting] = network.line().up.filter(isKind('hello'))
  assert.equal(greeting?.token, 'token-2')
  network.line().cut(4_100)
  await clock.pass(100)
  assert.equal(told.at(-1), 'signed-out')
  assert.equal(device.view().connection.state, 'signed-out')
})

test('[C10] a revoked device deletes what it stored, except what was not sent; a token without a device deletes nothing', async () => {
  const world = createWorld()
  const { device, server, network, clock, store, me, other } = world
  const room = server.addConversation('direct', [me, other])
  server.say(other, room, 'a secret')
  await device.start()
  await clock.pass(1_000)
  await device.send(room, { kind: 'text', text: 'sent' })
  await clock.pass(1_000)
  // The connection breaks, comes back, and is refused.
  network.onDown = () => false
  network.onUp = (frame) => frame.t !== 'send'
  network.line().cut(1_006)
  await device.send(room, { kind: 'text', text: 'not sent' })
  await clock.pass(1_500)
  network.line().cut(CLOSE_CODES.signedOut.code)
  await clock.pass(100)
  assert.deepEqual(device.view().connection, { state: 'signed-out' })
  assert.equal((await store.load()).state?.rooms.size, 1)

  const again = world.restart()
  await again.start()
  await clock.pass(500)
  network.line().cut(CLOSE_CODES.revoked.code)
  await clock.pass(100)
  assert.deepEqual(again.view().connection, { state: 'signed-out', revoked: true })
  await again.wipe()
  const left = await store.load()
  assert.deepEqual(
    left.outbox.map((item) => 'body' in item && item.body.kind === 'text' && item.body.text),
    ['not sent'],
  )
  assert.deepEqual(left.state, { ...EMPTY_STATE, accountId: me })
  assert.deepEqual(await store.readEntries(room, 1, 100), [])

  // The same person signs in again: what was not sent goes out.
  network.onDown = () => true
  network.onUp = () => true
  const last = world.restart()
  await last.start()
  await clock.pass(10_000)
  assert.deepEqual(server.conversations.get(room)?.log.at(-1)?.body, { kind: 'text', text: 'not sent' })
  assert.deepEqual(last.view().outbox, [])
})

test('[D4] a failing store is reported, received entries are shown, and the next start resumes from the stored state', async () => {
  const memory = createMemoryStore()
  let full = false
  const store: LocalStore = { ...memory, commit: (change: LocalChange) => (full ? Promise.reject(new Error('quota')) : memory.commit(change)) }
  const world = createWorld(1, { store })
  const { server, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await world.device.start()
  await clock.pass(1_000)
  full = true
  server.say(other, room, 'seen')
  await clock.pass(1_000)
  assert.equal(world.device.view().storageFailed, true)
  assert.equal(world.device.view().replica.rooms.get(room)?.cursor, 2)
  const again = world.restart()
  full = false
  await again.start()
  assert.equal(again.view().replica.rooms.get(room)?.cursor, 1)
  await clock.pass(5_000)
  assert.equal(again.view().replica.rooms.get(room)?.cursor, 2)
  assert.equal(again.view().storageFailed, false)
})

test('[C3] listeners are called once a turn, and a view is an immutable value', async () => {
  const { device, server, clock, me } = createWorld()
  server.addConversation('self', [me])
  let heard = 0
  const end = device.subscribe(() => heard++)
  const before = device.view()
  assert.equal(before.loaded, false)
  assert.equal(device.view(), before, 'the same until something changes')
  await device.start()
  await settle()
  assert.equal(heard, 1)
  assert.notEqual(device.view(), before)
  end()
  await clock.pass(1_000)
  assert.equal(heard, 1)
})

test('[D4] a store with missing entries is not trusted', async () => {
  const memory = createMemoryStore()
  const store: LocalStore = { ...memory, readEntries: async (...asked) => (await memory.readEntries(...asked)).filter((_, index) => index !== 4) }
  const { device, server, clock, me, other } = createWorld(1, { store })
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(1_000)
  for (let index = 0; index < 3 * tailEntries; index++) server.say(other, room, `${index}`)
  await clock.pass(1_000)
  device.closeRoom(room)
  await device.loadOlder(room, 10)
  const { entries, cursor } = device.view().replica.rooms.get(room) ?? assert.fail()
  assert.equal(entries.length, tailEntries + 10)
  assert.deepEqual(entries, server.conversations.get(room)?.log.slice(cursor - entries.length))
})

test('[R3] a watermark lost with its connection is sent on the next one', async () => {
  const { device, server, network, clock, me, other } = createWorld()
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(1_000)
  network.onUp = (frame) => frame.t !== 'read'
  device.markRead(room, 1)
  await clock.pass(readGatherMs + 10)
  network.onUp = () => true
  network.line().cut(1_006)
  await clock.pass(5_000)
  assert.equal(server.conversations.get(room)?.reads.get(me), 1)
})
