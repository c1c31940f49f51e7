import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationId, Entry } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import { DEVICE_BOUNDS } from './bounds.ts'
import { createMemoryStore } from './memory-store.ts'
import { authorWaitMs } from './old-order.ts'
import type { LocalStore } from './ports.ts'

/** Until everything is back, when the other person has gone [A8]. */
const backMs = 20_000 + authorWaitMs

const say = (text: string) => ({ kind: 'text', text }) as const

/** Texts of a conversation on the server. */
function textsAt(world: World, room: ConversationId): string[] {
  return (world.server.conversations.get(room)?.log ?? []).flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
}

/** A device with a room in which everybody has written something, before a backup and after. */
async function makeRestored(store?: LocalStore): Promise<{ world: World; room: ConversationId; before: readonly Entry[] }> {
  const world = createWorld(1, store === undefined ? {} : { store })
  const { device, server, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  for (const text of ['mine 1', 'mine 2']) await device.send(room, say(text))
  await clock.pass(100)
  server.say(other, room, 'yours 1')
  await clock.pass(100)
  for (const text of ['mine 3', 'mine 4']) await device.send(room, say(text))
  await clock.pass(100)
  server.say(other, room, 'yours 2')
  await clock.pass(1_000)
  const before = [...(server.conversations.get(room)?.log ?? [])]
  server.restore('epoch-2', () => 3)
  assert.deepEqual(textsAt(world, room), ['mine 1', 'mine 2'])
  return { world, room, before }
}

test('[A4] after a restore a device puts its own messages back: once, in order, under their ids, before what it wrote since', async () => {
  const { world, room, before } = await makeRestored()
  const { device, clock, network, server } = world
  network.line().cut(1_006)
  await clock.pass(1)
  await device.send(room, say('mine 5'))
  await clock.pass(backMs)
  assert.deepEqual(textsAt(world, room), ['mine 1', 'mine 2', 'mine 3', 'mine 4', 'mine 5'])
  const ids = (entries: readonly Entry[]): string[] => entries.filter(({ author }) => author === world.me).map(({ id }) => id)
  assert.deepEqual(ids(server.conversations.get(room)?.log ?? []).slice(0, 5), ids(before))
  assert.deepEqual(device.view().restored, { putBack: 2 })
  assert.deepEqual(device.view().outbox, [])
  assert.deepEqual(device.view().replica.rooms.get(room)?.entries.at(-1)?.body, say('mine 5'))
  const stored = await world.store.load()
  assert.deepEqual([stored.outbox, stored.state?.epoch], [[], 'epoch-2'])

  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.equal(textsAt(world, room).length, 5)
})

test('[A4] a second device of the same person puts the same messages back, and nothing is doubled', async () => {
  const { world, room } = await makeRestored()
  const { server, clock, network, me } = world
  const log = server.conversations.get(room)?.log ?? []
  network.line().cut(1_006)
  await clock.pass(backMs)
  const answers = log.filter(({ author }) => author === me).map(({ id, body }) => server.append(me, room, id, body as { kind: 'text'; text: string }))
  assert.deepEqual(
    answers.flatMap((answer) => (answer.ok ? [answer.seq] : [])),
    log.flatMap(({ author, seq, body }) => (author === me && body.kind === 'text' ? [seq] : [])),
  )
  assert.equal(textsAt(world, room).length, 4)
})

test('[A4] after a kill or cut at any moment of putting back, the device begins again with the same result', async () => {
  for (let ms = 0; ms < 60; ms += 1) {
    const { world, room } = await makeRestored()
    const { clock, network } = world
    network.line().cut(1_006)
    await clock.pass(1)
    let device = world.restart()
    await device.start()
    await clock.pass(ms)
    if (ms % 2 === 0) {
      network.line().cut(1_006)
    } else {
      device = world.restart()
      await device.start()
    }
    await clock.pass(30_000)
    assert.deepEqual(textsAt(world, room), ['mine 1', 'mine 2', 'mine 3', 'mine 4'], `after ${ms} ms`)
    assert.deepEqual(device.view().outbox, [])
    await device.stop()
  }
})

test('[A4] putting back that the store refused does not count as done: the device begins again, and after a kill before sending still has everything', async () => {
  const inner = createMemoryStore()
  let failures = 0
  const store: LocalStore = {
    ...inner,
    async commit(change) {
      if (change.outboxPut !== undefined && failures > 0) {
        failures--
        throw new Error('the disk is full')
      }
      await inner.commit(change)
    },
  }
  const { world, room } = await makeRestored(store)
  const { device, clock, network } = world
  failures = 1
  network.onUp = ({ t }) => t !== 'send'
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.equal(failures, 0)
  assert.deepEqual(device.view().restored, { putBack: 2 })
  const stored = await inner.load()
  assert.deepEqual([stored.state?.epoch, stored.outbox.map((item) => 'body' in item && item.body)], ['epoch-2', [say('mine 3'), say('mine 4')]])

  const after = world.restart()
  network.onUp = () => true
  await after.start()
  await clock.pass(20_000)
  assert.deepEqual(textsAt(world, room), ['mine 1', 'mine 2', 'mine 3', 'mine 4'])
})

test('[A4] texts that a full disk refused are put back too, even if the room was trimmed from memory, and nothing is deleted before', async () => {
  const inner = createMemoryStore()
  let full = false
  const world = createWorld(1, {
    store: {
      ...inner,
      async commit(change) {
        if (full) throw new Error('the disk is full')
        await inner.commit(change)
      },
    },
  })
  const { device, server, clock, network, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(1_000)
  await device.send(room, say('mine'))
  full = true
  await clock.pass(1_000)
  for (let count = 0; count < 3 * DEVICE_BOUNDS.tailEntries; count++) server.say(other, room, 'yours')
  await clock.pass(1_000)
  assert.deepEqual(device.view().outbox, [])
  assert.ok(
    device
      .view()
      .replica.rooms.get(room)
      ?.entries.every(({ author }) => author === other),
  )

  server.restore('epoch-2', () => 1)
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual([device.view().replica.epoch === 'epoch-2', textsAt(world, room)], [false, []], 'the device begins again and again')
  full = false
  await clock.pass(60_000)
  assert.deepEqual(textsAt(world, room), ['mine'])
  assert.deepEqual([device.view().restored, device.view().outbox, (await inner.load()).outbox], [{ putBack: 1 }, [], []])
})

test('[A4] after a cut during storing, the device shows how many messages wait', async () => {
  const inner = createMemoryStore()
  let slow = false
  const world = (
    await makeRestored({
      ...inner,
      async commit(change) {
        await inner.commit(change)
        if (slow && change.outboxPut !== undefined) await new Promise<void>((resolve) => world.clock.after(500, resolve))
      },
    })
  ).world
  const { device, clock, network } = world
  slow = true
  network.line().cut(1_006)
  await clock.pass(1)
  let passedMs = 0
  while (device.view().connection.state !== 'live' && passedMs++ < 5_000) await clock.pass(1)
  await clock.pass(100)
  assert.equal(device.view().restored, null)
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual(device.view().restored, { putBack: 2 })
})

test('[A4] a message that was accepted and had not arrived goes out again too', async () => {
  const world = createWorld()
  const { device, server, clock, network, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  network.onDown = (frame) => frame.t !== 'entries'
  await device.send(room, say('accepted, never seen'))
  await clock.pass(100)
  assert.equal(device.view().outbox[0]?.progress, 'sent')
  server.restore('epoch-2', () => 1)
  network.onDown = () => true
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual(textsAt(world, room), ['accepted, never seen'])
  assert.deepEqual(device.view().outbox, [])
})

test('[A4] an accepted message that has not arrived is kept, shown as sent, not sent again, and put back also after a restart', async () => {
  const world = createWorld()
  const { server, clock, network, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await world.device.start()
  await clock.pass(100)
  network.onDown = (frame) => frame.t !== 'entries' && frame.t !== 'reset'
  const id = await world.device.send(room, say('accepted, never seen'))
  await clock.pass(1_000)
  assert.deepEqual(
    (await world.store.load()).outbox.map(({ accepted }) => accepted),
    [2],
  )

  network.reachable = false
  let device = world.restart()
  await device.start()
  await clock.pass(1_000)
  assert.deepEqual(
    device.view().outbox.map(({ progress, seq }) => [progress, seq]),
    [['sent', 2]],
  )
  assert.deepEqual(await device.settled(id), { accepted: true, seq: 2 })

  network.reachable = true
  network.onDown = (frame) => frame.t !== 'entries' && frame.t !== 'reset' && frame.t !== 'caught-up'
  const sends: unknown[] = []
  network.onUp = (frame) => {
    if (frame.t === 'send') sends.push(frame)
    return true
  }
  await clock.pass(40_000)
  assert.deepEqual([sends, device.view().outbox.length], [[], 1], 'nothing is left to ask, and it has not arrived')

  device = world.restart()
  server.restore('epoch-2', () => 1)
  network.onDown = () => true
  await device.start()
  await clock.pass(40_000)
  assert.deepEqual(textsAt(world, room), ['accepted, never seen'])
  assert.deepEqual(device.view().restored, { putBack: 1 })
  assert.deepEqual([device.view().outbox, (await world.store.load()).outbox], [[], []])
})

test('[A4] killed at any moment after a message was accepted, the device still has it: in its outbox until it is stored as an entry', async () => {
  for (let ms = 0; ms < 120; ms += 3) {
    const world = createWorld()
    const { server, clock, network, me, other, store } = world
    const room = server.addConversation('direct', [me, other])
    await world.device.start()
    await clock.pass(1_000)
    const id = await world.device.send(room, say('mine'))
    await clock.pass(ms)
    const device = world.restart()
    const stored = await store.load()
    const entries = await store.readEntries(room, 1, 9)
    assert.ok(
      stored.outbox.some((item) => item.id === id) || (stored.state?.rooms.get(room)?.cursor === 2 && entries.at(-1)?.id === id),
      `after ${ms} ms`,
    )
    server.restore('epoch-2', () => 1)
    network.onDown = () => true
    await device.start()
    await clock.pass(20_000)
    assert.deepEqual(textsAt(world, room), ['mine'], `after ${ms} ms`)
    assert.deepEqual([device.view().outbox, (await store.load()).outbox], [[], []])
    await device.stop()
  }
})

test('[A4] for an unknown history all own messages are offered, and those already there exist once', async () => {
  const { world, room } = await makeRestored()
  world.server.restored = null
  world.network.line().cut(1_006)
  await world.clock.pass(20_000)
  assert.deepEqual(textsAt(world, room), ['mine 1', 'mine 2', 'mine 3', 'mine 4'])
  assert.deepEqual(world.device.view().restored, { putBack: 4 })
})

test('[A4] messages of a room missing in the backup are refused and stay visible', async () => {
  const { world, room } = await makeRestored()
  const { device, server, clock, network } = world
  server.conversations.delete(room)
  network.line().cut(1_006)
  await clock.pass(backMs)
  assert.ok(device.view().outbox.length > 0)
  for (const { progress, refused } of device.view().outbox) assert.deepEqual([progress, refused], ['refused', 'not-a-member'])
})

test('[C3] a message refused after one restore and brought back by another is not shown as refused, even if only history brings its entry', async () => {
  const { device, server, clock, network, store, me, other } = createWorld()
  const room = server.addConversation('group', [other, me], '모임')
  await device.start()
  await clock.pass(1_000)
  const id = await device.send(room, say('mine'))
  await clock.pass(100)
  // More than a reset brings.
  for (let index = 0; index < 5; index++) server.say(other, room, `yours ${index}`)
  await clock.pass(1_000)
  const conversation = server.conversations.get(room) ?? assert.fail()
  const log = [...conversation.log]
  // From a backup that does not know the group, and then from one that does.
  server.restore('epoch-2', () => 0)
  server.conversations.delete(room)
  network.line().cut(1_006)
  await clock.pass(20_000)
  const shown = () => device.view().outbox.map((item) => [item.id, item.refused])
  assert.deepEqual(shown(), [[id, 'not-a-member']])
  conversation.log.push(...log)
  server.conversations.set(room, conversation)
  server.restored = null
  server.epoch = 'epoch-3'
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual(shown(), [[id, 'not-a-member']], 'the device cannot know')
  await device.loadOlder(room, 10)
  assert.deepEqual(shown(), [])
  assert.deepEqual(await device.settled(id), { accepted: true, seq: 2 })
  await clock.pass(1_000)
  assert.deepEqual((await store.load()).outbox, [])
})
