import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { addFriend, removeFriend } from './friends.ts'
import { createInvite } from './invites.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { changeProfile, lookUpHandle, lookUpPeople, NAME_CHANGES } from './people.ts'

test('[D9, W4] a new name reaches oneself, accounts that have one as friend, members of shared conversations, and nobody else', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, friend, neighbour, stranger] = [
    await world.join('own'),
    await world.join('friend'),
    await world.join('neighbour'),
    await world.join('stranger'),
  ]
  const id = (one: typeof own): AccountId => one.profile.accountId
  assert.ok((await addFriend(world, id(friend), id(own))).ok)
  await world.store.log.openDirect(randomUUID() as ConversationId, randomUUID() as ClientMessageId, id(own), id(neighbour), 1)
  const before = await world.items(id(stranger))
  world.risen.length = 0
  assert.ok((await changeProfile(world, createMemoryLimits(world.clock), id(own), ' 새 이름 '.normalize('NFD'))).ok)
  const person = { accountId: id(own), handle: 'own', displayName: '새 이름' }
  assert.deepEqual((await world.items(id(own))).at(-1), { kind: 'profile', key: '', value: { ...person, role: 'member' } })
  assert.deepEqual((await world.items(id(friend))).at(-1), { kind: 'friend', key: id(own), value: person })
  assert.deepEqual((await world.items(id(neighbour))).at(-1), { kind: 'person', key: id(own), value: person })
  assert.deepEqual(await world.items(id(stranger)), before)
  assert.deepEqual(new Set(world.risen), new Set([id(own), id(friend), id(neighbour)]))
  const seen = await lookUpPeople(world, id(stranger), [id(own), id(stranger)])
  assert.deepEqual(seen.ok && seen.value.people.map((one) => one.handle), ['stranger'])
})

test('[W4] a person who left is named to those who stay and may have their messages, and not to strangers', async (t) => {
  const world = await openAccountsWorld(t)
  const [host, stays, leaves, stranger] = [
    await world.join('host'),
    await world.join('stays'),
    await world.join('leaves'),
    await world.join('stranger'),
  ]
  const id = (one: typeof host): AccountId => one.profile.accountId
  const conversationId = randomUUID() as ConversationId
  const { log } = world.store
  const made = { conversationId, id: randomUUID() as ClientMessageId, author: id(host), title: '이사', accounts: [id(stays), id(leaves)] }
  assert.ok('existed' in (await log.createGroup(made, 1)))
  const [left] = await log.append([{ conversationId, id: randomUUID() as ClientMessageId, author: id(leaves), body: { kind: 'left' } }], 2)
  assert.ok(left?.ok)
  const named = async (asker: typeof host): Promise<readonly string[]> => {
    const seen = await lookUpPeople(world, id(asker), [id(leaves)])
    assert.ok(seen.ok)
    return seen.value.people.map(({ handle }) => handle)
  }
  assert.deepEqual(await named(stays), ['leaves'])
  assert.deepEqual(await named(stranger), [])
})

test('[D9] adding a friend twice adds one; oneself and unknown accounts are refused; a friend can be removed', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, friend] = [(await world.join('own')).profile.accountId, (await world.join('friend')).profile.accountId]
  const both = await Promise.all([addFriend(world, own, friend), addFriend(world, own, friend)])
  assert.ok(both.every((answer) => answer.ok))
  assert.deepEqual(await addFriend(world, own, own), { ok: false, code: 'body-invalid' })
  assert.deepEqual(await addFriend(world, own, randomUUID() as AccountId), { ok: false, code: 'not-found' })
  assert.ok((await removeFriend(world, own, friend)).ok)
  assert.deepEqual((await world.items(own)).at(-1), { kind: 'friend', key: friend, value: null })
  const found = await lookUpHandle(world, 'FRIEND')
  assert.equal(found.ok && found.value.accountId, friend)
})

