import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import { createFakeClock, uuidOf } from '../fakes/clock.ts'
import { createFakeHttp, createWorld, type World } from '../fakes/device.ts'
import { createFakeNetwork, type FakeNetwork } from '../fakes/network.ts'
import { SMALL } from '../fakes/server.ts'
import { createDevice } from './create-device.ts'
import type { DeviceHandle } from './device.ts'
import { createMemoryStore } from './memory-store.ts'
import { authorWaitMs, createOldOrder, oldOrderEntriesMax, oldOrderMsMax } from './old-order.ts'

const say = (text: string) => ({ kind: 'text', text }) as const

interface Peer {
  readonly device: DeviceHandle
  readonly network: FakeNetwork
}

/** One more device on the same clock and server. */
function join({ clock, random, server }: World, account: AccountId): Peer {
  const network = createFakeNetwork(clock, server, account)
  const { openSocket } = network
  const device = createDevice({ store: createMemoryStore(), openSocket, http: createFakeHttp(server, account), clock, random, token: 'token' })
  return { device, network }
}

interface Town extends World {
  readonly room: ConversationId
  /** Of the first, second and third account. */
  readonly peers: readonly [Peer, Peer, Peer]
  /** Texts on the server, and the seq of the first lost one. */
  readonly texts: () => readonly string[]
}

/** Three people who have said these texts, each beginning with the number of its author, of which the server has lost all but the first two. */
async function lostTown(texts: readonly string[], kept = 2): Promise<Town> {
  const world = createWorld()
  const { server, clock, me, other, third } = world
  const peers = [{ device: world.device, network: world.network }, join(world, other), join(world, third)] as const
  const room = server.addConversation('group', [me, other, third], '모임')
  for (const { device } of peers) await device.start()
  await clock.pass(1_000)
  for (const text of texts) {
    await peers[Number(text[0]) as 0 | 1 | 2].device.send(room, say(text))
    await clock.pass(100)
  }
  await clock.pass(1_000)
  const there = () => (server.conversations.get(room)?.log ?? []).flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
  assert.deepEqual(there(), texts)
  server.restore('epoch-2', () => 1 + kept)
  for (const { network } of peers) {
    network.reachable = false
    network.line().cut(1_006)
  }
  await clock.pass(1)
  return { ...world, room, peers, texts: there }
}

function comeBack({ device, network }: Peer): void {
  network.reachable = true
  device.wake()
}

const TALK = ['0 a', '1 b', '0 c', '2 d', '1 e', '1 f', '0 g', '2 h', '0 i', '1 j', '2 k', '2 l', '0 m']

test('[A8] texts of several authors are put back in the old order, whoever comes back first, and what was written since follows', async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ] as const) {
    const town = await lostTown(TALK)
    await town.peers[0].device.send(town.room, say('0 new'))
    for (const who of order) {
      comeBack(town.peers[who])
      await town.clock.pass(authorWaitMs / 2 - 1_000)
    }
    await town.clock.pass(1_000)
    assert.deepEqual(town.texts(), [...TALK, '0 new'], order.join())
    for (const { device } of town.peers) {
      assert.deepEqual(device.view().outbox, [])
      await device.stop()
    }
    assert.equal(town.clock.waiting(), 0)
  }
})

test('[A8] an author whose devices are gone holds the others up once, and the rest keeps its order', async () => {
  const town = await lostTown(TALK)
  for (const who of [0, 1] as const) comeBack(town.peers[who])
  await town.clock.pass(authorWaitMs - 1)
  assert.deepEqual(town.texts(), TALK.slice(0, 3), 'the gone author is next')
  await town.clock.pass(1_000)
  assert.deepEqual(
    town.texts(),
    TALK.filter((text) => !text.startsWith('2')),
  )
  // What comes later stands where it comes.
  comeBack(town.peers[2])
  await town.clock.pass(1_000)
  assert.deepEqual(
    town.texts().slice(-4),
    TALK.filter((text) => text.startsWith('2')),
  )
})

test('[A8] several authors who are gone hold the others up no longer than the bound for all, and connections that break change nothing', async () => {
  const gone = Array.from({ length: 5 }, (_, index) => uuidOf(0xb, index) as AccountId)
  const world = createWorld()
  const { server, clock, device, network, me } = world
  for (const [index] of gone.entries()) gone[index] = server.addAccount(`gone ${index}`)
  const room = server.addConversation('group', [me, ...gone], '모임')
  await device.start()
  await clock.pass(1_000)
  for (const author of gone) {
    server.say(author, room, 'theirs')
    await device.send(room, say('mine'))
    await clock.pass(100)
  }
  server.restore('epoch-2', () => 1)
  network.line().cut(1_006)
  await clock.pass(1)
  device.wake()
  await clock.pass(oldOrderMsMax / 2)
  network.line().cut(1_006)
  await clock.pass(oldOrderMsMax / 2 - 10)
  assert.equal(device.view().outbox.length, 4, 'one author was waited for')
  // The connection, without a heartbeat, may be down at that moment.
  await clock.pass(3_000)
  assert.deepEqual([device.view().outbox, server.conversations.get(room)?.log.length], [[], 6])
})

test('[A8] a device that comes late finds its place by the entries that it is shown, and waits for nobody before them', async () => {
  const early = Array.from({ length: 2 * SMALL.tail }, (_, index) => `1 ${index}`)
  const town = await lostTown(['0 a', '1 b', '2 gone', ...early, '0 c', '1 last', '0 d'])
  comeBack(town.peers[1])
  await town.clock.pass(authorWaitMs + 2_000)
  comeBack(town.peers[0])
  await town.clock.pass(1_000)
  assert.deepEqual(town.texts(), ['0 a', '1 b', ...early, '0 c', '1 last', '0 d'])
})

test('[A8] a stopped device leaves no timer, and one that is started again waits for nobody', async () => {
  const town = await lostTown(TALK)
  comeBack(town.peers[0])
  await town.clock.pass(1_000)
  const device = town.restart()
  await device.start()
  await town.clock.pass(1_000)
  assert.deepEqual(
    town.texts().slice(2),
    TALK.slice(2).filter((text) => text.startsWith('0')),
  )
})

test('[O1] the order of a bounded number of entries is remembered, the newest', () => {
  const [room, me, other] = [uuidOf(0xc, 1) as ConversationId, uuidOf(0xa, 1) as AccountId, uuidOf(0xa, 2) as AccountId]
  const id = (number: number) => uuidOf(0xe, number) as ClientMessageId
  const entries = Array.from({ length: oldOrderEntriesMax }, (_, index) => ({ id: id(index), author: index % 2 === 0 ? other : me }))
  const order = createOldOrder({ clock: createFakeClock(), released: () => undefined })
  order.begin(new Map([[room, { head: 1, entries }]]), me)
  assert.equal(order.waits(room, id(1)), true)
  order.begin(new Map([[room, { head: 1, entries: [...entries, { id: id(oldOrderEntriesMax), author: other }] }]]), me)
  assert.equal(order.waits(room, id(1)), false, 'the entry before it is not remembered any more')
  assert.equal(order.waits(room, id(3)), true)
  order.arrived(room, [{ id: id(2), author: other } as Entry])
  assert.equal(order.waits(room, id(3)), false)
  order.begin(
    new Map([
      [uuidOf(0xc, 2) as ConversationId, { head: 1, entries }],
      [room, { head: 1, entries }],
    ]),
    me,
  )
  assert.equal(order.waits(room, id(3)), false, 'of all conversations together')
  order.stop()
})
