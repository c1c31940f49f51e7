import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act, ConversationId, Entry } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import { SendRejected } from './sending.ts'
import { editedAt, isErased, isHidden, reactionsOf, textOf } from './select.ts'
import { entryAt } from './room.ts'
import type { MarkedEntry } from './marked-entry.ts'

const thumb: Act = { kind: 'reaction', value: { emoji: '👍' } }
const heart: Act = { kind: 'reaction', value: { emoji: '❤️' } }
const none: Act = { kind: 'reaction', value: null }
const edited = (text: string): Act => ({ kind: 'edit', value: { text } })
const erased: Act = { kind: 'erased', value: {} }

async function makeWorld(texts: number, seed = 1): Promise<World & { readonly room: ConversationId }> {
  const world = createWorld(seed)
  const room = world.server.addConversation('group', [world.me, world.other, world.third])
  for (let number = 0; number < texts; number++) world.server.say(number % 2 === 0 ? world.me : world.other, room, `text ${number}`)
  await world.device.start()
  await world.clock.pass(1_000)
  return { ...world, room }
}

function at({ device }: Pick<World, 'device'>, room: ConversationId, seq: number): MarkedEntry {
  return entryAt(device.view().replica.rooms.get(room) ?? assert.fail(), seq) ?? assert.fail(`no entry ${seq}`)
}

function aboutOf(world: World, room: ConversationId, seq: number): Pick<Entry, 'seq' | 'id'> {
  const { id } = world.server.conversations.get(room)?.log[seq - 1] ?? assert.fail()
  return { seq, id }
}

/** Another account acts. */
function acts(world: World, author: World['other'], room: ConversationId, seq: number, act: Act): void {
  const result = world.server.set(author, { id: world.server.newId(), conversationId: room, seq, subject: aboutOf(world, room, seq).id, act })
  assert.equal(result.ok, true, JSON.stringify(result))
}

const emojis = (entry: MarkedEntry) => reactionsOf(entry, null).map(({ emoji, accounts }) => [emoji, accounts.length])

test('[I3] marks of others reach entries in memory and in the store, and the newest change of each counts', async () => {
  const world = await makeWorld(3)
  const { room, device, store, clock, other, third } = world
  acts(world, other, room, 2, thumb)
  acts(world, third, room, 2, thumb)
  acts(world, other, room, 2, heart)
  acts(world, other, room, 3, edited('better'))
  await clock.pass(1_000)
  assert.deepEqual(emojis(at(world, room, 2)), [
    ['👍', 1],
    ['❤️', 1],
  ])
  assert.equal(textOf(at(world, room, 3)), 'better')
  assert.notEqual(editedAt(at(world, room, 3)), null)
  assert.equal(device.view().replica.rooms.get(room)?.change, 4)
  assert.deepEqual((await store.readEntries(room, 3, 3))[0]?.body, { kind: 'text', text: 'better' })
  acts(world, other, room, 2, none)
  await clock.pass(1_000)
  assert.deepEqual(emojis(at(world, room, 2)), [['👍', 1]])
})

test('[I6] erased content and its other marks are neither in memory nor in the store', async () => {
  const world = await makeWorld(3)
  const { room, store, clock, other } = world
  acts(world, world.third, room, 3, thumb)
  await clock.pass(1_000)
  acts(world, other, room, 3, erased)
  await clock.pass(1_000)
  assert.equal(isErased(at(world, room, 3)), true)
  assert.deepEqual(emojis(at(world, room, 3)), [])
  assert.doesNotMatch(
    JSON.stringify([await store.load(), await store.readEntries(room, 1, 4)], (_, value: unknown) => (value instanceof Map ? [...value] : value)),
    /text 1/,
  )
})

test('[I11] an act is visible at once without a connection, is sent once, and stays', async () => {
  const world = await makeWorld(2)
  const { room, device, network, server, clock, me } = world
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  await device.act(room, aboutOf(world, room, 3), thumb)
  await device.act(room, aboutOf(world, room, 2), edited('offline'))
  assert.deepEqual(reactionsOf(at(world, room, 3), me), [{ emoji: '👍', accounts: [me], isMine: true }])
  assert.equal(textOf(at(world, room, 2)), 'offline')
  assert.equal(server.conversations.get(room)?.change, 0)
  network.reachable = true
  device.wake()
  await clock.pass(3_000)
  assert.equal(server.conversations.get(room)?.change, 2)
  assert.deepEqual(device.view().acts, [])
  assert.deepEqual(emojis(at(world, room, 3)), [['👍', 1]])
  assert.equal(textOf(at(world, room, 2)), 'offline')
  const sets = network.lines.flatMap(({ up }) => up.filter(({ t }) => t === 'set'))
  assert.equal(sets.length, 2)
})

test('[I11] a refused act is no longer shown as done, and stays with its code until the person has seen it', async () => {
  const world = await makeWorld(2)
  const { room, device, server, clock } = world
  server.now += 25 * 3_600_000
  const id = await device.act(room, aboutOf(world, room, 2), edited('too late'))
  assert.equal(textOf(at(world, room, 2)), 'too late')
  assert.deepEqual(await Promise.all([device.settled(id), clock.pass(1_000)]).then(([outcome]) => outcome), { accepted: false, code: 'too-late' })
  assert.equal(textOf(at(world, room, 2)), 'text 0')
  assert.deepEqual(
    device.view().acts.map(({ progress, refused }) => [progress, refused]),
    [['refused', 'too-late']],
  )
  await device.discard(id)
  assert.deepEqual(device.view().acts, [])
})

