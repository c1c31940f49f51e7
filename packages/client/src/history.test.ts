import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '@bongsu/protocol'
import { createWorld, type World } from '../fakes/device.ts'
import { historyTriesMax } from './history.ts'

/** A device in a room whose older entries the server puts off with these codes before it gives them. */
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

test('[D4, O2] a page of history that the server put off is asked for again when it said, and comes', async () => {
  const { device, clock, load, asked } = await makePutOff('busy', 'rate-limited')
  const loading = load()
  await clock.pass(2_999)
  assert.equal(asked(), 1, 'not sooner')
  await clock.pass(60_000)
  assert.deepEqual(await loading, { more: true })
  assert.equal(asked(), 3)
  assert.equal([...device.view().replica.rooms.values()][0]?.entries[0]?.seq, 2)
})

test('[O1] a server that never has time for it is asked so often and no more, and the last word is its own', async () => {
  const { clock, load, asked } = await makePutOff(...Array.from({ length: 2 * historyTriesMax }, () => 'busy' as const))
  const loading = assert.rejects(load(), /busy/)
  await clock.pass(600_000)
  await loading
  assert.equal(asked(), historyTriesMax)
})

test('[D4] what is refused for good is not asked for again', async () => {
  const { load, asked } = await makePutOff('not-a-member')
  await assert.rejects(load(), /not-a-member/)
  assert.equal(asked(), 1)
})

test('[O1] a device that is stopped waits for no page of history', async () => {
  const { device, clock, load } = await makePutOff('busy')
  const loading = assert.rejects(load(), /busy/)
  await clock.pass(100)
  await device.stop()
  await loading
  assert.equal(clock.waiting(), 0)
})
