import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import type { DeviceHandle } from './device.ts'
import type { MarkedEntry } from './marked-entry.ts'
import { rangeAt } from './ranges.ts'

/** Several hundred by default. A failing seed is named in the message and becomes a test of its own. */
const seeds = 300

interface Written {
  readonly id: ClientMessageId
  readonly conversationId: ConversationId
}

/** A day of faults: lost answers, doubled sends, temporary refusals, cuts at any moment, dead connections, a killed program. */
async function live(seed: number): Promise<{
  world: World
  device: DeviceHandle
  written: Written[]
  reacted: ReadonlyMap<string, string | null>
  acknowledged: Set<ClientMessageId>
}> {
  const world = createWorld(seed)
  const { clock, random, server, network, me, other, third } = world
  const rooms = [
    server.addConversation('self', [me]),
    server.addConversation('direct', [me, other]),
    server.addConversation('group', [other, me, third]),
  ]
  const written: Written[] = []
  /** The newest own reaction to each entry, as requested. */
  const reacted = new Map<string, string | null>()
  const acknowledged = new Set<ClientMessageId>()
  let device = world.device
  let faults = true

  network.delayMs = () => random.below(400)
  network.onUp = (frame, line) => {
    if (!faults || frame.t === 'hello') return true
    const dice = random.below(20)
    if (dice === 0 && line.link !== null) server.receive(line.link, frame)
    else if (dice === 1 && frame.t === 'send') {
      line.link?.push({ t: 'refused', re: 'send', id: frame.id, code: 'busy', retryAfterMs: random.below(3_000) })
      return false
    } else if (dice === 2) return false
    return true
  }
  network.onDown = (frame, line) => {
    if (!faults) return true
    const dice = random.below(30)
    if (dice === 0) line.cut(random.below(2) === 0 ? 1_006 : 4_001)
    else if (dice === 1) line.dead = true
    // Frames vanish only with their connection, but the client must also survive a server that forgets some.
    return dice !== 2
  }

  await device.start()
  for (let step = 0; step < 60; step++) {
    const dice = random.below(16)
    const conversationId = rooms[random.below(rooms.length)] as ConversationId
    if (dice < 6) {
      const text = `m${written.length}`
      const id = await device.send(conversationId, { kind: 'text', text })
      written.push({ id, conversationId })
      device.settled(id).then(
        (outcome) => outcome.accepted && acknowledged.add(id),
        () => undefined,
      )
    } else if (dice < 9) server.say(other, conversationId, `o${step}`)
    else if (dice === 9) network.line()?.cut(1_006)
    else if (dice === 10) device.wake()
    else if (dice === 11) network.reachable = random.below(3) > 0
    else if (dice === 12) {
      // A kill: nothing is flushed. Only what was promised as stored is left.
      await clock.pass(random.below(200))
      device = world.restart()
      await device.start()
    } else if (dice === 15) {
      const log = server.conversations.get(conversationId)?.log ?? []
      const room = device.view().replica.rooms.get(conversationId)
      const entry = room?.entries.findLast(({ body }) => body.kind === 'text')
      const emoji = [null, '👍', '❤️'][random.below(3)] ?? null
      if (entry !== undefined && log[entry.seq - 1]?.id === entry.id && device.view().replica.features.includes('items')) {
        const act = { kind: 'reaction', value: emoji === null ? null : { emoji } } as const
        await device.act(conversationId, { seq: entry.seq, id: entry.id }, act)
        reacted.set(`${conversationId} ${entry.seq}`, emoji)
      }
    } else if (dice === 13) server.append(other, rooms[2] as ConversationId, server.newId(), { kind: 'renamed', title: `r${step}` })
    else if (dice === 14) for (const link of server.links) server.beat(link)
    checkShown(device, acknowledged, server)
    await clock.pass(random.below(3_000))
  }

  faults = false
  network.reachable = true
  for (let round = 0; round < 40; round++) {
    await clock.pass(10_000)
    for (const link of server.links) server.beat(link)
  }
  return { world, device, written, reacted, acknowledged }
}

/** [C3] Every message shown as sent is in the log. */
function checkShown(device: DeviceHandle, acknowledged: ReadonlySet<ClientMessageId>, server: World['server']): void {
  const inLog = (id: ClientMessageId) => [...server.conversations.values()].some(({ log }) => log.some((entry) => entry.id === id))
  for (const item of device.view().outbox) if (item.progress === 'sent') assert.ok(inLog(item.id), 'shown as sent and in the log')
  for (const id of acknowledged) assert.ok(inLog(id), 'acknowledged and in the log')
}

for (let block = 0; block < 6; block++) {
  test(`[C2] [M2] [M6] the ledger balances after a day of faults, seeds ${(block * seeds) / 6} and up`, async () => {
    for (let seed = (block * seeds) / 6; seed < ((block + 1) * seeds) / 6; seed++) {
      const { world, device, written, reacted } = await live(seed)
      const { server, me } = world
      const at = `seed ${seed}`
      assert.equal(device.view().connection.state, 'live', at)
      assert.deepEqual([...device.view().outbox, ...device.view().acts], [], `${at}: everything was delivered`)
      for (const [name, emoji] of reacted) {
        const [conversationId = '', seq = ''] = name.split(' ')
        const marks = server.conversations.get(conversationId as ConversationId)?.marksOf(Number(seq))
        const value = marks?.get(`reaction ${seq}:${me}`)?.value ?? null
        assert.deepEqual(value, emoji === null ? null : { emoji }, `${at}: [I2] the newest act on each mark is what stands`)
      }
      for (const conversation of server.conversations.values()) {
        const { id: conversationId, log, change } = conversation
        const own = log.filter((entry) => entry.author === me && entry.body.kind === 'text').map((entry) => entry.id)
        const expected = written.filter((one) => one.conversationId === conversationId).map((one) => one.id)
        assert.deepEqual(own, expected, `${at}: none lost, none twice, in the order in which they were written`)
        const room = device.view().replica.rooms.get(conversationId)
        assert.ok(room !== undefined, at)
        assert.equal(room.cursor, log.length, `${at}: [D6] nothing is missing at the end`)
        assert.equal(room.change, change, `${at}: [D6] no item is missing at the end`)
        // Possibly outdated entries are requested again when shown, and nobody looks here.
        const fresh = ({ seq }: Entry): boolean => rangeAt(room.stale, seq) === undefined
        const now = (entries: readonly Entry[]) =>
          entries.filter(fresh).map((entry) => ({ ...entry, marks: [...conversation.marksOf(entry.seq).values()] }))
        const held = (entries: readonly MarkedEntry[]) => entries.filter(fresh).map((entry) => ({ ...entry, marks: entry.marks ?? [] }))
        assert.deepEqual(held(room.entries), now(log.slice(-room.entries.length)), `${at}: [D2, I3] the device has what the log has`)
        for (const { first, last } of room.ranges) {
          const stored = await world.store.readEntries(conversationId, first, last)
          assert.deepEqual(held(stored), now(log.slice(first - 1, last)), `${at}: [D4] what is said to be stored is stored`)
        }
      }
      await device.stop()
      await world.clock.pass(1_000)
      assert.equal(world.clock.waiting(), 0, `${at}: no timer is left`)
    }
  })
}
