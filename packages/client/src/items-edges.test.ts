import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act, ConversationId, DownFrameOf } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import { createWorld, type World } from '../fakes/device.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'
import { apply } from './replica.ts'
import { apartMax, looseItemsMax, withApart, withRoomItems } from './room-items.ts'
import { entryAt } from './room.ts'
import { isErased, lastEntry, reactionsOf } from './select.ts'

const thumb: Act = { kind: 'reaction', value: { emoji: '👍' } }

async function makeRoom(
  given: { store?: LocalStore } = {},
): Promise<World & { readonly room: ConversationId; readonly act: (seq: number, act: Act) => void }> {
  const world = createWorld(1, given)
  const { server, device, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  for (let seq = 2; seq <= 6; seq++) server.say(other, room, `text ${seq}`)
  await clock.pass(1_000)
  return {
    ...world,
    room,
    act(seq, act) {
      const { id } = server.conversations.get(room)?.log[seq - 1] ?? assert.fail()
      assert.ok(server.set(other, { id: server.newId(), conversationId: room, seq, subject: id, act }).ok)
    },
  }
}

test('[I3] a reset that is older than what is here takes no mark back', async () => {
  const { server, device, clock, room, act, me } = await makeRoom()
  act(6, thumb)
  await clock.pass(100)
  const old = server.reset(me, room, true) as DownFrameOf<'reset'>
  act(6, { kind: 'reaction', value: null })
  act(5, { kind: 'erased', value: {} })
  await clock.pass(1_000)
  const { state, effects } = apply(device.view().replica, structuredClone(old))
  const after = state.rooms.get(room) ?? assert.fail()
  assert.equal(after.change, 3)
  assert.deepEqual(after.stale, [])
  assert.deepEqual([reactionsOf(entryAt(after, 6) ?? assert.fail(), me), isErased(entryAt(after, 5) ?? assert.fail())], [[], true])
  const stored = effects.flatMap((effect) => (effect.do === 'store' ? effect.entries : []))
  assert.equal(stored.find(({ seq }) => seq === 5)?.body.kind, 'erased')
})

test('[D6] a device that has every item asks for no heads', async () => {
  const { server, clock, network, act } = await makeRoom()
  act(6, thumb)
  await clock.pass(1_000)
  for (const link of server.links) server.beat(link)
  await clock.pass(1_000)
  assert.equal(network.line().up.filter(({ t }) => t === 'ask-heads').length, 0)
})

test('[I3] a device that comes back says which changes it has, and is sent only the others', async () => {
  const { device, clock, network, room, act } = await makeRoom()
  act(6, thumb)
  act(5, thumb)
  await clock.pass(1_000)
  network.line().cut(1_006)
  await clock.pass(1)
  act(4, thumb)
  const items: unknown[] = []
  network.onDown = (frame) => {
    if (frame.t === 'items') items.push([frame.from, frame.to, frame.items.length])
    return true
  }
  device.wake()
  await clock.pass(5_000)
  assert.deepEqual(
    network.line().up.flatMap((frame) => (frame.t === 'hello' ? [frame.changes] : [])),
    [[[room, 2]]],
  )
  assert.deepEqual(items, [[2, 3, 1]])
})

test('[A3] a room that is being mended when the connection ends has its marks afterwards', async () => {
  const store = createMemoryStore()
  const { device, clock, network, room, act } = await makeRoom({ store })
  act(6, thumb)
  await clock.pass(1_000)
  const [entry] = await store.readEntries(room, 5, 5)
  await store.commit({ entries: [{ conversationId: room, entries: [{ ...(entry ?? assert.fail()), id: uuidOf(0xb, 1) as never }] }] })
  network.onUp = ({ t }) => t !== 'refresh'
  void device.audit(room)
  await clock.pass(1_000)
  assert.deepEqual(device.view().replica.rooms.get(room)?.entries, [])
  network.onUp = () => true
  network.line().cut(1_006)
  await clock.pass(20_000)
  const now = device.view().replica.rooms.get(room) ?? assert.fail()
  assert.deepEqual([now.change, reactionsOf(entryAt(now, 6) ?? assert.fail(), null).length], [1, 1])
  assert.equal(now.inexact, false)
})

test('[A1] items that come between the store and the answer make no fault', async () => {
  const inner = createMemoryStore()
  let before = async (): Promise<void> => undefined
  const store: LocalStore = { ...inner, readEntries: async (...given) => (await before(), inner.readEntries(...given)) }
  const { device, clock, room, act } = await makeRoom({ store })
  act(5, thumb)
  await clock.pass(1_000)
  before = async () => {
    before = async () => undefined
    act(6, thumb)
    await new Promise<void>((resolve) => clock.after(20, resolve))
  }
  const outcome = device.audit(room)
  await clock.pass(1_000)
  assert.equal(await outcome, 'equal')
  assert.equal(device.view().auditFault, null)
})

test('[I11] what waits for a server that does not know it any more is refused here, and holds nothing up', async () => {
  const { server, device, clock, network, room } = await makeRoom()
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(10)
  const { id } = server.conversations.get(room)?.log[5] ?? assert.fail()
  await device.act(room, { seq: 6, id }, thumb)
  await device.send(room, { kind: 'text', text: 'an answer', replyTo: 6 })
  await device.send(room, { kind: 'text', text: 'plain' })
  server.features = null
  network.reachable = true
  device.wake()
  await clock.pass(5_000)
  assert.deepEqual(
    network.line().up.flatMap((frame) => (frame.t === 'set' || frame.t === 'send' ? [frame.t === 'send' && frame.body] : [])),
    [{ kind: 'text', text: 'plain' }],
  )
  assert.deepEqual(
    [...device.view().acts, ...device.view().outbox].map(({ refused }) => refused),
    ['frame-unknown', 'frame-unknown'],
  )
})

test('[I11] an act that could never be done is not taken into the outbox', async () => {
  const { device, server, room, act, clock } = await makeRoom()
  act(5, { kind: 'erased', value: {} })
  await clock.pass(1_000)
  const about = (seq: number) => ({ seq, id: server.conversations.get(room)?.log[seq - 1]?.id ?? assert.fail() })
  const refused = (promise: Promise<unknown>, code: string) => assert.rejects(promise, { code })
  await refused(device.act(room, about(5), thumb), 'subject-gone')
  await refused(device.act(room, { seq: 6, id: about(4).id }, thumb), 'subject-gone')
  await refused(device.act(room, about(6), { kind: 'edit', value: { text: 'not mine' } }), 'forbidden')
  await refused(device.act(room, about(6), { kind: 'reaction', value: { emoji: 'no emoji' } }), 'body-invalid')
  await refused(device.act(uuidOf(0xc, 99) as ConversationId, about(6), thumb), 'not-a-member')
  assert.deepEqual(device.view().acts, [])
  await device.act(room, about(5), { kind: 'hidden', value: {} })
  assert.equal(device.view().acts.length, 1, 'what was erased may be hidden')
})

test('[I3] the list tells of nothing that this account has erased for itself', async () => {
  const { device, clock, server, room } = await makeRoom()
  const { id } = server.conversations.get(room)?.log[5] ?? assert.fail()
  await device.act(room, { seq: 6, id }, { kind: 'hidden', value: {} })
  await clock.pass(1_000)
  const { replica } = device.view()
  assert.equal(lastEntry(replica.rooms.get(room) ?? assert.fail(), replica)?.seq, 5)
})

test('[O1] so many items about no entry are held, and so many entries apart; of more the newest', async () => {
  const { device, room } = await makeRoom()
  const empty = device.view().replica.rooms.get(room) ?? assert.fail()
  const items = Array.from({ length: looseItemsMax + 1 }, (_, index) => ({ kind: 'x', key: `${100 + index}`, change: index + 1, value: {} }))
  assert.equal(withRoomItems(empty, items.slice(1)).room.loose.length, looseItemsMax)
  const frame = (some: typeof items, to: number) =>
    ({ t: 'items', conversationId: room, from: 0, to, items: some }) as unknown as DownFrameOf<'items'>
  const fits = apply(device.view().replica, frame(items.slice(1), looseItemsMax + 1))
  assert.deepEqual([fits.state.rooms.get(room)?.loose.length, fits.effects], [looseItemsMax, []])
  const over = apply(device.view().replica, frame(items, looseItemsMax + 1))
  assert.deepEqual([over.state.rooms.get(room)?.loose.length, over.effects.map((effect) => effect.do)], [looseItemsMax, ['refresh']])
  assert.equal(over.state.rooms.get(room)?.loose[0]?.change, 2)

  let full = empty
  for (let seq = 1; seq <= apartMax; seq++) full = withApart(full, seq, null)
  assert.equal(full.apart.size, apartMax)
  const next = withApart(withApart(full, 1, null), apartMax + 1, null)
  assert.deepEqual([next.apart.size, next.apart.has(1), next.apart.has(2)], [apartMax, true, false])
})