test('[O1] a name can change at most ten times in an hour; an unchanged or refused name does not count', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, other] = [(await world.join('own')).profile.accountId, (await world.join('other')).profile.accountId]
  const limit = createMemoryLimits(world.clock)
  for (let n = 1; n <= NAME_CHANGES.max; n++) {
    assert.ok((await changeProfile(world, limit, own, `이름 ${n}`)).ok, `${n}`)
    assert.ok((await changeProfile(world, limit, own, ` 이름 ${n} `)).ok)
    assert.deepEqual(await changeProfile(world, limit, own, ' '), { ok: false, code: 'text-empty' })
  }
  const before = await world.items(own)
  const refused = await changeProfile(world, limit, own, '하나 더')
  assert.ok(!refused.ok && refused.code === 'rate-limited')
  assert.ok(refused.retryAfterMs! > NAME_CHANGES.windowMs - 60_000 && refused.retryAfterMs! <= NAME_CHANGES.windowMs, `${refused.retryAfterMs} ms`)
  assert.deepEqual(await world.items(own), before)
  assert.ok((await changeProfile(world, limit, other, '다른 사람')).ok, 'others are not held up')
})

test('[D9] a friend renamed while being added is stored under the new name', async (t) => {
  const world = await openAccountsWorld(t)
  const [own, friend] = [(await world.join('own')).profile.accountId, (await world.join('friend')).profile.accountId]
  let names = ['둘째 이름', '셋째 이름']
  const atomic: typeof world.sql.atomic = async (steps) => {
    const [name] = names
    names = names.slice(1)
    if (name !== undefined) assert.ok((await changeProfile(world, createMemoryLimits(world.clock), friend, name)).ok)
    return world.sql.atomic(steps)
  }
  const person = { accountId: friend, handle: 'friend', displayName: '셋째 이름' }
  assert.deepEqual(await addFriend({ ...world, sql: { ...world.sql, atomic } }, own, friend), { ok: true, value: person })
  assert.deepEqual((await world.items(own)).at(-1), { kind: 'friend', key: friend, value: person })
})

test('[O1] the friends of one account are bounded, also with invites and simultaneous requests', async (t) => {
  const world = await openAccountsWorld(t)
  const own = (await world.join('own')).profile.accountId
  const [last, late] = [(await world.join('last')).profile.accountId, (await world.join('late')).profile.accountId]
  const crowd = (sql: string) => ({
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) ${sql}`,
    parameters: [LIMITS.friendsMax - 1],
  })
  const made = await world.sql.atomic([
    crowd(`INSERT INTO accounts (account_key, account_id, handle, display_name, password_hash, role, created_at, password_changed_at)
      SELECT 1000000 + i, 'crowd ' || i, 'crowd' || i, '', '', 'member', 1, 1 FROM n`),
    crowd(`INSERT INTO friends SELECT account_key, 1000000 + i, 1 FROM accounts, n WHERE handle = 'own'`),
  ])
  assert.ok(made.ok)
  const added = await Promise.all([addFriend(world, own, last), addFriend(world, own, late)])
  assert.deepEqual(added.map((answer) => (answer.ok ? 'ok' : answer.code)).toSorted(), ['limit-reached', 'ok'])
  const invite = await createInvite(world, own, { validMs: 60_000, uses: 1 })
  assert.ok(invite.ok)
  const before = await world.items(own)
  const guest = await world.join('guest', invite.value.code)
  assert.deepEqual(await world.items(own), before)
  assert.ok(
    (await world.items(guest.profile.accountId)).some(({ kind, key }) => kind === 'friend' && key === own),
    'the guest has the friend',
  )
  const [count] = await world.sql.read<{ n: number }>({
    sql: "SELECT count(*) AS n FROM friends JOIN accounts USING (account_key) WHERE handle = 'own'",
    parameters: [],
  })
  assert.equal(count?.n, LIMITS.friendsMax)
})
