import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ConversationId, RefusalCode } from '@bongsu/protocol'
import { settle } from '../fakes/clock.ts'
import { createWorld, type World } from '../fakes/device.ts'
import { historyTriesMax } from './history.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'

/** A device in a room whose older entries the server refuses with these codes before it sends them. */
async function makePutOff(
  ...codes: readonly RefusalCode[]
): Promise<World & { readonly load: () => Promise<{ readonly more: boolean }>; asked: () => number }> {
  const world = createWorld()
  const { device, server, clock, http, me, other } = world
  const call = http.call
  let asked = 0
  Object.assign(http, {
    call: async (...given: Parameters<typeof call>) => {
      const code = given[0] === 'readHistory' ? codes[asked++] : undefined
      return code === undefined ? call(...given) : { ok: false, refusal: { code, retryAfterMs: 3_000 } }
    },
  })
  const room = server.addConversation('direct', [me, other])
  for (let index = 0; index < 9; index++) server.say(other, room, `${index}`)
  await device.start()
  await clock.pass(1_000)
  return { ...world, load: () => device.loadOlder(room, 5), asked: () => asked }
}

test('[D4, O2] a history page refused as busy is requested again at the stated time, and arrives', async () => {
  const { device, clock, load, asked } = await makePutOff('busy', 'rate-limited')
  const loading = load()
  await clock.pass(2_999)
  assert.equal(asked(), 1, 'not sooner')
  await clock.pass(60_000)
  assert.deepEqual(await loading, { more: true })
  assert.equal(asked(), 3)
  assert.equal([...device.view().replica.rooms.values()][0]?.entries[0]?.seq, 2)
})

test('[O1] requests to a server that stays busy are bounded, and the result is its last refusal', async () => {
  const { clock, load, asked } = await makePutOff(...Array.from({ length: 2 * historyTriesMax }, () => 'busy' as const))
  const loading = assert.rejects(load(), /busy/)
  await clock.pass(600_000)
  await loading
  assert.equal(asked(), historyTriesMax)
})

test('[D4] a final refusal is not retried', async () => {
  const { load, asked } = await makePutOff('not-a-member')
  await assert.rejects(load(), /not-a-member/)
  assert.equal(asked(), 1)
})

test('[O1] a stopped device waits for no history page', async () => {
  const { device, clock, load } = await makePutOff('busy')
  const loading = assert.rejects(load(), /busy/)
  await clock.pass(100)
  await device.stop()
  await loading
  assert.equal(clock.waiting(), 0)
})

/** A gate: calls wait while it is closed. */
function makeGate() {
  let opened = Promise.resolve()
  let open = (): void => undefined
  return {
    shut: () => void (opened = new Promise((resolve) => (open = resolve))),
    open: () => open(),
    pass: async <T>(value: T): Promise<T> => (await opened, value),
  }
}

/** A device in a room of 100 entries. It holds all of them, or, when they existed before it came, only the last ones. */
async function makeLong(given: { readonly store?: LocalStore; readonly late?: true } = {}): Promise<World & { readonly room: ConversationId }> {
  const world = createWorld(1, given)
  const { device, server, clock, me, other } = world
  const room = server.addConversation('direct', [me, other])
  if (given.late === undefined) await device.start()
  await clock.pass(100)
  for (let seq = 2; seq <= 100; seq++) server.say(other, room, `${seq}`)
  await device.start()
  await clock.pass(1_000)
  device.closeRoom(room)
  return { ...world, room }
}

/** Answers to HTTP requests have the state of the request and arrive late. */
function holdAnswers({ http }: World): { readonly open: () => void } {
  const gate = makeGate()
  gate.shut()
  const call = http.call
  Object.assign(http, { call: async (...given: Parameters<typeof call>) => gate.pass(await call(...given)) })
  return gate
}

test('[D4, A3] entries read from the store before they were dropped do not count as stored', async () => {
  const inner = createMemoryStore()
  const gate = makeGate()
  const world = await makeLong({ store: { ...inner, readEntries: async (...range) => gate.pass(await inner.readEntries(...range)) } })
  const { device, server, clock, room, store } = world
  device.watch({ conversationId: room, from: 1, to: null })
  // Down to where a reset does not reach.
  while ((device.view().replica.rooms.get(room)?.entries[0]?.seq ?? 0) > 40) await device.loadOlder(room, 10)
  const honest = server.audit.bind(server)
  server.audit = (accountId, frame) => ({ ...honest(accountId, frame), hash: 'f'.repeat(64) }) as never
  const audit = device.audit(room)
  await settle()
  gate.shut()
  const loading = device.loadOlder(room, 10)
  await clock.pass(1_000)
  assert.equal(await audit, 'mending')
  gate.open()
  await loading
  await clock.pass(1_000)
  const ranges = device.view().replica.rooms.get(room)?.ranges ?? []
  assert.equal(ranges.at(-1)?.last, 100)
  for (const { first, last } of ranges) assert.equal((await store.readEntries(room, first, last)).length, last - first + 1, `${first} to ${last}`)
})

