import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationId, UpFrame } from '@bongsu/protocol'
import { createWorld } from '../fakes/device.ts'

test('[A7] a device keeps the last statement of the server with what came with it, and sends it back as it was, in this epoch alone', async () => {
  const world = createWorld()
  const { server, clock, network, me, other, store } = world
  const room = server.addConversation('direct', [me, other])
  const hellos: (UpFrame & { t: 'hello' })[] = []
  network.onUp = (frame) => {
    if (frame.t === 'hello') hellos.push(frame)
    return true
  }
  server.lineage = 'lineage 1'
  await world.device.start()
  await clock.pass(1_000)
  assert.equal(hellos[0]?.tide, undefined)
  server.say(other, room, 'yours')
  await clock.pass(10)
  assert.equal(world.device.view().replica.told?.[1], server.tide())
  await clock.pass(1_000)
  const stored = await store.load()
  assert.deepEqual([stored.state?.told, stored.state?.rooms.get(room)?.cursor], [['lineage 1', server.tide()], 2])
  await world.device.send(room, { kind: 'text', text: 'mine' })
  network.onDown = ({ t }) => t !== 'entries'
  await clock.pass(1_000)
  const said = server.tide()

  const device = world.restart()
  network.onDown = () => true
  await device.start()
  await clock.pass(1_000)
  assert.deepEqual(hellos.at(-1)?.tide, ['lineage 1', said])
  server.restore('epoch-2', (conversationId: ConversationId) => (conversationId === room ? 3 : 0))
  server.lineage = 'lineage 2'
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.deepEqual(device.view().replica.told, ['lineage 2', server.tide()])

  // A server without such statements: the last one of this epoch stays.
  server.lineage = undefined
  network.line().cut(1_006)
  await clock.pass(20_000)
  assert.equal(device.view().replica.told?.[0], 'lineage 2')
})

test('[W3] a server that does not know `tide` gets a hello without it on the same connection, and marks go on', async () => {
  const world = createWorld()
  const { server, device, network, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  server.lineage = 'lineage 1'
  server.say(other, room, 'yours')
  await device.start()
  await clock.pass(1_000)
  server.knowsTide = false
  server.lineage = undefined
  network.line().cut(1_006)
  await clock.pass(5_000)
  const hellos = () => network.line().up.filter((frame) => frame.t === 'hello')
  assert.deepEqual(
    hellos().map(({ tide, features }) => [tide !== undefined, features?.includes('items')]),
    [
      [true, true],
      [false, true],
    ],
  )
  assert.equal(device.view().connection.state, 'live')
  const entry = server.conversations.get(room)?.log[1]
  await device.act(room, { seq: 2, id: entry?.id ?? assert.fail() }, { kind: 'reaction', value: { emoji: '👍' } })
  await clock.pass(1_000)
  assert.equal(device.view().acts.length, 0)

  // One of version 1 is asked three times.
  server.features = null
  network.line().cut(1_006)
  await clock.pass(5_000)
  assert.deepEqual(
    hellos().map(({ tide, features }) => [tide !== undefined, features !== undefined]),
    [
      [true, true],
      [false, true],
      [false, false],
    ],
  )
  assert.equal(device.view().connection.state, 'live')
})
