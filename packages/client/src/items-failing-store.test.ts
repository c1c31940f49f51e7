import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act, ConversationId } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import { SMALL } from '../fakes/server.ts'
import { createMemoryStore } from './memory-store.ts'
import { gatherMs, waitingEntriesMax } from './persist.ts'
import type { LocalStore } from './ports.ts'
import { entryAt } from './room.ts'
import { isErased, reactionsOf, textOf } from './select.ts'
import type { Room } from './state.ts'

const emojiOf = (emoji: string): Act => ({ kind: 'reaction', value: { emoji } })

interface Town extends World {
  readonly room: ConversationId
  readonly disk: { isFull: boolean }
  readonly roomNow: () => Room
  readonly about: (seq: number) => { seq: number; id: Parameters<World['device']['act']>[1]['id'] }
  readonly act: (seq: number, act: Act) => void
}

async function makeTown(entries: number): Promise<Town> {
  const inner = createMemoryStore()
  const disk = { isFull: false }
  const store: LocalStore = {
    ...inner,
    commit: async (change) => {
      if (disk.isFull) throw new Error('the disk is full')
      await inner.commit(change)
    },
  }
  const world = createWorld(1, { store })
  const { server, device, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  for (let seq = 2; seq <= entries; seq++) server.say(other, room, `text ${seq}`)
  await clock.pass(1_000)
  const about = (seq: number) => ({ seq, id: server.conversations.get(room)?.log[seq - 1]?.id ?? assert.fail() })
  return {
    ...world,
    room,
    disk,
    about,
    roomNow: () => device.view().replica.rooms.get(room) ?? assert.fail(),
    act(seq, act) {
      assert.ok(server.set(other, { id: server.newId(), conversationId: room, seq, subject: about(seq).id, act }).ok)
    },
  }
}

test('[C1, I11] two acts on one mark that a full disk refuses hold nothing up', async () => {
  const { device, clock, room, disk, about, roomNow, me } = await makeTown(3)
  disk.isFull = true
  const both = await Promise.allSettled([device.act(room, about(3), emojiOf('👍')), device.act(room, about(3), emojiOf('❤️'))])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.deepEqual(device.view().acts, [])
  disk.isFull = false
  await device.send(room, { kind: 'text', text: 'after' })
  await clock.pass(5_000)
  assert.deepEqual(device.view().outbox, [])
  assert.equal(textOf(roomNow().entries.at(-1) ?? assert.fail()), 'after')
  assert.deepEqual(reactionsOf(entryAt(roomNow(), 3) ?? assert.fail(), me), [])
})

test('[I3, I6] what changed after a device gave up storing is asked for, and not shown as it was stored', async () => {
  const { device, clock, room, disk, roomNow, act, server, other } = await makeTown(300)
  device.closeRoom(room)
  assert.ok((roomNow().entries[0]?.seq ?? 0) > 5, 'old entries are in the store alone')
  disk.isFull = true
  for (let count = 0; count <= waitingEntriesMax; count++) server.say(other, room, 'more')
  await clock.pass(60_000)
  assert.equal(device.view().storageFailed, true)
  act(5, { kind: 'erased', value: {} })
  await clock.pass(gatherMs + 1_000)
  const [entry] = await Promise.all([device.loadEntry(room, 5), clock.pass(1_000)])
  assert.equal(entry?.body.kind, 'erased')
  assert.equal(isErased(entryAt(roomNow(), 5) ?? assert.fail()), true)
})

test('[I3, I6] a quoted entry is loaded again after a reset that jumped over its changes', async () => {
  const { device, clock, room, roomNow, act, network } = await makeTown(100)
  device.closeRoom(room)
  await Promise.all([device.loadEntry(room, 5), clock.pass(100)])
  assert.equal(textOf(entryAt(roomNow(), 5) ?? assert.fail()), 'text 5')
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  for (let seq = 10; seq <= 10 + SMALL.backfillItemsMax; seq++) act(seq, emojiOf('👍'))
  act(5, { kind: 'erased', value: {} })
  network.reachable = true
  device.wake()
  await clock.pass(3_000)
  assert.equal(roomNow().change, SMALL.backfillItemsMax + 2)
  assert.equal(entryAt(roomNow(), 5), undefined)
  const [again] = await Promise.all([device.loadEntry(room, 5), clock.pass(1_000)])
  assert.equal(again?.body.kind, 'erased')
})