test('[D7] a page of an earlier history is not put into the present one', async () => {
  const world = await makeLong({ late: true })
  const { device, server, clock, network, room, other } = world
  const shown = () => device.view().replica.rooms.get(room)?.entries ?? []
  const first = shown()[0]?.seq ?? assert.fail()
  const answers = holdAnswers(world)
  const loading = device.loadOlder(room, 10)
  await clock.pass(100)
  server.restore('epoch-2', () => 10)
  for (let seq = 11; seq <= 100; seq++) server.say(other, room, `anew ${seq}`)
  network.line().cut(1_006)
  await clock.pass(14_000)
  const now = server.conversations.get(room)?.log.slice(first - 1)
  assert.deepEqual(shown(), now)
  answers.open()
  await loading
  assert.deepEqual(shown(), now)
})

test('[D7] entries of another history left in a full store are not used', async () => {
  const inner = createMemoryStore()
  let isFull = false
  const world = await makeLong({ store: { ...inner, commit: (change) => (isFull ? Promise.reject(new Error('full')) : inner.commit(change)) } })
  const { device, server, clock, network, room, other } = world
  isFull = true
  server.restore('epoch-2', () => 10)
  for (let seq = 11; seq <= 100; seq++) server.say(other, room, `anew ${seq}`)
  network.line().cut(1_006)
  await clock.pass(14_000)
  const shown = () => device.view().replica.rooms.get(room)?.entries ?? []
  const log = server.conversations.get(room)?.log ?? []
  const toTheBeginning = async (): Promise<void> => {
    while ((await device.loadOlder(room, 30)).more) assert.deepEqual(shown(), log.slice((shown()[0]?.seq ?? 0) - 1))
    assert.deepEqual(shown(), log)
    device.closeRoom(room)
    assert.ok(shown().length < 60)
  }
  await toTheBeginning()
  // They are now reported as stored.
  await toTheBeginning()
  isFull = false
  await clock.pass(10_000)
  const answers = holdAnswers(world)
  await toTheBeginning()
  answers.open()
  assert.deepEqual(await inner.readEntries(room, 1, 100), log)
})

test('[O1] a page that arrives after the stop is ignored, and nothing more is stored', async () => {
  const world = await makeLong({ late: true })
  const { device, clock, room } = world
  const answers = holdAnswers(world)
  const loading = assert.rejects(device.loadOlder(room, 10), /unavailable/)
  await clock.pass(100)
  await device.stop()
  answers.open()
  await loading
  assert.equal(clock.waiting(), 0)
})

test('[C6] the names of all people in an older page are requested, whether the page is from the server or from the store', async () => {
  for (const stored of [false, true]) {
    const world = createWorld()
    const { server, clock, me, other, third } = world
    const room = server.addConversation('group', [me, other, third])
    server.say(third, room, 'an old message')
    for (let index = 0; index < 40; index++) server.say(other, room, `${index}`)
    let { device } = world
    const ask: AccountId[][] = []
    const call = world.http.call
    Object.assign(world.http, {
      call: async (...given: Parameters<typeof call>) => {
        const request = given[1] as { body?: { accountIds?: AccountId[] } } | undefined
        if (given[0] === 'lookUpPeople') ask.push(request?.body?.accountIds ?? [])
        return call(...given)
      },
    })
    await device.start()
    await clock.pass(1_000)
    if (stored) {
      await device.loadOlder(room, 100)
      await clock.pass(1_000)
      device = world.restart()
      await device.start()
      await clock.pass(1_000)
    }
    // The name is forgotten, as when a device has met too many people.
    ;(device.view().replica.people as Map<AccountId, unknown>).delete(third)
    ask.length = 0
    await device.loadOlder(room, 100)
    await clock.pass(1_000)
    assert.ok(ask.flat().includes(third), stored ? 'stored page' : 'fetched page')
    assert.ok(device.view().replica.people.has(third))
    await device.stop()
  }
})
