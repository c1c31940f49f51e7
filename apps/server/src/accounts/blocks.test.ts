import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { setBlock } from '../../../../tests/contract/stores.ts'
import { block, unblock } from './blocks.ts'

const unknown = randomUUID() as AccountId

test('[B1] a block is in the log of the one who blocks, once, and in nobody else’s; so is its end', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, other, stranger] = [await world.join('own'), await world.join('other'), await world.join('stranger')]
  const [me, them] = [own.profile.accountId, other.profile.accountId]
  await world.store.log.openDirect(randomUUID() as ConversationId, randomUUID() as ClientMessageId, me, them, 1)
  const before = await world.items(them)
  world.risen.length = 0
  const person = { accountId: them, handle: 'other', displayName: 'other' }
  for (let times = 0; times < 2; times++) assert.deepEqual(await block(world, me, them), { ok: true, value: person })
  assert.deepEqual((await world.items(me)).at(-1), { kind: 'block', key: them, value: person })
  assert.deepEqual(world.risen, [me], 'once')
  for (let times = 0; times < 2; times++) assert.deepEqual(await unblock(world, me, them), { ok: true, value: {} })
  assert.deepEqual((await world.items(me)).at(-1), { kind: 'block', key: them, value: null })
  assert.deepEqual(world.risen, [me, me])
  assert.deepEqual(await world.items(them), before)
  assert.deepEqual(await unblock(world, me, unknown), { ok: true, value: {} })
  assert.deepEqual(await block(world, me, me), { ok: false, code: 'body-invalid' })
  const strange = await block(world, me, stranger.profile.accountId)
  assert.deepEqual(strange, { ok: false, code: 'not-found' }, 'a stranger’s name is told to nobody [W4]')
  assert.deepEqual(await block(world, me, unknown), strange)
})

test(`[B1] an account blocks ${LIMITS.blockedMax} people and not one more, also at once`, async (t) => {
  const world = await openAccountsWorld(t)
  const own = (await world.join('own')).profile.accountId
  const others = [(await world.join('one')).profile.accountId, (await world.join('two')).profile.accountId] as const
  for (const other of others) await world.store.log.openDirect(randomUUID() as ConversationId, randomUUID() as ClientMessageId, own, other, 1)
  for (let count = 0; count < LIMITS.blockedMax - 1; count++) await setBlock(world, own, randomUUID() as AccountId, true)
  const answers = await Promise.all(others.map((other) => block(world, own, other)))
  assert.deepEqual(answers.map((one) => (one.ok ? 'ok' : one.code)).toSorted(), ['limit-reached', 'ok'])
  const [first, second] = answers[0]?.ok === true ? others : [others[1], others[0]]
  assert.deepEqual(await unblock(world, own, first), { ok: true, value: {} })
  assert.equal((await block(world, own, second)).ok, true, 'who was unblocked makes room')
})
