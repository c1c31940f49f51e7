import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { ADDED_BOUNDS } from './added.ts'
import { addFriend, removeFriend } from './friends.ts'
import { createLookups, LOOKUP_BOUNDS } from './lookups.ts'
import { refuse } from './parts.ts'

test('[B71] a stranger is seen by id after a look at the handle, for an hour, and by nobody else', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, friend, other] = [await world.join('own'), await world.join('friend'), await world.join('other')].map(
    ({ profile }) => profile.accountId,
  ) as [AccountId, AccountId, AccountId]
  const lookups = createLookups(world, createMemoryLimits(world.clock))
  assert.equal(await lookups.sees(own, friend), false)
  assert.deepEqual(await lookups.byHandle(own, 'nobody'), { ok: false, code: 'not-found' })
  assert.equal((await lookups.byHandle(own, 'FRIEND')).ok, true)
  assert.deepEqual([await lookups.sees(own, friend), await lookups.sees(other, friend), await lookups.sees(friend, own)], [true, false, false])
  world.clock.advance(LOOKUP_BOUNDS.metMs - 1)
  assert.equal(await lookups.sees(own, friend), true)
  world.clock.advance(1)
  assert.equal(await lookups.sees(own, friend), false)
  await addFriend(world, own, friend)
  assert.equal(await lookups.sees(own, friend), true, 'a friend is seen for ever')
  assert.deepEqual(await removeFriend(world, own, randomUUID() as AccountId), await removeFriend(world, own, other))
})

test('[B72] one account looks up so many handles in an hour; one invite and one address meet so many taken ones', async (t) => {
  const world = await openAccountsWorld(t)
  const own = (await world.join('own')).profile.accountId
  const lookups = createLookups(world, createMemoryLimits(world.clock))
  for (let n = 0; n < LOOKUP_BOUNDS.handlesMax; n++) assert.equal((await lookups.byHandle(own, `nobody${n}`)).ok, false)
  const last = await lookups.byHandle(own, 'own')
  assert.deepEqual(last, { ok: false, code: 'rate-limited', retryAfterMs: LOOKUP_BOUNDS.windowMs })
  world.clock.advance(LOOKUP_BOUNDS.windowMs)
  assert.equal((await lookups.byHandle(own, 'own')).ok, true)

  const taken = async () => refuse('handle-taken')
  const codes = async (code: string | undefined, address: string, times: number): Promise<string[]> => {
    const all = []
    for (let n = 0; n < times; n++) {
      const made = await lookups.joining(code, address, taken)
      all.push(made.ok ? 'ok' : made.code)
    }
    return all
  }
  const { takenPerInviteMax, takenPerAddressMax } = LOOKUP_BOUNDS
  assert.deepEqual(new Set(await codes('a', '192.0.2.1', takenPerInviteMax)), new Set(['handle-taken']))
  assert.deepEqual(await codes('a', '192.0.2.2', 1), ['rate-limited'], 'the invite, from wherever')
  assert.deepEqual(new Set(await codes(undefined, '192.0.2.1', takenPerAddressMax - takenPerInviteMax)), new Set(['handle-taken']))
  assert.deepEqual(await codes('b', '192.0.2.1', 1), ['rate-limited'], 'the address, by whatever invite')
  assert.deepEqual(await codes('b', '192.0.2.3', 1), ['handle-taken'])
})

test(`[B47] of whom one account adds, ${ADDED_BOUNDS.toldMax} in a day are told`, async (t) => {
  const world = await openAccountsWorld(t)
  const [own, other] = [(await world.join('own')).profile.accountId, (await world.join('other')).profile.accountId]
  const lookups = createLookups(world, createMemoryLimits(world.clock))
  for (let n = 0; n < ADDED_BOUNDS.toldMax; n++) assert.equal(await lookups.mayTell(own), true)
  assert.deepEqual([await lookups.mayTell(own), await lookups.mayTell(other)], [false, true])
  world.clock.advance(ADDED_BOUNDS.windowMs)
  assert.equal(await lookups.mayTell(own), true)
})
