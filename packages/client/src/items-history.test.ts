import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act, ConversationId } from '@bongsu/protocol'
import { settle } from '../fakes/clock.ts'
import { createWorld, type World } from '../fakes/device.ts'
import { SMALL } from '../fakes/server.ts'
import { hashOfMarks } from './audit.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'
import { entryAt } from './room.ts'
import { isErased, reactionsOf, textOf } from './select.ts'
import type { Room } from './state.ts'

const emojiOf = (emoji: string): Act => ({ kind: 'reaction', value: { emoji } })
const thumb = emojiOf('👍')

interface Town extends World {
  readonly room: ConversationId
  readonly roomNow: () => Room
  /** Another member acts on an entry. */
  readonly act: (seq: number, act: Act, author?: World['me']) => void
  readonly offline: () => Promise<void>
  readonly online: () => Promise<void>
}

/** A device in a room that starts with #1 `created`; the later entries are by alternating authors, even ones by this account. */
async function makeTown(entries: number, given: { store?: LocalStore } = {}): Promise<Town> {
  const world = createWorld(1, given)
  const { server, device, clock, network, me, other } = world
  const room = server.addConversation('group', [me, other, world.third], 'hall')
  await device.start()
  await clock.pass(100)
  for (let seq = 2; seq <= entries; seq++) {
    server.say(seq % 2 === 0 ? me : other, room, `text ${seq}`)
    await clock.pass(10)
  }
  await clock.pass(1_000)
  return {
    ...world,
    room,
    roomNow: () => device.view().replica.rooms.get(room) ?? assert.fail(),
    act(seq, act, author = other) {
      const { id } = server.conversations.get(room)?.log[seq - 1] ?? assert.fail()
      const result = server.set(author, { id: server.newId(), conversationId: room, seq, subject: id, act })
      assert.equal(result.ok, true, JSON.stringify(result))
    },
    async offline() {
      network.reachable = false
      network.line().cut(1_006)
      await clock.pass(100)
    },
    async online() {
      network.reachable = true
      device.wake()
      await clock.pass(3_000)
    },
  }
}

const emojis = (entry: Parameters<typeof reactionsOf>[0] | undefined) =>
  entry === undefined ? null : reactionsOf(entry, null).map(({ emoji }) => emoji)
const stored = async ({ store, room }: Town, seq: number) => (await store.readEntries(room, seq, seq))[0]

test('[I3] a device that was away gets what changed meanwhile, in memory and in the store, also of entries cut from memory', async () => {
  const town = await makeTown(100)
  const { device, room, roomNow, act, clock } = town
  device.closeRoom(room)
  const first = roomNow().entries[0]?.seq ?? 0
  assert.ok(first > 50, 'old entries are in the store alone')
  await town.offline()
  act(5, thumb)
  act(5, { kind: 'edit', value: { text: 'edited' } })
  act(99, { kind: 'erased', value: {} })
  act(98, thumb)
  await town.online()
  assert.deepEqual([isErased(entryAt(roomNow(), 99) ?? assert.fail()), emojis(entryAt(roomNow(), 98))], [true, ['👍']])
  const five = (await stored(town, 5)) ?? assert.fail()
  assert.deepEqual([textOf(five), emojis(five)], ['edited', ['👍']])
  assert.deepEqual((await stored(town, 99))?.body, { kind: 'erased' })
  assert.equal(roomNow().change, 4)
  for (let page = 0; page < 3; page++) await Promise.all([device.loadOlder(room, 40), clock.pass(100)])
  assert.deepEqual(emojis(entryAt(roomNow(), 5)), ['👍'], 'scrolled to')
})

