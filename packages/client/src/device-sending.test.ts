import { test } from 'node:test'
import assert from 'node:assert/strict'
import { LIMITS, type ClientMessageId, type ConversationId, type UpFrame } from '@bongsu/protocol'
import { createWorld } from '../fakes/device.ts'
import { uuidOf } from '../fakes/clock.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'
import { SendRejected } from './sending.ts'

const hello = { kind: 'text', text: '안녕' } as const
const isKind =
  <T extends UpFrame['t']>(t: T) =>
  (frame: UpFrame): frame is Extract<UpFrame, { t: T }> =>
    frame.t === t

test('[C1] an entry is shown at once, and sent only when it is stored', async () => {
  let release = (): void => undefined
  const memory = createMemoryStore()
  const store: LocalStore = {
    ...memory,
    async commit(change) {
      if (change.outboxPut !== undefined) await new Promise<void>((resolve) => (release = resolve))
      await memory.commit(change)
    },
  }
  const { device, server, network, clock, me } = createWorld(1, { store })
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  const sent = device.send(room, hello)
  await clock.pass(1_000)
  assert.deepEqual(
    device.view().outbox.map((item) => item.progress),
    ['waiting'],
  )
  assert.deepEqual(network.line().up.filter(isKind('send')), [])
  release()
  await sent
  await clock.pass(1_000)
  assert.equal(network.line().up.filter(isKind('send')).length, 1)
  assert.deepEqual(device.view().outbox, [])
})

test('[C1] an entry the store refuses is not sent, and the caller is told why', async () => {
  const memory = createMemoryStore()
  const store: LocalStore = {
    ...memory,
    commit: (change) => (change.outboxPut === undefined ? memory.commit(change) : Promise.reject(new Error('quota'))),
  }
  const { device, server, network, clock, me } = createWorld(1, { store })
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  await assert.rejects(device.send(room, hello), (error) => error instanceof SendRejected && error.code === 'storage-failed')
  await clock.pass(60_000)
  assert.deepEqual(device.view().outbox, [])
  assert.deepEqual(network.line().up.filter(isKind('send')), [])
})

test('[C3] an entry goes from sending to sent to its place, and is always in one of them', async () => {
  const { device, server, network, clock, me } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  // The entry itself is delayed, its answer arrives.
  const held: (() => void)[] = []
  network.onDown = (frame, line) => {
    if (frame.t !== 'entries') return true
    held.push(() => line.events.message(JSON.stringify(frame)))
    return false
  }
  const id = await device.send(room, hello)
  const seen = () =>
    [
      ...device.view().outbox.map((item) => item.progress),
      ...(device
        .view()
        .replica.rooms.get(room)
        ?.entries.filter((entry) => entry.id === id) ?? []),
    ].length
  assert.deepEqual(
    device.view().outbox.map((item) => item.progress),
    ['sending'],
  )
  await clock.pass(10)
  assert.deepEqual(
    device.view().outbox.map((item) => item.progress),
    ['sent'],
  )
  assert.deepEqual(await device.settled(id), { accepted: true, seq: 2 })
  assert.equal(seen(), 1)
  held.forEach((deliver) => deliver())
  assert.equal(seen(), 1)
  assert.deepEqual(device.view().outbox, [])
})

test('[C2] entries written before a kill are sent after it, once, in order', async () => {
  const world = createWorld()
  const { server, clock, network, me } = world
  const room = server.addConversation('self', [me])
  network.reachable = false
  await world.device.start()
  for (const text of ['1', '2', '3']) await world.device.send(room, { kind: 'text', text })
  await clock.pass(100)
  const device = world.restart()
  network.reachable = true
  await device.start()
  assert.deepEqual(
    device.view().outbox.map((item) => item.progress),
    ['waiting', 'waiting', 'waiting'],
  )
  await clock.pass(5_000)
  const texts = server.conversations
    .get(room)
    ?.log.slice(1)
    .map((entry) => (entry.body.kind === 'text' ? entry.body.text : ''))
  assert.deepEqual(texts, ['1', '2', '3'])
})

