import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { accept, text } from '../../../../tests/contract/stores.ts'
import { setAside } from './aside.ts'
import { leaveDirect } from './leave-direct.ts'
import { listMembers } from './list-members.ts'

async function talk(t: Parameters<typeof openAccountsWorld>[0]) {
  const world = await openAccountsWorld(t)
  const [one, two, three] = [await world.join('one'), await world.join('two'), await world.join('three')]
  const [me, other, stranger] = [one.profile.accountId, two.profile.accountId, three.profile.accountId]
  const room = randomUUID() as ConversationId
  await world.store.log.openDirect(room, randomUUID() as ClientMessageId, me, other, 1)
  const say = async (author: AccountId, words: string): Promise<number> => (await accept(world.store, text(room, author, words))).seq
  const shown = async (account: AccountId): Promise<readonly unknown[]> => {
    const snapshot = await world.store.resume.snapshot(room, account, 20)
    return [snapshot?.head, snapshot?.joinedSeq, snapshot?.entries.map(({ seq }) => seq), snapshot?.unreadBelow]
  }
  return { world, me, other, stranger, room, say, shown }
}

test('[B4] leaving a conversation of two hides all up to then from the one who left; what comes later brings it back, and the other one sees no change', async (t) => {
  const { world, me, other, stranger, room, say, shown } = await talk(t)
  for (const words of ['하나', '둘']) await say(other, words)
  const before = await world.items(other)
  world.risen.length = 0
  for (let times = 0; times < 2; times++) assert.deepEqual(await leaveDirect(world, me, other, 3), { ok: true, value: {} })
  assert.deepEqual(world.risen, [me], 'once')
  assert.deepEqual((await world.items(me)).at(-1), { kind: 'membership', key: room, value: { conversationId: room, kind: 'direct', joinedSeq: 4 } })
  assert.deepEqual(await shown(me), [3, 4, [], 0])
  assert.deepEqual(await world.items(other), before)
  assert.deepEqual(await shown(other), [3, 1, [1, 2, 3], 0])
  assert.deepEqual(await world.store.receipts.unread(room, 1, 3), [1, 1, 1], 'leaving is not reading')
  const readers = await listMembers(world, other, room, { unreadAt: 3 })
  assert.deepEqual(readers.ok && readers.value.people.map(({ handle }) => handle), ['one'])
  assert.equal(await say(other, '거기 있어?'), 4)
  assert.deepEqual(await shown(me), [4, 4, [4], 0])
  assert.equal(await say(me, '응'), 5)
  assert.deepEqual(await leaveDirect(world, me, stranger, 3), { ok: false, code: 'not-found' })
  assert.deepEqual(await leaveDirect(world, me, me, 3), { ok: false, code: 'not-found' })
})

test('[B4] what is written while the leaving is under way stays, and a place beyond the head is the head', async (t) => {
  const { world, me, other, say, shown } = await talk(t)
  for (const words of ['하나', '둘']) await say(other, words)
  assert.equal((await leaveDirect(world, me, other, 2)).ok, true)
  assert.deepEqual(await shown(me), [3, 3, [3], 0])
  assert.equal((await leaveDirect(world, me, other, 99)).ok, true)
  assert.deepEqual(await shown(me), [3, 4, [], 0])
  assert.equal((await leaveDirect(world, me, other, 1)).ok, true)
  assert.deepEqual(await shown(me), [3, 4, [], 0], 'and never goes back')
})

test('[B5] a member puts a conversation aside and takes it back; nobody else does, or is told', async (t) => {
  const { world, me, other, stranger, room } = await talk(t)
  world.risen.length = 0
  assert.deepEqual(await setAside(world, me, room, { seq: 1 }), { ok: true, value: {} })
  assert.deepEqual((await world.items(me)).at(-1), { kind: 'aside', key: room, value: { seq: 1 } })
  assert.deepEqual(await setAside(world, me, room, null), { ok: true, value: {} })
  assert.deepEqual((await world.items(me)).at(-1), { kind: 'aside', key: room, value: null })
  assert.deepEqual(world.risen, [me, me])
  const refused = await setAside(world, stranger, room, { seq: 1 })
  assert.deepEqual(refused, { ok: false, code: 'not-a-member' })
  assert.deepEqual(await setAside(world, me, randomUUID() as ConversationId, { seq: 1 }), refused)
  assert.equal(
    (await world.items(stranger)).some(({ kind }) => kind === 'aside'),
    false,
  )
  assert.equal(
    (await world.items(other)).some(({ kind }) => kind === 'aside'),
    false,
  )
})