test('[I3] a device that has missed too many changes shows old marks as they are while it is offline, and asks for them when it shows them', async () => {
  const town = await makeTown(8)
  const { device, room, roomNow, act, clock, network, store } = town
  act(2, thumb)
  await clock.pass(1_000)
  await town.offline()
  for (let seq = 2; seq <= 7; seq++) act(seq, emojiOf('❤️'), town.third)
  act(3, { kind: 'erased', value: {} })
  act(2, { kind: 'reaction', value: null })
  assert.ok((town.server.conversations.get(room)?.change ?? 0) - 1 > SMALL.backfillItemsMax)
  await town.online()
  assert.equal(roomNow().change, 9)
  assert.deepEqual(roomNow().stale, [{ first: 1, last: 4 }], 'the reset brought the marks of the newest four')
  assert.deepEqual(emojis(entryAt(roomNow(), 7)), ['❤️'])
  assert.deepEqual(emojis(entryAt(roomNow(), 2)), ['👍'], 'as it was')
  const pages: unknown[] = []
  const call = town.http.call
  Object.assign(town.http, { call: (...given: Parameters<typeof call>) => (pages.push(given[1]), call(...given)) })
  device.watch({ conversationId: room, from: 2, to: 4 })
  await clock.pass(1_000)
  assert.deepEqual(roomNow().stale, [{ first: 1, last: 1 }])
  assert.deepEqual(
    [2, 3, 4].map((seq) => emojis(entryAt(roomNow(), seq))),
    [['❤️'], [], ['❤️']],
  )
  assert.deepEqual((await store.readEntries(room, 3, 3))[0]?.body, { kind: 'erased' })
  assert.equal(pages.length, 1)
  // Nothing is requested twice, and the audit finds no difference.
  device.watch({ conversationId: room, from: 2, to: 3 })
  await clock.pass(1_000)
  assert.equal(pages.length, 1)
  assert.equal(network.line().up.filter(({ t }) => t === 'refresh').length, 0)
  const outcome = device.audit(room)
  await clock.pass(1_000)
  assert.equal(await outcome, 'equal')
})

test('[I3] what is stale and stored is shown as it is when nobody answers', async () => {
  const town = await makeTown(100)
  const { device, room, roomNow, act, clock } = town
  device.closeRoom(room)
  await town.offline()
  for (let seq = 2; seq <= 9; seq++) act(seq, thumb)
  await town.online()
  Object.assign(town.http, { call: async () => ({ ok: false, refusal: { code: 'unavailable' }, offline: true }) })
  while ((roomNow().entries[0]?.seq ?? 0) > 1) await Promise.all([device.loadOlder(room, 200), clock.pass(100)])
  assert.equal(textOf(entryAt(roomNow(), 4) ?? assert.fail()), 'text 4')
  assert.ok(roomNow().stale.length > 0, 'and is asked for again')
})

test('[I3] a page of history brings marks, and items that came while it was under way count more', async () => {
  const town = createWorld(1)
  const { server, device, clock, me, other } = town
  const room = server.addConversation('direct', [me, other])
  for (let seq = 2; seq <= 12; seq++) server.say(other, room, `text ${seq}`)
  const act = (seq: number, wanted: Act): void => {
    const { id } = server.conversations.get(room)?.log[seq - 1] ?? assert.fail()
    assert.ok(server.set(other, { id: server.newId(), conversationId: room, seq, subject: id, act: wanted }).ok)
  }
  act(4, thumb)
  act(5, thumb)
  await device.start()
  await clock.pass(1_000)
  const call = town.http.call
  let release = (): void => undefined
  Object.assign(town.http, {
    call: async (...given: Parameters<typeof call>) => {
      const page = await call(...given)
      await new Promise<void>((resolve) => (release = resolve))
      return page
    },
  })
  const loading = device.loadOlder(room, 8)
  await settle()
  act(4, { kind: 'reaction', value: null })
  act(6, { kind: 'erased', value: {} })
  await clock.pass(1_000)
  release()
  await loading
  const now = device.view().replica.rooms.get(room) ?? assert.fail()
  assert.deepEqual([emojis(entryAt(now, 4)), emojis(entryAt(now, 5)), isErased(entryAt(now, 6) ?? assert.fail())], [[], ['👍'], true])
  await clock.pass(1_000)
  assert.deepEqual((await town.store.readEntries(room, 6, 6))[0]?.body, { kind: 'erased' })
})

test('[I3] items about an entry that has not come yet wait for it, also over a restart', async () => {
  const town = await makeTown(3)
  const { server, room, roomNow, clock, network, store } = town
  // The items overtake the entry.
  const held: string[] = []
  const { events } = network.line()
  network.onDown = (frame) => {
    if (frame.t !== 'entries') return true
    held.push(JSON.stringify(frame))
    return false
  }
  server.say(town.other, room, 'late')
  town.act(4, thumb)
  await clock.pass(1_000)
  assert.deepEqual([roomNow().cursor, roomNow().change], [3, 1])
  assert.equal((await store.load()).state?.rooms.get(room)?.loose.length, 1)
  for (const text of held) events.message(text)
  await clock.pass(1_000)
  assert.deepEqual([emojis(entryAt(roomNow(), 4)), roomNow().loose], [['👍'], []])
  assert.deepEqual(emojis(await stored(town, 4)), ['👍'])
})