test('[C2] a refused entry stays with its reason until it is retried as a new one or discarded', async () => {
  const { device, server, clock, other, me } = createWorld()
  const room = server.addConversation('group', [other])
  server.addConversation('self', [me])
  await device.start()
  const id = await device.send(room, hello)
  const settled = device.settled(id)
  await clock.pass(1_000)
  assert.deepEqual(await settled, { accepted: false, code: 'not-a-member' })
  assert.equal(device.view().outbox[0]?.refused, 'not-a-member')
  server.append(other, room, server.newId(), { kind: 'invited', accounts: [me] })
  await device.retry(id)
  assert.equal(device.view().outbox.length, 1)
  assert.notEqual(device.view().outbox[0]?.id, id, 'the first id is answered for ever [M2]')
  await clock.pass(1_000)
  assert.deepEqual(device.view().outbox, [])
  assert.equal(server.conversations.get(room)?.log.at(-1)?.body.kind, 'text')
  const second = await device.send(uuidOf(0xc, 99) as ConversationId, hello)
  await clock.pass(1_000)
  await device.discard(second)
  assert.deepEqual(device.view().outbox, [])
})

test('[M2] a repeated id is one entry, also after it was accepted', async () => {
  const { device, server, clock, me } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  const id = uuidOf(0xf, 1) as ClientMessageId
  await Promise.all([device.send(room, hello, id), device.send(room, hello, id)])
  await clock.pass(1_000)
  await device.send(room, hello, id)
  await clock.pass(1_000)
  assert.equal(server.conversations.get(room)?.log.length, 2)
  assert.deepEqual(device.view().outbox, [])
})

test('[W1] a text that could never be accepted is rejected at once', async () => {
  const { device, server, clock, me } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  const rejected = (text: string) =>
    device.send(room, { kind: 'text', text }).then(
      () => null,
      (error: SendRejected) => error.code,
    )
  assert.equal(await rejected(' '), 'text-empty')
  assert.equal(await rejected('x'.repeat(LIMITS.textCodePointsMax + 1)), 'text-too-long')
  assert.equal(await rejected('\ud800'), 'text-malformed')
  assert.equal(await rejected('🔥'.repeat(LIMITS.textCodePointsMax)), null)
  const title = 'x'.repeat(LIMITS.upFrameBytesMax)
  await assert.rejects(device.send(room, { kind: 'renamed', title }), SendRejected)
  await clock.pass(100)
})

test('[C1] entries of another account are never sent in the name of this one', async () => {
  const world = createWorld()
  const { server, network, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await world.device.start()
  await clock.pass(1_000)
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  await world.device.send(room, hello)
  network.onDown = (frame) => {
    if (frame.t === 'welcome') Object.assign(frame, { accountId: other })
    return true
  }
  network.reachable = true
  world.device.wake()
  await clock.pass(5_000)
  assert.equal(world.device.view().outbox[0]?.refused, 'forbidden')
  assert.equal(server.conversations.get(room)?.log.length, 1)
})

test('[C2] forgetting leaves nothing behind, and a stopped device can start again', async () => {
  const { device, server, clock, store, me, network } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  await device.stop()
  assert.equal(device.view().connection.state, 'offline')
  device.wake()
  assert.equal(network.lines.length, 1, 'stopped means stopped')
  await device.start()
  await clock.pass(1_000)
  assert.equal(device.view().connection.state, 'live')
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(10)
  const id = await device.send(room, hello)
  const settled = assert.rejects(device.settled(id), /stopped/)
  await device.forget()
  await settled
  await clock.pass(60_000)
  assert.equal(device.view().replica.rooms.size, 0)
  assert.deepEqual(await store.load(), { state: null, outbox: [], outages: [] })
  assert.deepEqual(await store.readEntries(room, 1, 9), [])
})

test('[C2] an accepted entry leaves the stored outbox too: a restart does not send it again', async () => {
  const { device, server, clock, store, me } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  await device.send(room, hello)
  assert.equal((await store.load()).outbox.length, 1)
  await clock.pass(1_000)
  assert.deepEqual((await store.load()).outbox, [])
})

test('[M5] an entry seen in the log counts as accepted, also when its answer was lost', async () => {
  const { device, server, network, clock, me } = createWorld()
  const room = server.addConversation('self', [me])
  await device.start()
  await clock.pass(1_000)
  network.onDown = (frame) => frame.t !== 'accepted'
  const settled = device.settled(await device.send(room, hello))
  await clock.pass(10)
  assert.deepEqual(device.view().outbox, [])
  assert.deepEqual(await settled, { accepted: true, seq: 2 })
  assert.equal(network.line().up.filter(isKind('send')).length, 1)
})