test('[I11, M6] acts wait with the entries of their room, in the order of writing', async () => {
  const world = await makeWorld(2)
  const { room, device, network, clock } = world
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  await device.act(room, aboutOf(world, room, 2), thumb)
  await device.send(room, { kind: 'text', text: 'between', replyTo: 2 })
  await device.act(room, aboutOf(world, room, 3), thumb)
  network.reachable = true
  device.wake()
  await clock.pass(3_000)
  const asked = network.line().up.flatMap((frame): unknown[] => (frame.t === 'set' ? [frame.seq] : frame.t === 'send' ? ['send'] : []))
  assert.deepEqual(asked, [2, 'send', 3])
  assert.deepEqual(device.view().replica.rooms.get(room)?.entries.at(-1)?.body, { kind: 'text', text: 'between', replyTo: 2 })
})

test('[I11] of unsent acts on one mark only the newest is sent; one that may have been sent stays', async () => {
  const world = await makeWorld(2)
  const { room, device, network, clock } = world
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  for (const act of [thumb, heart, none]) await device.act(room, aboutOf(world, room, 3), act)
  assert.equal(device.view().acts.length, 1)
  const after = world.restart()
  await after.start()
  await after.act(room, aboutOf(world, room, 3), heart)
  assert.equal(after.view().acts.length, 2, 'the program before this one may have sent the first')
  network.reachable = true
  after.wake()
  await clock.pass(20_000)
  assert.deepEqual(after.view().acts, [])
  assert.deepEqual(emojis(at({ device: after }, room, 3)), [['❤️', 1]])
})

test('[I2] an act whose answer is lost is sent again under its id, and done once', async () => {
  const world = await makeWorld(2)
  const { room, device, network, server, clock } = world
  network.onDown = ({ t }) => t !== 'set-accepted'
  const id = await device.act(room, aboutOf(world, room, 3), thumb)
  await clock.pass(500)
  network.onDown = () => true
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual(await device.settled(id), { accepted: true, seq: 1 })
  assert.equal(server.conversations.get(room)?.change, 1)
})

test('[I3] what this account erased for itself is hidden here, and on its other devices', async () => {
  const world = await makeWorld(2)
  const { room, device, server, clock, me } = world
  await device.act(room, aboutOf(world, room, 3), { kind: 'hidden', value: {} })
  assert.equal(isHidden(device.view().replica, room, 3), true, 'at once')
  await clock.pass(1_000)
  assert.deepEqual(device.view().acts, [])
  assert.equal(isHidden(device.view().replica, room, 3), true, 'by the account log')
  server.set(me, { id: server.newId(), conversationId: room, seq: 2, subject: aboutOf(world, room, 2).id, act: { kind: 'hidden', value: {} } })
  await clock.pass(1_000)
  assert.equal(isHidden(device.view().replica, room, 2), true)
})

test('[W3, I11] a server of version 1 gets the plain hello on the same connection, and nothing unknown to it', async () => {
  const world = createWorld(1)
  const { server, device, network, clock, me, other } = world
  server.features = null
  const room = server.addConversation('group', [me, other])
  server.say(other, room, 'hello')
  await device.start()
  await clock.pass(1_000)
  assert.equal(device.view().connection.state, 'live')
  assert.equal(network.lines.length, 1)
  const [full, plain] = network.line().up.filter(({ t }) => t === 'hello')
  assert.ok(full !== undefined && 'features' in full && plain !== undefined && !('features' in plain) && !('changes' in plain))
  const missing = (error: unknown): boolean => error instanceof SendRejected && error.code === 'feature-missing'
  await assert.rejects(device.act(room, aboutOf(world, room, 2), thumb), missing)
  await assert.rejects(device.send(room, { kind: 'text', text: 'yes', replyTo: 2 }), missing)
  await device.send(room, { kind: 'text', text: 'plain' })
  await clock.pass(30_000)
  assert.deepEqual(
    network.line().up.filter((frame) => frame.t === 'set' || (frame.t === 'send' && 'replyTo' in frame.body)),
    [],
  )
  assert.equal(device.view().connection.state, 'live')
})

test('[I10] items of unknown kinds are kept and not shown', async () => {
  const world = await makeWorld(2)
  const { room, store, clock } = world
  world.server.conversations.get(room)?.mark({ kind: 'vote', key: `3:${world.other}`, value: { for: 1 } })
  world.server.conversations.get(room)?.mark({ kind: 'slow', key: 'mode', value: { ms: 5 } })
  world.server.pushAll()
  await clock.pass(1_000)
  assert.deepEqual(reactionsOf(at(world, room, 3), null), [])
  assert.deepEqual((await store.readEntries(room, 3, 3))[0]?.marks, [{ kind: 'vote', key: `3:${world.other}`, change: 1, value: { for: 1 } }])
})
