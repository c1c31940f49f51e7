import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import { createWorld } from '../fakes/device.ts'
import { SMALL } from '../fakes/server.ts'
import { isShut, lastEntry, reactionsOf, roomTitle, sortedRooms, totalUnread, unreadCount } from './select.ts'
import { stateOf, type Room } from './state.ts'

test('[B3] nothing of a blocked person is counted or shown in lists, and all of it is back after unblocking, as after a fresh load [D5]', async () => {
  const world = createWorld(1)
  const { server, clock, device, me, other, third } = world
  const [group, direct] = [server.addConversation('group', [me, other, third]), server.addConversation('direct', [other, me])]
  // More than a reset brings, so that the server counts some of them.
  for (let count = 0; count < SMALL.tail + 3; count++) for (const author of [third, other]) server.say(author, group, `${count}`)
  server.say(other, direct, '둘만의 말')
  const about = server.conversations.get(group)?.log[5] ?? assert.fail()
  for (const author of [other, third])
    server.set(author, {
      id: server.newId(),
      conversationId: group,
      seq: about.seq,
      subject: about.id,
      act: { kind: 'reaction', value: { emoji: '👍' } },
    })
  await device.start()
  await clock.pass(1_000)
  await device.loadOlder(group, 100)
  const roomOf = (id: ConversationId): Room => device.view().replica.rooms.get(id) ?? assert.fail()
  function shown(): object {
    const { replica } = device.view()
    const [room, shut] = [roomOf(group), roomOf(direct)]
    const reactions = room.entries.flatMap((entry) => reactionsOf(entry, me, replica.blocked))
    return {
      unread: [unreadCount(room, replica), unreadCount(shut, replica), totalUnread(replica)],
      last: lastEntry(room, replica)?.author,
      list: sortedRooms(replica, []).map(({ conversationId }) => conversationId),
      isShut: [isShut(room, replica), isShut(shut, replica)],
      title: roomTitle(room, replica),
      reactions: reactions.flatMap(({ accounts }) => accounts),
    }
  }
  const all = 2 * (SMALL.tail + 3)
  const before = {
    unread: [all, 1, all + 1],
    last: other,
    list: [direct, group],
    isShut: [false, false],
    title: 'other, third',
    reactions: [other, third],
  }
  const during = { unread: [all / 2, 0, all / 2], last: third, list: [group], isShut: [false, true], title: 'third', reactions: [third] }
  assert.deepEqual(shown(), before)
  server.block(me, other, true)
  await clock.pass(1_000)
  assert.deepEqual(shown(), during)
  assert.deepEqual(
    [...device.view().replica.blocked.values()].map(({ handle }) => handle),
    ['other'],
  )
  // The room cut to its tail, stored, and read again says the same.
  device.closeRoom(group)
  await clock.pass(1_000)
  assert.deepEqual(unreadCount(roomOf(group), device.view().replica), all / 2)
  server.block(me, other, false)
  await clock.pass(1_000)
  await device.loadOlder(group, 100)
  assert.deepEqual(shown(), before)
})

test('[B3] typing of a blocked person is not shown', async () => {
  const { server, clock, device, me, other } = createWorld(1)
  const room = server.addConversation('group', [me, other])
  await device.start()
  await clock.pass(1_000)
  const types = async (): Promise<number> => {
    for (const link of server.links) link.push({ t: 'typing', conversationId: room, accountId: other })
    await clock.pass(100)
    return device.view().typing.size
  }
  server.block(me, other, true)
  await clock.pass(1_000)
  assert.equal(await types(), 0)
  server.block(me, other, false)
  await clock.pass(1_000)
  assert.equal(await types(), 1)
})

test('[B3] a store written by a version that did not know blocks reads the account log from the beginning', () => {
  const { blocked: _, ...old } = { ...stateOf({}), account: 7 }
  assert.equal(stateOf(old).account, 0)
  assert.equal(stateOf({ ...old, blocked: new Map() }).account, 7)
})
