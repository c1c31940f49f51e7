import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type ConversationId, type Entry, type UpFrame } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import { createWorld, type World } from '../fakes/device.ts'
import { auditAnswerMs, auditEveryMs, auditTriesMax, hashOf, stretchesOf, type AuditOutcome } from './audit.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'
import type { Room } from './state.ts'

/** A device that has caught up in one room of ten entries. */
async function makeAudited(store?: LocalStore): Promise<World & { readonly room: ConversationId; audit(): Promise<AuditOutcome> }> {
  const world = createWorld(1, store === undefined ? {} : { store })
  const { device, server, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await device.start()
  await clock.pass(100)
  for (let index = 2; index <= 10; index++) server.say(index % 2 === 0 ? me : other, room, `${index}`)
  await clock.pass(1_000)
  assert.equal(device.view().replica.rooms.get(room)?.cursor, 10)
  return {
    ...world,
    room,
    async audit() {
      const outcome = device.audit(room)
      await clock.pass(1_000)
      return outcome
    },
  }
}

const audits = (world: World): UpFrame[] => world.network.lines.flatMap(({ up }) => up.filter(({ t }) => t === 'audit'))

/** Passes time on a living connection. */
async function passBeating({ server, clock }: World, ms: number): Promise<void> {
  for (let step = 0; step < 6; step++) {
    for (const link of server.links) server.beat(link)
    await clock.pass(ms / 6)
  }
}

/** Changes one stored entry directly in the store. */
async function corrupt(world: World, room: ConversationId, seq: number, change: Partial<Entry>): Promise<void> {
  const [entry] = await world.store.readEntries(room, seq, seq)
  assert.ok(entry)
  await world.store.commit({ entries: [{ conversationId: room, entries: [{ ...entry, ...change }] }] })
}

test('[A1] a device with the server’s entries is equal, and asks in stretches that are cut alike on all devices', async () => {
  const world = await makeAudited()
  assert.equal(await world.audit(), 'equal')
  assert.deepEqual(audits(world), [{ t: 'audit', conversationId: world.room, from: 1, to: 10 }])
  assert.equal(world.device.view().auditFault, null)
  assert.equal(world.server.auditFaults, 0)

  const width = LIMITS.auditEntriesMax
  const held = {
    membership: { joinedSeq: 1 },
    ranges: [
      { first: 3, last: 10 },
      { first: width - 1, last: 2 * width + 1 },
    ],
  } as unknown as Room
  assert.deepEqual(stretchesOf(held), [
    { first: 2 * width + 1, last: 2 * width + 1 },
    { first: width + 1, last: 2 * width },
    { first: width - 1, last: width },
    { first: 3, last: 10 },
  ])
})

test('[A1] the hash covers seq and id: another id, a hole, or a different shown entry changes it', () => {
  const entry = (seq: number, id = seq): Entry => ({ seq, acceptedAt: 1, author: uuidOf(1, 1), id: uuidOf(2, id), body: { kind: 'left' } }) as Entry
  const stretch = { first: 4, last: 6 }
  const good = hashOf([entry(4), entry(5), entry(6)], stretch, [entry(6)])
  assert.match(good ?? '', /^[0-9a-f]{64}$/)
  assert.notEqual(hashOf([entry(4), entry(5, 9), entry(6)], stretch, []), good)
  assert.equal(hashOf([entry(4), entry(6)], stretch, []), null)
  assert.equal(hashOf([entry(4), entry(5), entry(7)], stretch, []), null)
  assert.equal(hashOf([entry(4), entry(5), entry(6)], stretch, [entry(5, 9)]), null)
  assert.equal(hashOf([entry(4), { ...entry(5), id: 'no id' as Entry['id'] }, entry(6)], stretch, []), null)
})

test('[A3] a corrupted entry is found, counted by the server, and loaded again', async () => {
  const world = await makeAudited()
  const { device, server, clock, room, store } = world
  await corrupt(world, room, 4, { id: uuidOf(0xbad, 1) as Entry['id'] })
  device.watch({ conversationId: room, from: 1, to: null })
  assert.equal(await world.audit(), 'mending')
  assert.deepEqual(device.view().auditFault, { conversationId: room, from: 1, to: 10, mended: false, lasting: false })
  assert.equal(server.auditFaults, 1)
  while ((await device.loadOlder(room, 3)).more) await clock.pass(10)
  await clock.pass(1_000)
  assert.deepEqual(await store.readEntries(room, 1, 10), server.conversations.get(room)?.log)
  assert.deepEqual(device.view().replica.rooms.get(room)?.entries, server.conversations.get(room)?.log)
  assert.equal(await world.audit(), 'equal')
  assert.equal(device.view().auditFault?.mended, true)
  assert.equal(server.auditFaults, 1)
})

test('[A3] an entry missing in the store is found without asking the server', async () => {
  const inner = createMemoryStore()
  let lost = 0
  const store: LocalStore = { ...inner, readEntries: async (...range) => (await inner.readEntries(...range)).filter(({ seq }) => seq !== lost) }
  const world = await makeAudited(store)
  lost = 5
  assert.equal(await world.audit(), 'mending')
  assert.deepEqual(audits(world), [])
})

test('[A3] a lasting difference is reported once more, and the room is not loaded again each time', async () => {
  const world = await makeAudited()
  const { device, server, room } = world
  const honest = server.audit.bind(server)
  server.audit = (accountId, frame) => ({ ...honest(accountId, frame), hash: 'f'.repeat(64) }) as never
  assert.equal(await world.audit(), 'mending')
  const mended = device.view().replica.rooms.get(room)
  assert.equal(mended?.cursor, 10)
  assert.equal(await world.audit(), 'lasting')
  assert.equal(device.view().replica.rooms.get(room), mended)
  assert.deepEqual([device.view().auditFault?.mended, device.view().auditFault?.lasting, server.auditFaults], [false, true, 2])
  server.audit = honest
  await passBeating(world, auditEveryMs)
  assert.deepEqual([device.view().auditFault?.mended, device.view().auditFault?.lasting], [true, false])
})

test('[A3] a server that lacks what the device holds is a fault as well', async () => {
  const world = await makeAudited()
  world.server.conversations.get(world.room)?.log.pop()
  assert.equal(await world.audit(), 'mending')
  assert.equal(world.server.auditFaults, 1)
})

test('[A2] a device compares one room a minute by itself, the oldest comparison first', async () => {
  const world = createWorld()
  const { device, server, clock, me, other } = world
  const rooms = [1, 2, 3].map(() => server.addConversation('group', [me, other]))
  await device.start()
  await clock.pass(1_000)
  for (const count of [1, 2, 3]) {
    await passBeating(world, auditEveryMs)
    assert.equal(audits(world).length, count)
  }
  const asked = audits(world).map((frame) => ('conversationId' in frame ? frame.conversationId : null))
  assert.deepEqual(new Set(asked), new Set(rooms))
  await device.stop()
  assert.equal(clock.waiting(), 0)
})

test('[A2] a device that is on for 20 s at a time compares as often as one that stays', async () => {
  const world = createWorld()
  const { server, clock, me, other } = world
  server.addConversation('direct', [me, other])
  const visits = 90
  for (let visit = 0; visit < visits; visit++) {
    const device = world.restart()
    await device.start()
    await clock.pass(20_000)
    await device.stop()
    await clock.pass(60_000)
  }
  const count = audits(world).length
  assert.ok(count >= visits / 6 && count <= visits / 2, `${count} times in ${visits} visits`)
})

test('[A2] a device that is cut repeatedly compares at most once a minute', async () => {
  const world = createWorld()
  const { device, server, clock, network, me, other } = world
  server.addConversation('direct', [me, other])
  await device.start()
  const times = new Set<number>()
  for (let second = 0; second < 1_200; second++) {
    if (second % 15 === 14) network.line().cut(1_006)
    for (const link of server.links) server.beat(link)
    const before = audits(world).length
    await clock.pass(1_000)
    if (audits(world).length > before) times.add(second)
  }
  const [first = 0, ...later] = times
  assert.ok(later.length >= 4, `${times.size} times`)
  later.reduce((last, now) => {
    assert.ok(now - last >= auditEveryMs / 1_000 - 1, `${last} s and ${now} s`)
    return now
  }, first)
})

test('[A2] a busy server is asked again a few times, a silent one is given up, and nothing is deleted', async () => {
  const world = await makeAudited()
  const { device, network, clock, room } = world
  const before = device.view().replica.rooms.get(room)
  network.onUp = (frame, line) => {
    if (frame.t !== 'audit') return true
    line.link?.push({ t: 'refused', re: 'audit', code: 'busy', retryAfterMs: 10 })
    return false
  }
  assert.equal(await world.audit(), 'unchecked')
  assert.equal(audits(world).length, auditTriesMax)

  network.onUp = (frame) => frame.t !== 'audit'
  const silent = device.audit(room)
  await passBeating(world, auditAnswerMs)
  assert.equal(await silent, 'unchecked')

  const cut = device.audit(room)
  await clock.pass(10)
  network.line().cut(1_006)
  await clock.pass(10)
  assert.equal(await cut, 'unchecked')
  assert.equal(device.view().replica.rooms.get(room), before)
  assert.equal(device.view().auditFault, null)
})
