import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isShut, sortedRooms, totalUnread } from '@bongsu/client'
import type { ConversationId } from '@bongsu/protocol'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, goLive, makeDevice, makeGroup, makePeople, openDirect, signInAgain, textsOf, untilRoom, type TestDevice } from './world.ts'

const listed = ({ handle }: TestDevice, id: ConversationId): boolean => {
  const { replica, outbox } = handle.view()
  return sortedRooms(replica, outbox).some(({ conversationId }) => conversationId === id)
}
const numberBeside = ({ handle }: TestDevice, id: ConversationId, seq: number): number | undefined =>
  handle.view().replica.rooms.get(id)?.unread.get(seq)

test('[B1, B2, B3] a block reaches all devices of one account, shuts what it should, tells the blocked person nothing, and can be taken back', async (t) => {
  const server = await startServerProcess(t)
  const [me, other, third] = await makePeople(server, 3)
  assert.ok(me !== undefined && other !== undefined && third !== undefined)
  const group = await makeGroup(third, '모두', [me, other])
  const devices = [
    makeDevice(server.url, me, { name: 'mine' }),
    makeDevice(server.url, await signInAgain(server.url, me, '둘째'), { name: 'my second' }),
  ]
  const theirs = makeDevice(server.url, other, { name: 'theirs' })
  await goLive(t, [...devices, theirs])
  got(await me.api.call('block', { params: { accountId: other.accountId } }))
  for (const { name, handle } of devices) await waitFor(`${name} to know the block`, () => handle.view().replica.blocked.has(other.accountId))

  // They open a conversation as with everybody, and are accepted there; the number beside stays.
  const direct = await openDirect(other, me)
  await untilRoom(theirs, direct)
  const id = await theirs.handle.send(direct, { kind: 'text', text: '보고 있어?' })
  const outcome = await theirs.handle.settled(id)
  assert.deepEqual(outcome.accepted, true)
  theirs.handle.watch({ conversationId: direct, from: 1, to: null })
  await waitFor('the number', () => numberBeside(theirs, direct, 2) === 1)
  await theirs.handle.settled(await theirs.handle.send(group, { kind: 'text', text: '모두에게' }))
  for (const device of devices) {
    await untilRoom(device, direct)
    await waitFor(`${device.name} to hold the entry`, () => textsOf(device, group).includes('모두에게') && textsOf(device, direct).length === 1)
    const { replica } = device.handle.view()
    const room = replica.rooms.get(direct)
    assert.ok(room !== undefined && isShut(room, replica))
    assert.deepEqual([listed(device, direct), listed(device, group), totalUnread(replica)], [false, true, 0], device.name)
  }
  const mine = devices[0] as TestDevice
  mine.handle.watch({ conversationId: group, from: 1, to: null })
  await waitFor('the watch', () => numberBeside(mine, group, 2) !== undefined)
  theirs.handle.typing(group)
  // They add me to a group with somebody else: the others come in.
  const theirGroup = await makeGroup(other, '그들', [me, third])
  await untilRoom(theirs, theirGroup)
  assert.equal(theirs.handle.view().replica.rooms.get(theirGroup)?.meta.memberCount, 2)
  assert.equal(numberBeside(theirs, direct, 2), 1)
  assert.equal(mine.handle.view().replica.rooms.has(theirGroup), false)
  assert.equal(mine.handle.view().typing.size, 0)

  got(await me.api.call('unblock', { params: { accountId: other.accountId } }))
  for (const device of devices) {
    await waitFor(`${device.name} to have it all back`, () => listed(device, direct) && totalUnread(device.handle.view().replica) === 2)
    assert.deepEqual(textsOf(device, direct), ['보고 있어?'])
  }
})

test('[B4, B5] a conversation of two is left on all devices and comes back with new entries alone; one put aside comes back with news', async (t) => {
  const server = await startServerProcess(t)
  const [me, other] = await makePeople(server, 2)
  assert.ok(me !== undefined && other !== undefined)
  const direct = await openDirect(me, other)
  const away = makeDevice(server.url, await signInAgain(server.url, me, '둘째'), { name: 'away' })
  const [mine, theirs] = [makeDevice(server.url, me, { name: 'mine' }), makeDevice(server.url, other, { name: 'theirs' })]
  await goLive(t, [mine, theirs, away])
  const say = async (device: TestDevice, text: string): Promise<void> =>
    assert.equal((await device.handle.settled(await device.handle.send(direct, { kind: 'text', text }))).accepted, true)
  for (const device of [mine, theirs, away]) await untilRoom(device, direct)
  await say(theirs, '하나')
  for (const device of [mine, away]) await waitFor(`${device.name} to hold it`, () => textsOf(device, direct).length === 1 && listed(device, direct))
  theirs.handle.watch({ conversationId: direct, from: 1, to: null })
  await waitFor('the number', () => numberBeside(theirs, direct, 2) === 1)

  got(await me.api.call('leaveDirect', { params: { accountId: other.accountId }, query: { seq: 2 } }))
  for (const device of [mine, away]) {
    await waitFor(`${device.name} to be rid of it`, () => {
      const room = device.handle.view().replica.rooms.get(direct)
      return !listed(device, direct) && room?.membership.joinedSeq === 3
    })
    await waitFor(`${device.name} to delete it`, async () => (await device.store.readEntries(direct, 1, 2)).length === 0)
  }
  assert.deepEqual([textsOf(theirs, direct), listed(theirs, direct), numberBeside(theirs, direct, 2)], [['하나'], true, 1])
  await say(theirs, '둘')
  for (const device of [mine, away]) {
    await waitFor(`${device.name} to have it back`, () => listed(device, direct))
    assert.deepEqual([textsOf(device, direct), totalUnread(device.handle.view().replica)], [['둘'], 1])
  }
  got(await me.api.call('putAside', { params: { conversationId: direct }, body: { seq: 3 } }))
  for (const device of [mine, away]) await waitFor(`${device.name} to put it aside`, () => !listed(device, direct))
  await say(theirs, '셋')
  for (const device of [mine, away]) await waitFor(`${device.name} to have it back`, () => listed(device, direct))
})
