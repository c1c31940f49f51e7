import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act, ConversationId } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import { authorWaitMs } from './old-order.ts'
import { isHidden, reactionsOf, textOf } from './select.ts'
import { entryAt } from './room.ts'

const thumb: Act = { kind: 'reaction', value: { emoji: '👍' } }
const heart: Act = { kind: 'reaction', value: { emoji: '❤️' } }

/** A room of three texts before the backup: #2 and #4 by this account, #3 by another; this account has reacted to #3. */
async function makeRoom(): Promise<World & { readonly room: ConversationId; readonly act: (seq: number, act: Act) => Promise<void> }> {
  const world = createWorld(1)
  const { server, device, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  await device.send(room, { kind: 'text', text: 'mine 2' })
  await clock.pass(100)
  server.say(other, room, 'yours 3')
  await clock.pass(100)
  await device.send(room, { kind: 'text', text: 'mine 4' })
  await clock.pass(100)
  const act = async (seq: number, wanted: Act): Promise<void> => {
    const { id } = server.conversations.get(room)?.log[seq - 1] ?? assert.fail()
    await device.act(room, { seq, id }, wanted)
    await clock.pass(100)
  }
  await act(3, thumb)
  return { ...world, room, act }
}

async function reconnect({ network, device, clock }: World): Promise<void> {
  network.line().cut(1_006)
  await clock.pass(1)
  device.wake()
  await clock.pass(20_000)
}

test('[A4, I2] own marks that a restore has lost are put back, on entries that it still has; those of others are not', async () => {
  const world = await makeRoom()
  const { server, device, clock, room, act, me, other } = world
  await act(3, heart)
  await act(2, { kind: 'edit', value: { text: 'mine 2, edited' } })
  await act(4, { kind: 'erased', value: {} })
  const { id } = server.conversations.get(room)?.log[1] ?? assert.fail()
  server.set(other, { id: server.newId(), conversationId: room, seq: 2, subject: id, act: thumb })
  const theirs = server.conversations.get(room)?.log[2] ?? assert.fail()
  const edit: Act = { kind: 'edit', value: { text: 'yours 3, edited' } }
  server.set(other, { id: server.newId(), conversationId: room, seq: 3, subject: theirs.id, act: edit })
  server.say(other, room, 'yours 5')
  await clock.pass(1_000)
  await act(5, thumb)
  server.restore(
    'epoch-2',
    () => 4,
    () => 1,
  )
  await reconnect(world)
  const now = device.view().replica.rooms.get(room) ?? assert.fail()
  assert.deepEqual(reactionsOf(entryAt(now, 3) ?? assert.fail(), me), [{ emoji: '❤️', accounts: [me], isMine: true }])
  assert.equal(textOf(entryAt(now, 2) ?? assert.fail()), 'mine 2, edited')
  assert.deepEqual(reactionsOf(entryAt(now, 2) ?? assert.fail(), me), [], 'that of the other is theirs to put back')
  assert.deepEqual(entryAt(now, 4)?.body, { kind: 'erased' })
  assert.deepEqual([device.view().acts, device.view().outbox], [[], []])
  assert.equal(server.conversations.get(room)?.change, 4)
  assert.equal(now.cursor, 4)
  const asked = world.network.lines
    .slice(1)
    .flatMap(({ up }) => up)
    .flatMap((frame) => (frame.t === 'set' ? [`${frame.act.kind} ${frame.seq}`] : []))
  assert.deepEqual(asked.toSorted(), ['edit 2', 'erased 4', 'reaction 3'])
})

test('[A4] marks from before the backup are not put back, and nothing is asked of a server that knows no items', async () => {
  const world = await makeRoom()
  const { server, network, room } = world
  server.restore(
    'epoch-2',
    () => 4,
    () => 1,
  )
  await reconnect(world)
  assert.equal(network.line().up.filter(({ t }) => t === 'set').length, 0)
  assert.equal(server.conversations.get(room)?.change, 1)
  server.restore(
    'epoch-3',
    () => 4,
    () => 0,
  )
  server.features = null
  await reconnect(world)
  assert.deepEqual(
    [...new Set(network.line().up.map(({ t }) => t))].filter((t) => t === 'set'),
    [],
  )
  assert.deepEqual(world.device.view().acts, [])
})

test('[A4, I9] a text that is put back answers nothing that the restored history does not have; nor does one that waits', async () => {
  const world = await makeRoom()
  const { server, device, network, clock, room, other } = world
  server.say(other, room, 'yours 5')
  await clock.pass(100)
  await device.send(room, { kind: 'text', text: 'to 3', replyTo: 3 })
  await device.send(room, { kind: 'text', text: 'to 5', replyTo: 5 })
  await clock.pass(1_000)
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(10)
  await device.send(room, { kind: 'text', text: 'waits, to 5', replyTo: 5 })
  server.restore(
    'epoch-2',
    () => 4,
    () => 1,
  )
  network.reachable = true
  device.wake()
  await clock.pass(20_000 + authorWaitMs)
  const log = server.conversations.get(room)?.log ?? []
  assert.deepEqual(
    log.slice(4).map(({ body }) => body),
    [
      { kind: 'text', text: 'to 3', replyTo: 3 },
      { kind: 'text', text: 'to 5' },
      { kind: 'text', text: 'waits, to 5' },
    ],
  )
  assert.deepEqual(device.view().outbox, [])
})

test('[A4] a text that was edited is put back as it is now; where the history has it under its id, nothing is said of that', async () => {
  const world = await makeRoom()
  const { server, device, room, act } = world
  await act(4, { kind: 'edit', value: { text: 'mine 4, edited' } })
  server.restore(
    'epoch-2',
    () => 3,
    () => 1,
  )
  // Another device of the account has put the text back as it was before the edit.
  const { id } = entryAt(device.view().replica.rooms.get(room) ?? assert.fail(), 4) ?? assert.fail()
  server.append(world.me, room, id, { kind: 'text', text: 'mine 4' })
  await reconnect(world)
  assert.deepEqual(device.view().outbox, [])
  assert.deepEqual(
    server.conversations.get(room)?.log.map(({ body }) => (body.kind === 'text' ? body.text : body.kind)),
    ['created', 'mine 2', 'yours 3', 'mine 4'],
  )
})

test('[A4] what this account has erased for itself stays so after a restore that has lost it', async () => {
  const world = await makeRoom()
  const { server, device, room, act, me } = world
  await act(3, { kind: 'hidden', value: {} })
  server.restore(
    'epoch-2',
    () => 4,
    () => 1,
  )
  const { items } = server.accounts.get(me) ?? assert.fail()
  for (const name of items.keys()) if (name.startsWith('hidden ')) items.delete(name)
  await reconnect(world)
  assert.equal(isHidden(device.view().replica, room, 3), true)
  assert.deepEqual(device.view().acts, [])
  assert.equal([...items.keys()].filter((name) => name.startsWith('hidden ')).length, 1)
})