test('[I3] items after a gap are not applied: the conversation is asked for anew', async () => {
  const town = await makeTown(6)
  const { roomNow, act, network, clock } = town
  network.onDown = ({ t }) => t !== 'items'
  act(6, thumb)
  await clock.pass(100)
  network.onDown = () => true
  act(6, emojiOf('❤️'), town.third)
  await clock.pass(1_000)
  assert.equal(network.line().up.filter(({ t }) => t === 'refresh').length, 1)
  assert.deepEqual([roomNow().change, emojis(entryAt(roomNow(), 6))], [2, ['👍', '❤️']])
})

test('[D6, I3] a lost last item is found by the next heartbeat', async () => {
  const town = await makeTown(6)
  const { roomNow, act, network, clock, server } = town
  network.onDown = ({ t }) => t !== 'items'
  act(6, thumb)
  await clock.pass(100)
  network.onDown = () => true
  for (const link of server.links) server.beat(link)
  await clock.pass(1_000)
  assert.deepEqual([roomNow().change, emojis(entryAt(roomNow(), 6))], [1, ['👍']])
})

test('[A1, A3] an audit finds marks that differ, and mends the room', async () => {
  const inner = createMemoryStore()
  const town = await makeTown(6, { store: inner })
  const { device, act, clock, room, roomNow } = town
  act(6, thumb)
  await clock.pass(1_000)
  const audit = async () => {
    const outcome = device.audit(room)
    await clock.pass(2_000)
    return outcome
  }
  assert.equal(await audit(), 'equal')
  const { marks: _lost, ...bare } = (await stored(town, 6)) ?? assert.fail()
  await inner.commit({ entries: [{ conversationId: room, entries: [bare] }] })
  assert.equal(await audit(), 'mending')
  assert.equal(await audit(), 'equal')
  assert.deepEqual(emojis(await stored(town, 6)), ['👍'])
  assert.equal(roomNow().change, 1)
})

test('[A1] the hash of marks is over the changes of those that have a value, in rising order', () => {
  const item = (change: number, value: unknown) => ({ kind: 'reaction', key: `1:${change}`, change, value })
  const entry = (seq: number, ...marks: ReturnType<typeof item>[]) => ({ seq, marks }) as unknown as Parameters<typeof hashOfMarks>[0][number]
  assert.equal(hashOfMarks([]), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(
    hashOfMarks([entry(1, item(9, {}), item(4, null)), entry(2, item(3, {}))]),
    hashOfMarks([entry(1, item(3, {})), entry(2, item(9, {}))]),
  )
  assert.notEqual(hashOfMarks([entry(1, item(9, {}))]), hashOfMarks([entry(1, item(8, {}))]))
})

test('[I9] a quoted entry far back is loaded alone, kept as a stretch of its own, and changes with its marks', async () => {
  const town = createWorld(1)
  const { server, device, clock, me, other, store } = town
  const room = server.addConversation('direct', [me, other])
  for (let seq = 2; seq <= 20; seq++) server.say(other, room, `text ${seq}`)
  await device.start()
  await clock.pass(1_000)
  const roomNow = () => device.view().replica.rooms.get(room) ?? assert.fail()
  assert.equal(entryAt(roomNow(), 5), undefined)
  const [entry] = await Promise.all([device.loadEntry(room, 5), clock.pass(100)])
  assert.equal(entry?.seq, 5)
  assert.equal(textOf(entryAt(roomNow(), 5) ?? assert.fail()), 'text 5')
  assert.deepEqual(roomNow().ranges[0], { first: 5, last: 5 })
  const { id } = server.conversations.get(room)?.log[4] ?? assert.fail()
  server.set(other, { id: server.newId(), conversationId: room, seq: 5, subject: id, act: { kind: 'erased', value: {} } })
  await clock.pass(1_000)
  assert.equal(isErased(entryAt(roomNow(), 5) ?? assert.fail()), true)
  assert.deepEqual((await store.readEntries(room, 5, 5))[0]?.body, { kind: 'erased' })
  assert.equal(await device.loadEntry(room, 99), null, 'there is no such entry')
  const again = town.restart()
  await again.start()
  Object.assign(town.http, { call: async () => assert.fail('it is stored') })
  await Promise.all([again.loadEntry(room, 5), clock.pass(100)])
  assert.equal(isErased(entryAt(again.view().replica.rooms.get(room) ?? assert.fail(), 5) ?? assert.fail()), true)
})
