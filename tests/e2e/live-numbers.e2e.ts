import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { openRaw } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { untilOver } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, signInAgain, untilLive, untilRoom, type Person, type TestDevice } from './world.ts'

// What is shown while it happens: unread numbers, who is writing, devices that are sent away.

const all = untilOver()
let server: ServerProcess
let people: readonly [Person, Person, Person, Person]

before(async () => {
  server = await startServerProcess(all, { env: { BONGSU_HEARTBEAT_MS: '1000', BONGSU_FRAMES_PER_SECOND: '5000', BONGSU_FRAMES_BURST: '5000' } })
  people = (await makePeople(server, 4)) as unknown as typeof people
})

async function inRoom(
  t: { after(run: () => Promise<void>): void },
  room: ConversationId,
  members: readonly Person[],
): Promise<readonly TestDevice[]> {
  const devices = members.map((person) => makeDevice(server.url, person))
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, room)
  return devices
}

function unreadOf(device: TestDevice, room: ConversationId, seq: number): number | undefined {
  return device.handle.view().replica.rooms.get(room)?.unread.get(seq)
}

async function say(device: TestDevice, room: ConversationId, text: string): Promise<number> {
  const id = await device.handle.send(room, { kind: 'text', text })
  const outcome = await device.handle.settled(id)
  assert.ok(outcome.accepted)
  return outcome.seq
}

test('[R1-R4] the unread number falls from 3 to 0 as members read, on all devices, and a mark neither falls nor passes the head', async (t) => {
  const room = await makeGroup(people[0], '숫자', people.slice(1))
  const devices = await inRoom(t, room, people)
  const [author, second, third, fourth] = devices as [TestDevice, TestDevice, TestDevice, TestDevice]
  for (const device of devices) device.handle.watch({ conversationId: room, from: 1, to: null })
  const seq = await say(author, room, '읽어 주세요')
  const everybodySees = async (number: number): Promise<void> => {
    for (const device of devices)
      await waitFor(
        () => `${device.name} to see ${number}; it sees ${unreadOf(device, room, seq)}`,
        () => unreadOf(device, room, seq) === number,
      )
  }
  await everybodySees(3)
  second.handle.markRead(room, seq)
  await everybodySees(2)
  // Far beyond the head, by a socket that does not mind its client's bounds.
  const raw = await openRaw(t, server.url, (await signInAgain(server.url, people[2], '앞서가는 기기')).token)
  await raw.next('caught-up')
  raw.say({ t: 'read', conversationId: room, seq: 999_999 })
  await everybodySees(1)
  const mark = await raw.next('account', (frame) => frame.items.some((item) => item.kind === 'read' && item.key === room))
  assert.deepEqual(mark.items.find((item) => item.kind === 'read')?.value, { seq }, 'the mark stops at the head')
  raw.say({ t: 'read', conversationId: room, seq: 1 })
  fourth.handle.markRead(room, seq)
  await everybodySees(0)
  // Both devices of the third agree, the one that did nothing too.
  await waitFor('the other device of the third', () => third.handle.view().replica.rooms.get(room)?.readSeq === seq)
  const next = await say(author, room, '하나 더')
  for (const device of devices) await waitFor('the new number', () => unreadOf(device, room, next) === 3)
  // Who leaves is no longer counted.
  await fourth.handle.send(room, { kind: 'left' })
  for (const device of [author, second, third]) await waitFor('the number without who left', () => unreadOf(device, room, next) === 2)
})

test('[R3] marks set while the server is dead are told when it is back, and agree on all devices', async (t) => {
  const room = await makeGroup(people[0], '', [people[1]])
  const [author, reader] = (await inRoom(t, room, people.slice(0, 2))) as [TestDevice, TestDevice]
  const elsewhere = makeDevice(server.url, await signInAgain(server.url, people[1], '다른 기기'), { hasty: true })
  await goLive(t, [elsewhere])
  const seq = await say(author, room, '죽기 전에')
  await waitFor('the message', () => reader.handle.view().replica.rooms.get(room)?.cursor === seq)
  await server.kill()
  await waitFor('the end', () => reader.handle.view().connection.state !== 'live')
  reader.handle.markRead(room, seq)
  await server.start()
  for (const device of [author, reader, elsewhere]) device.handle.wake()
  await untilLive(reader)
  await waitFor('the mark on the other device', () => elsewhere.handle.view().replica.rooms.get(room)?.readSeq === seq)
})

test('[O2] who is writing is shown to those who have the room open, to nobody else, and is never stored', async (t) => {
  const room = await makeGroup(people[0], '', people.slice(1, 3))
  const [writer, watcher, elsewhere] = (await inRoom(t, room, people.slice(0, 3))) as [TestDevice, TestDevice, TestDevice]
  watcher.handle.watch({ conversationId: room, from: 1, to: null })
  await waitFor('the numbers, which tell that the watch has begun', () => watcher.tap.heard.has('unread'))
  // A server that has too much to do gives up signs first; whoever goes on writing gives another one.
  await waitFor(
    'the sign',
    () => {
      writer.handle.typing(room)
      return watcher.handle.view().typing.get(room)?.includes(people[0].accountId)
    },
    { withinMs: 30_000 },
  )
  assert.equal(elsewhere.tap.heard.get('typing'), undefined)
  assert.equal(writer.tap.heard.get('typing'), undefined)
  // An entry says more than a sign of writing.
  await say(writer, room, '다 썼다')
  await waitFor('the sign to go', () => watcher.handle.view().typing.get(room) === undefined)
  const late = await openRaw(t, server.url, (await signInAgain(server.url, people[1], '늦은 기기')).token)
  await late.next('caught-up')
  assert.ok(!late.frames.some((frame) => frame.t === 'typing'))
})

test('[W4, C10, D9] a revoked device is cut at once with 4103 and stays out after a restart; the others see it go', async (t) => {
  const lost = makeDevice(server.url, await signInAgain(server.url, people[0], '잃은 기기'), { name: 'lost' })
  const kept = makeDevice(server.url, people[0])
  await goLive(t, [lost, kept])
  await waitFor('the list of devices', () => kept.handle.view().replica.devices.has(lost.deviceId))
  const revokedAt = performance.now()
  got(await people[0].api.call('revokeDevice', { params: { deviceId: lost.deviceId } }))
  await waitFor('the device to be out', () => lost.handle.view().connection.state === 'signed-out')
  assert.ok(performance.now() - revokedAt < 2_000)
  assert.equal(lost.tap.closed.at(-1), 4_103)
  await waitFor('the list without it', () => !kept.handle.view().replica.devices.has(lost.deviceId))
  await server.kill()
  await server.start()
  const raw = await openRaw(t, server.url, lost.token)
  assert.equal(await raw.closed(), 4_103)
  kept.handle.wake()
  await untilLive(kept)
})

test('[M2] the same message from two devices of one account at the same time is one entry', async (t) => {
  const room = await makeGroup(people[0], '', [people[1]])
  const sockets = [
    await openRaw(t, server.url, people[0].token),
    await openRaw(t, server.url, (await signInAgain(server.url, people[0], '둘째')).token),
  ]
  for (const raw of sockets) await raw.next('caught-up')
  for (let count = 0; count < 50; count++) {
    const id = randomUUID() as ClientMessageId
    for (const raw of sockets) raw.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: '같은 말' } })
    const answers = await Promise.all(sockets.map((raw) => raw.next('accepted', (frame) => frame.id === id)))
    assert.deepEqual(answers[0], answers[1])
    assert.equal(answers[0]?.seq, count + 2)
  }
})
